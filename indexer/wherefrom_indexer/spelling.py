"""From a token as a tokenizer's file writes it to the bytes of text it stands for.

Byte-level vocabularies write a byte as one of 256 printable characters, SentencePiece writes a space as `▁` and a lone
byte as `<0xNN>`, WordPiece marks what continues a word with `##`. Which of them holds is told by the tokenizer's
decoder, or, where it has none, by its pre-tokenizer and model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Spell = Callable[[str], bytes]
"""The bytes of a token of the model; added tokens are spelled as they are written."""

_BYTE_TOKEN = re.compile(r"<0x([0-9A-Fa-f]{2})>")
_METASPACE = "▁"


def byte_alphabet() -> dict[str, int]:
    """Return the characters by which byte-level vocabularies write the 256 bytes, each with its byte."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    alphabet = {chr(byte): byte for byte in printable}
    others = (byte for byte in range(256) if chr(byte) not in alphabet)
    return alphabet | {chr(0x100 + place): byte for place, byte in enumerate(others)}


def is_byte_level(definition: dict[str, Any]) -> bool:
    """Whether the tokens of a tokenizer.json (parsed) are written in the byte alphabet."""
    return speller(definition) is _spell_byte_level


def spell_all(definition: dict[str, Any], tokens: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the bytes of tokens of the model, one after another, and how many each has."""
    spell = speller(definition)
    if spell is _spell_byte_level:
        # All at once, as nearly always every character is of the alphabet: a tenth of the time.
        units = np.frombuffer("".join(tokens).encode("utf-16-le", "surrogatepass"), np.uint16)
        spelled = _BYTE_OF_UNIT[np.minimum(units, len(_BYTE_OF_UNIT) - 1)]
        if (spelled >= 0).all():
            return spelled.astype(np.uint8), np.fromiter(map(len, tokens), np.int64, len(tokens))
    spellings = list(map(spell, tokens))
    lengths = np.fromiter(map(len, spellings), np.int64, len(spellings))
    return np.frombuffer(b"".join(spellings), np.uint8), lengths


def speller(definition: dict[str, Any]) -> Spell:
    """Return the function that spells the tokens of a tokenizer.json (parsed)."""
    steps = _parts(definition.get("decoder"), "decoders") or _steps_without_decoder(definition)
    if any(step["type"] == "ByteLevel" for step in steps):
        return _spell_byte_level
    replacements = _replacements(steps)
    has_bytes = any(step["type"] == "ByteFallback" for step in steps) or bool(definition["model"].get("byte_fallback"))
    continuing = next((step["prefix"] for step in steps if step["type"] == "WordPiece"), None)

    def spell(token: str) -> bytes:
        byte = _BYTE_TOKEN.fullmatch(token) if has_bytes else None
        if byte:
            return bytes([int(byte[1], 16)])
        if continuing is not None:
            token = token[len(continuing) :] if continuing and token.startswith(continuing) else " " + token
        for old, new in replacements:
            token = token.replace(old, new)
        return token.encode("utf-8", errors="replace")

    return spell


# Code points below 256 that are not in the alphabet must not pass for the byte of their number.
_BYTE_OF = dict.fromkeys(range(256), 0x100) | {ord(character): byte for character, byte in byte_alphabet().items()}

# The same by UTF-16 unit, -1 for what is not in the alphabet.
_BYTE_OF_UNIT = np.full(0x200, -1, np.int16)
_BYTE_OF_UNIT[[ord(character) for character in byte_alphabet()]] = list(byte_alphabet().values())


def _spell_byte_level(token: str) -> bytes:
    try:
        return token.translate(_BYTE_OF).encode("latin-1")
    except UnicodeEncodeError:
        # Like the decoder of `tokenizers`: a token that is not written in the alphabet stands for itself.
        return token.encode("utf-8", errors="replace")


def _replacements(steps: list[dict[str, Any]]) -> list[tuple[str, str]]:
    replacements = []
    for step in steps:
        if step["type"] == "Metaspace":
            replacements.append((step.get("replacement", _METASPACE), " "))
        elif step["type"] == "Replace" and "String" in step["pattern"]:
            replacements.append((step["pattern"]["String"], step["content"]))
        elif step["type"] == "BPEDecoder" and step.get("suffix"):
            replacements.append((step["suffix"], " "))
    return replacements


def _steps_without_decoder(definition: dict[str, Any]) -> list[dict[str, Any]]:
    steps = [
        part
        for part in _parts(definition.get("pre_tokenizer"), "pretokenizers")
        if part["type"] in ("ByteLevel", "Metaspace")
    ]
    if steps:
        return steps
    model = definition["model"]
    if model.get("type") == "WordPiece":
        return [{"type": "WordPiece", "prefix": model.get("continuing_subword_prefix", "##")}]
    if model.get("type") == "WordLevel":
        # Words stand apart: without a decoder `tokenizers` joins them with spaces.
        return [{"type": "WordPiece", "prefix": ""}]
    return [{"type": "BPEDecoder", "suffix": model.get("end_of_word_suffix")}]


def _parts(part: dict[str, Any] | None, key: str) -> list[dict[str, Any]]:
    """Return a normalizer, pre-tokenizer or decoder as the list of its steps."""
    if part is None:
        return []
    if part["type"] == "Sequence":
        return [step for inner in part[key] for step in _parts(inner, key)]
    return [part]
