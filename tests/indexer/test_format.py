"""docs/index-format.md, followed by a reader that shares no code with the project."""

from __future__ import annotations

import hashlib
import itertools
import json
import struct
from pathlib import Path

import naive
import zstandard
from small_indexes import lossy_tokenizer, records, small_tokenizer

from wherefrom_indexer import add_documents, build_index, remove_documents
from wherefrom_indexer.manifest import REMOVAL_FILES, SEGMENT_FILES

TEXTS = {f"d{n}": f"the people of the United States {n} " * (n % 7) for n in range(70)} | {
    "é\u2028": "日本語",
    "empty": "",
}


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def checksum(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def read_manifest(folder: Path) -> dict:
    data = (folder / "manifest.json").read_bytes()
    manifest = json.loads(data)
    assert data == canonical(manifest) + b"\n"
    body = {key: value for key, value in manifest.items() if key != "checksum"}
    assert manifest["checksum"] == checksum(canonical(body))
    assert (manifest["format"], manifest["format_version"]) == ("wherefrom-index", 2)
    held = [[s["files"], s["removal"]["files"] if s["removal"] else None] for s in manifest["segments"]]
    assert manifest["version"] == checksum(canonical(["wherefrom-index", 2, manifest["tokenizer"]["hash"], held]))
    return manifest


def read_items(path: Path, entry: dict) -> tuple[int, ...]:
    data = path.read_bytes()
    assert (len(data), checksum(data)) == (entry["bytes"], entry["checksum"])
    magic, version, width, kind, zeros = struct.unpack("<8sII32s16s", data[:64])
    assert (magic, version, kind, zeros) == (b"wherefrm", 2, path.stem.encode().ljust(32, b"\0"), bytes(16))
    letter = {1: "B", 2: "H", 4: "I", 8: "Q"}[width]
    return struct.unpack(f"<{(len(data) - 64) // width}{letter}", data[64:])


def rows(items: tuple[int, ...]) -> list[tuple[int, ...]]:
    third = len(items) // 3
    return [items[:third], items[third : 2 * third], items[2 * third :]]


def read_documents(folder: Path, segment: dict, spellings: list[bytes]) -> dict[str, tuple[str, bool]]:
    """Id -> text, whether it is live."""
    base = folder / "segments" / segment["name"]
    file = {name: read_items(base / name, entry) for name, entry in segment["files"].items()}
    starts, tokens = file["exact/starts.bin"], file["exact/tokens.bin"]
    assert list(file["exact/suffixes.bin"]) == naive.suffix_array(tokens)
    firsts, offsets, sizes = rows(file["record_blocks.bin"])
    lines: list[bytes] = []
    for block, offset in enumerate(offsets):
        assert firsts[block] == len(lines)
        end = offsets[block + 1] if block + 1 < len(offsets) else len(file["records.bin"])
        raw = zstandard.ZstdDecompressor().decompress(bytes(file["records.bin"][offset:end]))
        assert len(raw) == sizes[block]
        lines += raw.split(b"\n")
    removed = removed_documents(base, segment, file["exact/suffixes.bin"], starts)
    found = {}
    for ordinal, line in enumerate(lines):
        identifier, _, text = json.loads(line)
        assert (text is not None) == (ordinal in file["stored_texts.bin"])
        if text is None:
            text = b"".join(spellings[t - 1] for t in tokens[starts[ordinal] : starts[ordinal + 1] - 1]).decode()
        digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
        assert struct.unpack("<QQ", digest) == file["hashes.bin"][2 * ordinal : 2 * ordinal + 2]
        id_hash = int.from_bytes(hashlib.blake2b(identifier.encode(), digest_size=8).digest(), "little")
        assert file["id_hashes.bin"][file["id_ordinals.bin"].index(ordinal)] == id_hash
        found[identifier] = (text, ordinal not in removed)
    assert list(file["id_hashes.bin"]) == sorted(file["id_hashes.bin"])
    hashes = list(zip(file["hashes.bin"][::2], file["hashes.bin"][1::2], strict=True))
    assert list(file["hash_order.bin"]) == sorted(range(len(lines)), key=lambda ordinal: (hashes[ordinal], ordinal))
    check_view(file, tokens, starts, spellings)
    return found


def check_view(file: dict, tokens: tuple[int, ...], starts: tuple[int, ...], spellings: list[bytes]) -> None:
    documents = [tokens[a : b - 1] for a, b in itertools.pairwise(starts)]
    present = sorted(set(tokens) - {0})
    occurrences = [sum(document.count(token) for document in documents) for token in present]
    frequency = [sum(token in document for document in documents) for token in present]
    assert rows(file["exact/frequencies.bin"]) == [tuple(present), tuple(occurrences), tuple(frequency)]
    keys = keys_of(tokens, file["exact/suffixes.bin"])
    assert list(file["exact/top.bin"]) == keys[::64] + keys
    assert keys == sorted(keys)
    for sample, characters in enumerate(file["exact/characters.bin"]):
        position = 256 * sample
        start = max(start for start in starts[:-1] if start <= position)
        head = b"".join(spellings[token - 1] for token in tokens[start:position])
        assert characters == sum(byte & 0xC0 != 0x80 for byte in head)


def keys_of(tokens: tuple[int, ...], suffixes: tuple[int, ...]) -> list[int]:
    present, width, middles, smaller = sorted(set(tokens)), (2 * len(tokens)).bit_length(), [], 0
    for token in present:
        middles.append(f"{2 * smaller + tokens.count(token):0{width}b}")
        smaller += tokens.count(token)
    codes = {}
    for place, token in enumerate(present):
        others = middles[max(0, place - 1) : place] + middles[place + 1 : place + 2]
        shortest = next(n for n in range(1, width + 1) if all(other[:n] != middles[place][:n] for other in others))
        codes[token] = middles[place][:shortest]
    keys = []
    for position in suffixes[::64]:
        end = tokens.index(0, position) + 1
        keys.append(int("".join(codes[token] for token in tokens[position:end])[:64].ljust(64, "0"), 2))
    return keys


def removed_documents(base: Path, segment: dict, suffixes: tuple[int, ...], starts: tuple[int, ...]) -> set[int]:
    removal = segment["removal"]
    if removal is None:
        return set()
    file = {name: read_items(base / removal["name"] / name, entry) for name, entry in removal["files"].items()}
    removed = set(file["documents.bin"])
    assert len(removed) == removal["documents"]
    gone = [any(starts[d] <= position < starts[d + 1] for d in removed) for position in suffixes]
    bits = [file["live.bin"][rank // 64] >> rank % 64 & 1 for rank in range(64 * len(file["live.bin"]))]
    assert bits == [int(not is_gone) for is_gone in gone] + [0] * (len(bits) - len(gone))
    assert list(file["counts.bin"]) == [sum(bits[: 512 * block]) for block in range(len(bits) // 512 + 1)]
    assert sum(gone) == removal["tokens"] == sum(rows(file["frequencies.bin"])[1])
    return removed


def test_the_document_is_enough_to_read_an_index(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    build_index(records(TEXTS, kind="x"), folder, id_field="id", tokenizer=small_tokenizer())
    remove_documents(folder, ["d3", "d50", "empty"])
    add_documents(records({"d3": "d3 again"}), folder, id_field="id")
    spellings = [small_tokenizer().vocabulary.spelling(token) for token in range(small_tokenizer().vocabulary.size)]
    assert spellings == sorted(spellings)
    live: dict[str, str] = {}
    for segment in read_manifest(folder)["segments"]:
        for identifier, (text, is_live) in read_documents(folder, segment, spellings).items():
            if is_live:
                assert identifier not in live
                live[identifier] = text
    assert live == {key: text for key, text in TEXTS.items() if key not in ("d50", "empty")} | {"d3": "d3 again"}


def test_stored_texts_are_read_too(tmp_path: Path) -> None:
    texts = {"a": "Größe  IS not\tkept", "b": "the people"}
    build_index(records(texts), tmp_path / "index", id_field="id", tokenizer=lossy_tokenizer())
    spellings = [lossy_tokenizer().vocabulary.spelling(token) for token in range(lossy_tokenizer().vocabulary.size)]
    (segment,) = read_manifest(tmp_path / "index")["segments"]
    assert {k: text for k, (text, _) in read_documents(tmp_path / "index", segment, spellings).items()} == texts


def test_every_file_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "index-format.md").read_text()
    for name in (*SEGMENT_FILES, *REMOVAL_FILES):
        assert name.rpartition("/")[2] in text
