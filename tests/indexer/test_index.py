"""Building, changing and opening indexes: what stands in them is what went in."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from collections import Counter
from pathlib import Path

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_indexes import (
    Faults,
    Killed,
    contents,
    files_in,
    lossy_tokenizer,
    named_files,
    records,
    small_tokenizer,
)

from wherefrom_indexer import (
    Index,
    Progress,
    add_documents,
    build_index,
    compact_index,
    remove_documents,
    verify_index,
)
from wherefrom_indexer.errors import (
    DocumentNotFoundError,
    DuplicateIdError,
    IndexBusyError,
    IndexDamagedError,
    IndexFormatError,
    IndexNotFoundError,
    MemoryBudgetError,
    SourceError,
    UsageError,
)
from wherefrom_indexer.files import checksum_of, operation_hook
from wherefrom_indexer.lock import writer_lock
from wherefrom_indexer.manifest import canonical
from wherefrom_indexer.segment import Segment
from wherefrom_indexer.sources import SourceOptions


@pytest.fixture(autouse=True)
def no_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def build(folder: Path, texts: dict[str, str], **options: object) -> Index:
    given: dict[str, object] = {"id_field": "id", "tokenizer": small_tokenizer(), **options}
    return build_index(records(texts), folder, **given)  # type: ignore[arg-type]


def check_segment(segment: Segment) -> None:
    """Suffixes, removal bitmap, statistics and character offsets of a small segment against brute force."""
    tokens = segment.tokens.tolist()
    suffixes = naive.suffix_array(tokens)
    assert segment.suffixes.tolist() == suffixes
    for value in range(len(segment.first_token) - 1):
        ranks = slice(int(segment.first_token[value]), int(segment.first_token[value + 1]))
        assert all(tokens[position] == value for position in suffixes[ranks])
    vocabulary = small_tokenizer().vocabulary
    for ordinal in range(segment.n_documents):
        start, end = segment.span_of(ordinal)
        raw = vocabulary.spell_stored(segment.tokens[start:end])
        assert segment.text(ordinal) == raw.decode()
        for position in range(start, end + 1):
            head = vocabulary.spell_stored(segment.tokens[start:position])
            assert segment.document_of(position) == ordinal
            assert segment.characters_before(position) == sum(byte & 0xC0 != 0x80 for byte in head)
    if segment.removal is not None:
        bits = np.unpackbits(segment.removal.live.view(np.uint8), bitorder="little")[: segment.n_tokens]
        live = [segment.is_live(segment.document_of(position)) for position in suffixes]
        assert bits.tolist() == live
        blocks = [sum(live[: 512 * block]) for block in range(len(segment.removal.counts))]
        assert segment.removal.counts.tolist() == blocks


def check_index(index: Index, texts: dict[str, str]) -> None:
    assert {identifier: text for identifier, (text, _) in contents(index).items()} == texts
    encoded = [small_tokenizer().encode(text).ids.tolist() for text in texts.values()]
    occurrences = Counter(token for ids in encoded for token in ids)
    frequency = Counter(token for ids in encoded for token in set(ids))
    size = small_tokenizer().vocabulary.size
    assert index.occurrences.tolist() == [occurrences[token] for token in range(size)]
    assert index.document_frequency.tolist() == [frequency[token] for token in range(size)]
    assert (index.documents, index.tokens) == (len(texts), occurrences.total())
    copies = Counter(texts.values())
    for identifier, text in texts.items():
        assert index.document(identifier).duplicates == copies[text] - 1
    for segment in index.segments:
        check_segment(segment)
    assert verify_index(index.path) == []
    assert files_in(index.path) == named_files(index)


TEXTS = st.one_of(
    st.sampled_from(["", "a", "the people", "the people of the United States", "日本語のテキスト"]),
    st.text(max_size=30).map(lambda text: text.encode("utf-8", "replace").decode()),
    st.text("ab", max_size=300),
)
CORPUS = st.lists(TEXTS, min_size=1, max_size=12)


@settings(max_examples=50)
@given(st.data())
def test_any_history_leaves_what_it_should(data: st.DataObject) -> None:
    first = {f"d{n}": text for n, text in enumerate(data.draw(CORPUS))}
    first["full"] = "establish justice"
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as parent:
        folder = Path(parent) / "index"
        build(folder, first, segment_tokens=data.draw(st.sampled_from([None, 20, 90])))
        expected = dict(first)
        for step in range(data.draw(st.integers(0, 4))):
            action = data.draw(st.sampled_from(["add", "replace", "remove", "compact"]))
            if action == "add":
                new = {f"s{step}-{n}": text for n, text in enumerate(data.draw(CORPUS))} | {f"s{step}": "x"}
                add_documents(records(new), folder, id_field="id")
                expected |= new
            elif action == "replace":
                new = {f"d{n}": text for n, text in enumerate(data.draw(CORPUS))} | {"full": "x y z"}
                add_documents(records(new), folder, id_field="id", on_duplicate_id="replace")
                expected |= new
            elif action == "remove":
                gone = data.draw(st.lists(st.sampled_from(sorted(expected)), max_size=5)) if expected else []
                remove_documents(folder, gone)
                expected = {key: text for key, text in expected.items() if key not in gone}
            else:
                compact_index(folder)
        check_index(Index.open(folder), expected)


def test_equal_corpora_make_equal_versions(tmp_path: Path) -> None:
    texts = {f"d{n}": f"text {n}" for n in range(20)}
    versions = {build(tmp_path / name, texts).version for name in ("a", "b")}
    assert len(versions) == 1
    assert build(tmp_path / "c", texts | {"d3": "other"}).version not in versions


def test_hostile_ids_metadata_and_texts_come_back(tmp_path: Path) -> None:
    hostile = "\x00\u2028\u2029\r\n\"\\'</script>\ud800 ../../etc/passwd \U0010ffff"
    cleaned = hostile.replace("\ud800", "\ufffd")
    record = {"id": hostile, "text": hostile, "nested": {"deep": [hostile, 1e300, None, True, 2**70]}, hostile: 1}
    index = build_index([record], tmp_path / "index", id_field="id", tokenizer=small_tokenizer())
    document = index.document(cleaned)
    assert (document.id, document.text) == (cleaned, cleaned)
    assert document.metadata == {"nested": {"deep": [cleaned, 1e300, None, True, 2**70]}, cleaned: 1}
    assert verify_index(tmp_path / "index") == []


def test_a_tokenizer_that_does_not_round_trip_has_its_texts_stored(tmp_path: Path) -> None:
    texts = {"a": "Größe  IS not\tkept", "b": "the people"}
    index = build(tmp_path / "index", texts, tokenizer=lossy_tokenizer())
    assert {key: index.document(key).text for key in texts} == texts
    segment = index.segments[0]
    for ordinal, text in enumerate(texts.values()):
        encoding = lossy_tokenizer().encode(text)
        start, end = segment.span_of(ordinal)
        heads = [len(text.encode()[: int(byte)].decode(errors="ignore")) for byte in encoding.starts]
        assert [segment.characters_before(position) for position in range(start, end)] == heads


def test_tokenized_sources_and_ids_outside_the_vocabulary(tmp_path: Path) -> None:
    tokenizer = small_tokenizer()
    ids = tokenizer.vocabulary.original[tokenizer.encode("the people").ids]
    np.save(tmp_path / "good.npy", np.array([*ids, 0, *ids, 0], np.uint16))
    np.save(tmp_path / "bad.npy", np.array([*ids, 0, 60_000, 0], np.uint16))
    options = SourceOptions(end_of_document=0)
    index = build_index(tmp_path / "good.npy", tmp_path / "index", tokenizer=tokenizer, source_options=options)
    assert [text for text, _ in contents(index).values()] == ["the people"] * 2
    with pytest.raises(SourceError, match=r"bad\.npy.*60000"):
        build_index(tmp_path / "bad.npy", tmp_path / "other", tokenizer=tokenizer, source_options=options)
    assert not (tmp_path / "other").exists()
    skipped: list[object] = []
    build_index(
        tmp_path / "bad.npy",
        tmp_path / "other",
        tokenizer=tokenizer,
        source_options=SourceOptions(end_of_document=0, on_error="skip"),
        on_skip=skipped.append,
    )
    assert len(skipped) == 1


def test_tokens_that_spell_no_text_are_shown_with_replacements(tmp_path: Path) -> None:
    vocabulary = small_tokenizer().vocabulary
    whole = [vocabulary.original[vocabulary.starting_with(bytes([byte])).start] for byte in (0xE6, 0x41, 0xFF)]
    np.save(tmp_path / "broken.npy", np.array([*whole, 0], np.uint16))
    index = build_index(
        tmp_path / "broken.npy",
        tmp_path / "index",
        tokenizer=small_tokenizer(),
        source_options=SourceOptions(end_of_document=0),
    )
    segment = index.segments[0]
    assert "\ufffd" in segment.text(0)
    start, end = segment.span_of(0)
    places = [segment.characters_before(position) for position in range(start, end + 1)]
    assert places == sorted(places)
    assert places[-1] == len(segment.text(0))
    assert verify_index(tmp_path / "index") == []


@pytest.mark.parametrize("segment_tokens", [None, 25])
def test_duplicate_ids(tmp_path: Path, segment_tokens: int | None) -> None:
    twice = [{"id": name, "text": f"text {number}"} for number, name in enumerate("abcab")]
    options = {"id_field": "id", "tokenizer": small_tokenizer(), "segment_tokens": segment_tokens}
    folder = tmp_path / "index"
    with pytest.raises(DuplicateIdError, match="'a'"):
        build_index(twice, folder, **options)  # type: ignore[arg-type]
    assert not folder.exists()
    skipped: list[object] = []
    index = build_index(twice, folder, on_duplicate_id="skip", on_skip=skipped.append, **options)  # type: ignore[arg-type]
    assert contents(index) == {"a": ("text 0", {}), "b": ("text 1", {}), "c": ("text 2", {})}
    assert len(skipped) == 2
    index = build_index(twice, tmp_path / "other", on_duplicate_id="replace", **options)  # type: ignore[arg-type]
    assert contents(index) == {"a": ("text 3", {}), "b": ("text 4", {}), "c": ("text 2", {})}
    assert index.documents == 3
    with pytest.raises(DuplicateIdError):
        add_documents(twice[:1], folder, id_field="id")
    assert contents(add_documents(twice[3:], folder, id_field="id", on_duplicate_id="skip")) == contents(
        Index.open(folder)
    )
    with pytest.raises(UsageError, match="on_duplicate_id"):
        add_documents(twice, folder, on_duplicate_id="ignore")  # type: ignore[arg-type]


def test_removing(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    build(folder, {f"d{n}": "the people" for n in range(5)})
    with pytest.raises(DocumentNotFoundError, match=r"'x'.*nothing was removed"):
        remove_documents(folder, ["d1", "x"])
    assert Index.open(folder).documents == 5
    with pytest.raises(UsageError, match="one text"):
        remove_documents(folder, "d1")
    done = remove_documents(folder, ["d1", "x", "d2"], missing_ok=True)
    assert (done.removed, done.already_removed, done.missing) == (2, 0, ("x",))
    assert remove_documents(folder, ["d1"]).already_removed == 1
    index = Index.open(folder)
    assert index.document("d0").duplicates == 2
    with pytest.raises(DocumentNotFoundError):
        index.document("d1")
    remove_documents(folder, ["d0", "d3", "d4"])
    empty = compact_index(folder)
    assert (empty.documents, empty.segments) == (0, ())
    assert add_documents([{"id": "d1", "text": "again"}], folder, id_field="id").documents == 1


def test_removed_text_leaves_the_disk_and_readers_keep_what_they_opened(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    build(folder, {"secret": "zqxj " * 40, "other": "the people"})
    reader = Index.open(folder)
    remove_documents(folder, ["secret"])
    compact_index(folder)
    assert reader.document("secret").text == "zqxj " * 40
    assert "secret" not in contents(Index.open(folder))
    assert len({segment.name for segment in (*reader.segments, *Index.open(folder).segments)}) == 2


def test_an_open_that_meets_unlinked_files_reads_the_manifest_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "index"
    build(folder, {"a": "the people", "b": "of the"})
    remove_documents(folder, ["a"])
    stale = Index.open(folder).manifest
    opened: list[object] = []

    def open_late(self: Index, *arguments: object) -> None:
        opened.append(arguments)
        if len(opened) == 1:
            compact_index(folder)
        original(self, *arguments)  # type: ignore[arg-type]

    original = Index.__init__
    monkeypatch.setattr(Index, "__init__", open_late)
    index = Index.open(folder)
    assert index.manifest != stale
    assert contents(index) == {"b": ("of the", {})}
    assert len(opened) == 3  # the open that failed, the compaction's own, the one that succeeded


def test_additions_keep_the_number_of_segments_logarithmic(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    build(folder, {"first": "the people"})
    most = 0
    for number in range(60):
        index = add_documents([{"id": f"n{number}", "text": f"of the United States {number}"}], folder, id_field="id")
        most = max(most, len(index.segments))
    assert most <= 3 * 5
    assert index.documents == 61
    assert compact_index(folder).documents == 61
    assert len(Index.open(folder).segments) == 1


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    build(folder, {"a": "the people"})
    with writer_lock(folder, "compact"):
        for command in (
            lambda: build(folder, {"a": "x"}, overwrite=True),
            lambda: add_documents([{"text": "x"}], folder),
            lambda: remove_documents(folder, ["a"]),
            lambda: compact_index(folder),
        ):
            with pytest.raises(IndexBusyError, match=rf"process {os.getpid()} on .* \(compact\)"):
                command()
        assert contents(Index.open(folder)) == {"a": ("the people", {})}
    remove_documents(folder, ["a"])


def test_of_two_builds_exactly_one_wins(tmp_path: Path) -> None:
    outcomes: list[object] = []
    barrier = threading.Barrier(2)

    def compete(name: str) -> None:
        barrier.wait()
        try:
            outcomes.append(build(tmp_path / "index", {name: "the people"}).documents)
        except (IndexBusyError, UsageError) as error:
            outcomes.append(error)

    threads = [threading.Thread(target=compete, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(1) == 1
    assert verify_index(tmp_path / "index") == []


def test_folders_in_use_are_refused(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("keep me")
    with pytest.raises(UsageError, match="other files"):
        build(tmp_path / "notes", {"a": "x"})
    with pytest.raises(UsageError, match="is a file"):
        build(tmp_path / "notes" / "mine.txt", {"a": "x"})
    assert [path.name for path in tmp_path.rglob("*")] == ["notes", "mine.txt"]
    build(tmp_path / "index", {"a": "x"})
    with pytest.raises(UsageError, match="already holds an index"):
        build(tmp_path / "index", {"a": "y"})
    assert contents(build(tmp_path / "index", {"a": "y"}, overwrite=True)) == {"a": ("y", {})}
    with pytest.raises(SourceError):
        build(tmp_path / "index", {"a": ""}, overwrite=True)
    assert contents(Index.open(tmp_path / "index")) == {"a": ("y", {})}
    for command in (Index.open, compact_index, verify_index):
        with pytest.raises(IndexNotFoundError):
            command(tmp_path / "absent")


def test_corpora_without_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no text"):
        build(tmp_path / "index", {"a": "", "b": ""})
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(SourceError, match="no documents"):
        build_index(tmp_path / "empty.jsonl", tmp_path / "index", tokenizer=small_tokenizer())
    assert not (tmp_path / "index").exists()
    build(tmp_path / "index", {"a": "", "b": "x", "c": ""})
    assert verify_index(tmp_path / "index") == []


def test_all_skipped_records_are_told(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text("nothing\n" * 1_500 + json.dumps({"text": "the people"}) + "\n")
    told: list[str] = []
    index = build_index(
        path,
        tmp_path / "index",
        on_error="skip",
        tokenizer=small_tokenizer(),
        on_skip=lambda skipped: told.append(skipped.location),
    )
    assert told == [f"{path}:{line}" for line in range(1, 1_501)]
    assert index.documents == 1


def test_an_index_inside_of_its_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("the people")
    (tmp_path / "link").symlink_to(tmp_path / "texts")
    for out in (tmp_path / "texts" / "index", tmp_path / "texts", tmp_path / "link" / "deep" / "index"):
        with pytest.raises(UsageError, match="lies in the source"):
            build_index([tmp_path / "texts"], out, tokenizer=small_tokenizer())
    assert [path.name for path in (tmp_path / "texts").iterdir()] == ["a.txt"]
    build_index([tmp_path / "texts"], tmp_path / "index", tokenizer=small_tokenizer())
    with pytest.raises(UsageError, match="lies in the source"):
        add_documents(str(tmp_path), tmp_path / "index")


@pytest.mark.parametrize("sources", [None, 5, {"text": "the people"}, [], ()])
def test_what_is_no_list_of_sources_is_refused(tmp_path: Path, sources: object) -> None:
    with pytest.raises(UsageError, match=r"is no source|nothing to index"):
        build_index(sources, tmp_path / "index", tokenizer=small_tokenizer())
    assert not (tmp_path / "index").exists()


def test_memory_budgets(tmp_path: Path) -> None:
    with pytest.raises(MemoryBudgetError, match=r"the least that would do is \d+ MB"):
        build(tmp_path / "index", {"a": "x"}, memory="10MB")
    for wrong in ("lots", "-1GB", "0", 0, "5XB", True):
        with pytest.raises(UsageError, match="memory budget"):
            build(tmp_path / "index", {"a": "x"}, memory=wrong)
    assert not (tmp_path / "index").exists()
    assert build(tmp_path / "index", {"a": "x"}, memory="1.5GiB").documents == 1


def test_a_document_larger_than_a_segment_gets_one_of_its_own(tmp_path: Path) -> None:
    texts = {"a": "x", "long": "the people " * 50, "b": "y"}
    assert [segment.n_documents for segment in build(tmp_path / "index", texts, segment_tokens=20).segments] == [
        1,
        1,
        1,
    ]


def test_a_trained_tokenizer_is_not_trained_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps({"text": f"the people {n}"}) + "\n" for n in range(9)))
    folder = tmp_path / "index"
    with pytest.raises(Killed), operation_hook(Faults(60)):
        build_index(tmp_path / "corpus.jsonl", folder, tokenizer="train", segment_tokens=20)
    assert (folder / "unfinished.json").exists()
    monkeypatch.setattr("wherefrom_indexer.tokenization.Tokenizer.train", None)
    index = build_index(tmp_path / "corpus.jsonl", folder, tokenizer="train", segment_tokens=20)
    assert (index.documents, index.tokenizer.name) == (9, "trained")


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[Progress] = []
    shutil.rmtree(tmp_path / "index", ignore_errors=True)
    build(tmp_path / "index", {"a": "the people"}, progress=told.append)
    compact_index(tmp_path / "index", progress=told.append)
    verify_index(tmp_path / "index", progress=told.append)
    assert {progress.stage for progress in told} >= {"read", "sort", "verify"}
    assert all(progress.total is None or 0 <= progress.done <= progress.total for progress in told)


def test_records_may_come_from_a_generator_or_a_dataset(tmp_path: Path) -> None:
    import datasets

    records = [{"text": "one two", "id": "a"}, {"text": "two three", "id": "b"}]
    from_generator = build_index((record for record in records), tmp_path / "first", id_field="id")
    from_dataset = build_index(datasets.Dataset.from_list(records), tmp_path / "second", id_field="id")
    assert from_generator.version == from_dataset.version


def unreadable(folder: Path, how: str) -> None:
    path = folder / "manifest.json"
    body = json.loads(path.read_bytes())
    if how == "damaged":
        path.write_bytes(path.read_bytes()[:-9])
        return
    del body["checksum"]
    body["format_version"] = 1_000
    body["checksum"] = checksum_of(canonical(body).encode())
    path.write_text(canonical(body) + "\n")


@pytest.mark.parametrize("how", ["damaged", "other format"])
def test_an_index_that_cannot_be_read_can_be_replaced(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "index"
    old = build(folder, {"a": "the people", "b": "justice"}, segment_tokens=3)
    unreadable(folder, how)
    before = {name: (folder / name).read_bytes() for name in files_in(folder) - {"lock"}}
    error = IndexDamagedError if how == "damaged" else IndexFormatError
    with pytest.raises(error):
        build(folder, {"c": "new"})
    with pytest.raises(SourceError, match="no text"):
        build(folder, {"c": ""}, overwrite=True)
    assert {name: (folder / name).read_bytes() for name in before} == before
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("".join(json.dumps(record) + "\n" for record in records({"c": "new", "d": "the States"})))
    given: dict[str, object] = {"id_field": "id", "tokenizer": small_tokenizer(), "segment_tokens": 3}
    killed = 0
    for point in range(0, 200, 7):
        try:
            with operation_hook(Faults(point)):
                build_index(corpus, folder, overwrite=True, **given)  # type: ignore[arg-type]
            break
        except Killed:
            killed += 1
            if killed == 1:
                assert {name: (folder / name).read_bytes() for name in before} == before
    index = build_index(corpus, folder, overwrite=True, **given)  # type: ignore[arg-type]
    assert killed > 5
    check_index(index, {"c": "new", "d": "the States"})
    assert not {entry.name for entry in index.manifest.segments} & {entry.name for entry in old.manifest.segments}
