from __future__ import annotations

import datasets
import numpy as np
import pytest

from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.sources import Document, SourceOptions, open_source

RECORDS = [{"id": 1, "text": "one", "year": np.int64(7)}, {"id": "two", "text": "two", "list": np.array([1.5])}]


def test_a_list_of_dicts_can_be_read_again() -> None:
    source = open_source(RECORDS, SourceOptions(id_field="id"))
    expected = [
        Document("1", "one", {"year": 7}, "records:record 0"),
        Document("two", "two", {"list": [1.5]}, "records:record 1"),
    ]
    assert list(source.documents()) == list(source.documents()) == expected
    assert list(source.documents(1)) == expected[1:]
    assert source.total_bytes is None
    assert source.bytes_read == 0


def test_strings_are_texts() -> None:
    documents = list(open_source(["one", "zw\ud800ei"], SourceOptions(text_field="body")).documents())
    assert [document.text for document in documents if isinstance(document, Document)] == ["one", "zw\ufffdei"]
    assert documents[1].id == "records:1"


def test_an_iterator_is_read_once() -> None:
    source = open_source(record for record in RECORDS)
    assert len(list(source.documents())) == 2
    with pytest.raises(SourceError, match="is an iterator and was read already"):
        list(source.documents())


def test_a_dataset_object() -> None:
    dataset = datasets.Dataset.from_list([{"text": "one", "n": 1}, {"text": "two", "n": 2}])
    source = open_source(dataset)
    assert [document.metadata for document in source.documents()] == [{"n": 1}, {"n": 2}]
    assert open_source(dataset).fingerprint() == source.fingerprint()
    assert open_source(RECORDS).fingerprint() != open_source(RECORDS).fingerprint()


def test_records_of_another_kind_are_refused() -> None:
    with pytest.raises(SourceError, match="records:record 1: a mapping or a string is expected, not a int"):
        list(open_source(["one", 2]).documents())
    source = open_source(["one", 2, b"bytes"], SourceOptions(on_error="skip"))
    assert len(list(source.documents())) == 1
    assert source.skipped_count == 2


@pytest.mark.parametrize("spec", [7, None, b"bytes", {"text": "one record"}])
def test_objects_that_are_no_source(spec: object) -> None:
    with pytest.raises(SourceError, match="is no source: give a path or an iterable"):
        open_source(spec)
