"""tiktoken as a peer, with the vocabulary of a tokenizer.json: its ranks are the order of the merges."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import tiktoken

# The patterns as tiktoken itself writes them, tuned for its engine; another is taken as it stands in the definition.
_TUNED = {
    "gpt2": r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s""",
    "llama3": r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"""
    r"""|\s++$|\s*[\r\n]|\s+(?!\S)|\s""",
}


@dataclass(frozen=True, slots=True)
class Peer:
    """An encoding, and the ids that the ranks of its tokens have in the tokenizer.json."""

    encoding: tiktoken.Encoding
    id_of_rank: Sequence[int]

    def ids(self, text: str) -> list[int]:
        return [self.id_of_rank[rank] for rank in self.encoding.encode_ordinary(text)]


def peer_of(name: str, definition: str) -> Peer:
    """Express a byte-level BPE definition with one pattern."""
    parsed = json.loads(definition)
    vocabulary: dict[str, int] = parsed["model"]["vocab"]
    pairs = (pair.split(" ", 1) if isinstance(pair, str) else pair for pair in parsed["model"]["merges"])
    byte_of = _bytes_by_character()
    spelled = dict.fromkeys(chain(byte_of, ("".join(pair) for pair in pairs)))  # in the order of ranks
    tokens = [token for token in spelled if token in vocabulary]
    ranks = {bytes(byte_of[character] for character in token): rank for rank, token in enumerate(tokens)}
    pattern = _TUNED.get(name) or _pattern(parsed["pre_tokenizer"])
    encoding = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    return Peer(encoding, [vocabulary[token] for token in tokens])


def _pattern(pre_tokenizer: dict[str, object]) -> str:
    parts = pre_tokenizer["pretokenizers"]
    assert isinstance(parts, list)
    return str(parts[0]["pattern"]["Regex"])


def _bytes_by_character() -> dict[str, int]:
    """The characters by which byte-level definitions write bytes."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + place): byte for place, byte in enumerate(others)}
