"""Documents in the form in which a segment stores them, in columns: what is appended to a segment at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.kernels import kernel


@dataclass(frozen=True, slots=True, eq=False)
class StoredDocuments:
    """Some documents, in order.

    Attributes:
        records: the line of each (`encode_record`).
        id_hashes: uint64 (n), of the ids.
        content_hashes: uint64 (n, 2), of the texts.
        values: uint16 or uint32, the stored tokens (new id + 1) of each, followed by a separator (0).
        starts: int64 (n + 1), where each begins in `values`; the last is its length.
        stored: bool (n), whether the text stands in the record.
        from_text: whether the tokens are those that the index's tokenizer gives the texts.
    """

    records: Sequence[bytes]
    id_hashes: NDArray[np.uint64]
    content_hashes: NDArray[np.uint64]
    values: NDArray[Any]
    starts: NDArray[np.int64]
    stored: NDArray[np.bool_]
    from_text: bool

    def __len__(self) -> int:
        return len(self.records)


def stored_tokens(
    new_ids: NDArray[np.uint32], starts: NDArray[np.int64], token_bytes: int
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The tokens of documents as they are stored, and where each document begins.

    `starts`: where each begins in `new_ids`, and its length.
    """
    values = np.empty(len(new_ids) + len(starts) - 1, f"<u{token_bytes}")
    _separate(new_ids, starts, values)
    return values, starts + np.arange(len(starts))


@kernel
def _separate(new_ids: NDArray[np.uint32], starts: NDArray[np.int64], values: NDArray[Any]) -> None:
    filled = 0
    for document in range(starts.size - 1):
        for place in range(starts[document], starts[document + 1]):
            values[filled] = new_ids[place] + 1
            filled += 1
        values[filled] = 0
        filled += 1
