"""One search process as the service sees it: started, told what to do, listened to, ended."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from typing import Any

from wherefrom.pool.messages import Unpacker, pack
from wherefrom.pool.task import Task

_PIECE = 1 << 18
_REAPED_S = 2.0


class Worker:
    """A search process. It has at most one message to answer at a time.

    Its methods never block: what the socket does not take at once is sent by `flush`, when it is writable. Whoever uses
    it holds the pool's lock.

    Attributes:
        task: what it works on; None also while it prepares.
        opened: the registry's number of changes when it was last told to open the indexes.
        preparing: whether it is at that; it is not given a task meanwhile.
        is_prepared: whether it was done with that once.
        lacking: numbers of the openings that it could not open.
    """

    def __init__(self) -> None:
        """Start a process."""
        ours, theirs = socket.socketpair()
        with theirs:
            # -P: the working folder is the user's, and no place to import from.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "wherefrom.pool.process", str(theirs.fileno()), json.dumps(sys.path)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                process_group=0,  # Ctrl-C is for the service, which ends its processes in order
            )
        ours.setblocking(False)
        self.socket = ours
        self._unpacker = Unpacker()
        self._outgoing = b""
        self.task: Task | None = None
        self.opened = -1
        self.preparing = False
        self.is_prepared = False
        self.lacking: frozenset[int] = frozenset()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def idle(self) -> bool:
        """Whether it waits for work."""
        return self.task is None and not self.preparing and self.is_prepared

    @property
    def sending(self) -> bool:
        """Whether something remains to be sent."""
        return bool(self._outgoing)

    def send(self, message: Any) -> None:
        """Send a message, as far as the socket takes it. That the process is gone shows when it is listened to."""
        self._outgoing = pack(message)
        self.flush()

    def flush(self) -> None:
        """Send what remains, as far as the socket takes it."""
        try:
            sent = self.socket.send(self._outgoing)
        except BlockingIOError:
            return
        except OSError:
            self._outgoing = b""
            return
        self._outgoing = self._outgoing[sent:]

    def receive(self) -> Any | None:
        """The message that has now arrived whole, or None.

        Raises:
            EOFError: the process is gone.
        """
        try:
            data = self.socket.recv(_PIECE)
        except BlockingIOError:
            return None
        except OSError as error:
            raise EOFError from error
        if not data:
            raise EOFError
        return self._unpacker.feed(data)

    def end(self) -> str:
        """End the process, whatever it does, and say how it ended."""
        self.socket.close()
        self._process.kill()
        try:
            status = self._process.wait(_REAPED_S)
        except subprocess.TimeoutExpired:  # it waits for a disk; it will be gone when that answers
            return "SIGKILL"
        if status >= 0:
            return f"exit code {status}"
        try:
            return signal.Signals(-status).name
        except ValueError:
            return f"signal {-status}"
