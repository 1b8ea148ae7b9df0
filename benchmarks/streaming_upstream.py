"""A stand-in for a model's API that streams: the first words after a time, then some at a steady pace, by the clock."""

from __future__ import annotations

import asyncio
import sys

FIRST_S = 0.2
EVERY_S = 0.02
EVENTS = 100

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
EVENT = (
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1750000000,"model":"gpt-4o-mini",'
    b'"choices":[{"index":0,"delta":{"content":" words of some length"},"logprobs":null,"finish_reason":null}]}\n\n'
)
LAST = b"data: [DONE]\n\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    clock = asyncio.get_running_loop().time
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = next(
                int(line.partition(b":")[2])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            )
            await reader.readexactly(length)
            due = clock() + FIRST_S
            await asyncio.sleep(due - clock())
            writer.write(HEAD + chunk(EVENT))
            for _ in range(EVENTS - 1):
                due += EVERY_S
                await asyncio.sleep(max(0.0, due - clock()))
                writer.write(chunk(EVENT))
                await writer.drain()
            writer.write(chunk(LAST) + b"0\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
