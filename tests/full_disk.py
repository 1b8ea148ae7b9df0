"""Run on a small disk, in its folder: fills the disk with traces, frees some of it, and sees whether all goes on."""

from __future__ import annotations

import sys
from pathlib import Path

from killed_writer import SPANS, request
from sqlalchemy import func, select

from wherefrom.errors import StoreUnavailableError
from wherefrom.traces.ingesting import ingest
from wherefrom.traces.schema import spans
from wherefrom.traces.store import TraceStore


def main(folder: Path) -> None:
    """Print what happened; fails where a promise was broken."""
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(1 << 20))
    store = TraceStore.open(folder / "store")

    def store_request(number: int) -> None:
        store.write(lambda connection: ingest(connection, request(number), number)).result(timeout=60)

    number = 1
    while True:
        try:
            store_request(number)
        except StoreUnavailableError as error:
            print(error)
            break
        number += 2
    for _ in range(3):
        try:
            store_request(number)
        except StoreUnavailableError:
            continue
        raise AssertionError("stored on a full disk")
    ballast.unlink()
    store_request(number)
    number += 2
    count = store.read(lambda connection: connection.execute(select(func.count()).select_from(spans)).scalar_one())
    assert count == number // 2 * SPANS, (count, number)
    store.close()
    print("recovered")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
