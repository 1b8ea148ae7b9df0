"""Ids are unique in an index: what happens to a document whose id is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.encoding import EncodedBatch
from wherefrom_indexer.errors import DuplicateIdError, UsageError
from wherefrom_indexer.segment import Segment
from wherefrom_indexer.segment_writer import SegmentWriter
from wherefrom_indexer.sources import Skipped, SkipReport

OnDuplicateId = Literal["error", "skip", "replace"]


def check_policy(policy: str) -> None:
    """UsageError where there is no such policy."""
    if policy not in get_args(OnDuplicateId):
        raise UsageError(f"on_duplicate_id is {policy!r}: it can be {', '.join(get_args(OnDuplicateId))}.")


class Identities:
    """Decides about the documents of one part: `admits` is asked for each in doubt, before it is appended.

    Memory: one byte for each document of a segment in which anything is replaced.

    Attributes:
        passed_over: how many were not admitted.
    """

    def __init__(
        self,
        policy: OnDuplicateId,
        writer: SegmentWriter,
        segments: Sequence[Segment],
        replaced: Callable[[str], NDArray[np.uint32]],
        on_skip: SkipReport,
    ) -> None:
        """`segments`: those before this part; `replaced(name)`: ordinals of them that earlier parts replace."""
        self.passed_over = 0
        self._policy = policy
        self._writer = writer
        self._segments = segments
        self._on_skip = on_skip
        earlier = {segment: replaced(segment.name) for segment in segments}
        self._gone = {segment.name: _marks(segment, ordinals) for segment, ordinals in earlier.items() if len(ordinals)}
        self._newly_gone: dict[str, bytearray] = {}
        self._gone_here = bytearray()

    def in_doubt(self, id_hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Which of the next documents, given by the hashes of their ids, may have an id that is taken, ascending.

        The others are to be appended without asking.
        """
        doubt = self._writer.holds_id_hashes(id_hashes)
        order = np.argsort(id_hashes, kind="stable")
        doubt[order[1:]] |= id_hashes[order[1:]] == id_hashes[order[:-1]]
        for segment in self._segments:
            doubt |= _among(id_hashes, segment.id_hashes)
        return np.flatnonzero(doubt)

    def admits(self, batch: EncodedBatch, index: int) -> bool:
        """Whether the document is to be appended; marks the one that it replaces."""
        self._gone_here.extend(bytes(self._writer.n_documents + 1 - len(self._gone_here)))
        identifier, location = batch.ids[index], batch.locations[index]
        holder = self._holder(identifier, int(batch.documents.id_hashes[index]))
        if holder is None:
            return True
        if self._policy == "error":
            raise DuplicateIdError(
                f"{location}: a document with the id {identifier!r} is already in the index; "
                "remove it, say which field holds ids (id_field), or whether to skip or to replace such documents "
                "(on_duplicate_id)."
            )
        if self._policy == "skip":
            self.passed_over += 1
            self._on_skip(Skipped(location, f"the id {identifier!r} is already in the index"))
            return False
        self._replace(*holder)
        return True

    def replaced(self, own_name: str) -> dict[str, NDArray[np.uint32]]:
        """By segment, the ordinals that documents of this part replace; `own_name` is this part's own segment."""
        marked = {**self._newly_gone, own_name: self._gone_here}
        ordinals = {name: np.flatnonzero(np.frombuffer(marks, np.uint8)) for name, marks in marked.items()}
        return {name: found.astype(np.uint32) for name, found in ordinals.items() if len(found)}

    def _holder(self, identifier: str, id_hash: int) -> tuple[Segment | None, int] | None:
        # Records are read last: an id that is replaced again and again has many, and all but one are gone.
        for ordinal in self._writer.with_id_hash(id_hash):
            if not self._gone_here[ordinal] and self._writer.id_of(ordinal) == identifier:
                return None, ordinal
        for segment in self._segments:
            for ordinal in segment.with_id_hash(id_hash):
                live = segment.is_live(ordinal) and not self._is_gone(segment.name, ordinal)
                if live and segment.record(ordinal).id == identifier:
                    return segment, ordinal
        return None

    def _replace(self, segment: Segment | None, ordinal: int) -> None:
        if segment is None:
            self._gone_here[ordinal] = 1
            return
        if segment.name not in self._newly_gone:
            self._newly_gone[segment.name] = bytearray(segment.n_documents)
        self._newly_gone[segment.name][ordinal] = 1

    def _is_gone(self, name: str, ordinal: int) -> bool:
        return any(name in marks and marks[name][ordinal] for marks in (self._gone, self._newly_gone))


def _marks(segment: Segment, ordinals: NDArray[np.uint32]) -> bytearray:
    marks = np.zeros(segment.n_documents, np.uint8)
    marks[ordinals] = 1
    return bytearray(marks.data)


def _among(wanted: NDArray[np.uint64], ascending: NDArray[np.uint64]) -> NDArray[np.bool_]:
    places = np.searchsorted(ascending, wanted)
    inside = places < len(ascending)
    return inside & (ascending[np.where(inside, places, 0)] == wanted) if len(ascending) else inside
