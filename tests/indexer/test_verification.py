from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherefrom_indexer import Index, add_documents, build_index
from wherefrom_indexer.errors import IndexNotFoundError
from wherefrom_indexer.files import operation_hook
from wherefrom_indexer.manifest import VERIFIED
from wherefrom_indexer.verification import Verification, read_verification, verify_and_note


@pytest.fixture
def index(tmp_path: Path) -> Path:
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text('{"id": "one", "text": "Four score and seven years ago."}\n')
    build_index([str(corpus)], tmp_path / "own.index", id_field="id")
    return tmp_path / "own.index"


def test_an_index_that_was_never_verified_has_no_note(index):
    assert read_verification(index) is None


def test_a_whole_index_is_noted_with_its_version(index):
    verified = verify_and_note(index)
    assert verified.findings == []
    note = read_verification(index)
    assert note is not None
    assert note == verified.note
    assert (note.version, note.findings) == (Index.open(index).version, 0)
    assert datetime.fromisoformat(note.time).utcoffset() is not None


def test_damage_is_noted(index):
    victim = next(index.glob("segments/*/records.bin"))
    victim.write_bytes(victim.read_bytes()[:-1] + b"\0")
    verified = verify_and_note(index)
    assert verified.findings
    assert read_verification(index).findings == len(verified.findings)


def test_a_note_outlives_its_version(index):
    before = verify_and_note(index).note
    more = index.parent / "more.jsonl"
    more.write_text('{"id": "two", "text": "Something new under the sun."}\n')
    add_documents([str(more)], index, id_field="id")
    assert read_verification(index) == before
    assert before.version != Index.open(index).version
    assert verify_and_note(index).note.version == Index.open(index).version


def test_a_folder_that_cannot_be_written_is_verified_all_the_same(index):
    def refuse(operation: str, path: Path) -> None:
        if path.name.startswith(VERIFIED):
            raise PermissionError(13, "Permission denied")

    with operation_hook(refuse):
        verified = verify_and_note(index)
    assert (verified.findings, verified.note) == ([], None)
    assert read_verification(index) is None


def test_an_unreadable_manifest_is_a_finding_without_a_note(index):
    (index / "manifest.json").write_text("{}")
    verified = verify_and_note(index)
    assert [finding.path for finding in verified.findings] == ["manifest.json"]
    assert verified.note is None


def test_without_an_index_there_is_nothing_to_verify(tmp_path):
    with pytest.raises(IndexNotFoundError):
        verify_and_note(tmp_path)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner)).map(
            lambda value: json.dumps(value).encode()
        ),
        st.fixed_dictionaries(
            {
                "time": st.one_of(st.text(), st.just("2026-11-01T00:00:00Z"), st.integers()),
                "version": st.one_of(st.text(), st.none()),
                "findings": st.one_of(st.integers(), st.booleans(), st.text()),
            }
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_whatever_stands_in_the_note_harms_nothing(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp() / "note"
    folder.mkdir(exist_ok=True)
    (folder / VERIFIED).write_bytes(data)
    found = read_verification(folder)
    assert found is None or (isinstance(found, Verification) and found.findings >= 0)


def test_deep_nesting_harms_nothing(tmp_path):
    (tmp_path / VERIFIED).write_bytes(b"[" * 100_000)
    assert read_verification(tmp_path) is None


def test_an_index_that_lost_its_manifest_is_replaced_in_spite_of_the_note(index):
    verify_and_note(index)
    (index / "manifest.json").unlink()
    build_index([str(index.parent / "corpus.jsonl")], index, id_field="id", overwrite=True)
    assert verify_and_note(index).findings == []
