"""Make the table of character classes, `indexer/wherefrom_indexer/character_classes.txt`.

Run it as `python data/make_character_classes.py` (seconds). Which class a character is in is asked of the regular
expressions of the installed `tokenizers`, for every code point: Python's own tables are of other versions of Unicode
and would split thousands of characters otherwise. A line says where, in hexadecimal, a run of code points of one class
begins: a general category (L as its five parts, M, N), S for white space, O for all others, and `!` after it for the
scripts that the default tokenizer's pattern keeps alone.
"""

import argparse
import importlib.metadata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, pre_tokenizers

DEFAULT_OUT = Path(__file__).parent.parent / "indexer" / "wherefrom_indexer" / "character_classes.txt"
POINTS = np.array([*range(0xD800), *range(0xE000, 0x110000)])  # no text holds a surrogate
PROBES = {
    "Lu": r"\p{Lu}+",
    "Lt": r"\p{Lt}+",
    "Ll": r"\p{Ll}+",
    "Lm": r"\p{Lm}+",
    "Lo": r"\p{Lo}+",
    "M": r"\p{M}+",
    "N": r"\p{N}+",
    "S": r"\s+",
}
ALONE = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ーｰ]+"  # of make_default_tokenizer.py


def members(probe: str) -> NDArray[np.bool_]:
    """Which of POINTS, one after another in a text, the runs that the expression matches are made of."""
    finder = pre_tokenizers.Split(Regex(probe), behavior="removed", invert=True)
    found = np.zeros(len(POINTS), bool)
    for _, (start, end) in finder.pre_tokenize_str("".join(map(chr, POINTS))):
        found[start:end] = True
    return found


def classes() -> NDArray[np.str_]:
    """The class of every code point."""
    of_points = np.full(len(POINTS), "O", "U3")
    for name, probe in PROBES.items():
        found = members(probe)
        if not (of_points[found] == "O").all():
            raise SystemExit(f"{name} shares characters with another class: the scanner takes them for separate")
        of_points[found] = name
    if (members(r"\p{L}+") != np.char.startswith(of_points, "L")).any():
        raise SystemExit("L is not what its parts are together")
    alone = members(ALONE)
    if (of_points[alone] == "S").any():
        raise SystemExit("A script kept alone holds white space")
    of_points[alone] = np.char.add(of_points[alone], "!")
    every = np.full(0x110000, "O", "U3")
    every[POINTS] = of_points
    return every


def main() -> None:
    """Probe and write the table."""
    parser = argparse.ArgumentParser(description="Make the table of character classes.")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="file to write (default: the shipped one)")
    arguments = parser.parse_args()
    every = classes()
    starts = np.flatnonzero(np.concatenate(([True], every[1:] != every[:-1])))
    lines = [f"{start:X} {every[start]}\n" for start in starts]
    arguments.out.write_text("".join(lines), encoding="ascii")
    print(f"{arguments.out.name}: {len(lines)} runs, tokenizers {importlib.metadata.version('tokenizers')}")


if __name__ == "__main__":
    main()
