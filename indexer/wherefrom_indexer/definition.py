"""The canonical definition of a tokenizer: what of a tokenizer.json decides which ids a text gets.

Two files that tokenize alike have one canonical definition, however their JSON is laid out. Left out are truncation,
padding, the post-processor, dropout (it makes ids random), and the space that some tokenizers put before every text: it
is no part of the text, and with it no document would be spelled as it is. Of the added tokens only id, content and
whether they are special are kept: they have a place in the vocabulary, because tokenized corpora hold them.
"""

from __future__ import annotations

import json
from itertools import repeat
from typing import Any

import numpy as np

from wherefrom_indexer.errors import TokenizerError
from wherefrom_indexer.spelling import spell_all, speller
from wherefrom_indexer.vocabulary import SpelledTokens

MAX_TOKEN_ID = 2**24 - 1
"""The largest original id; arrays over original ids are this long, holes included."""

Definition = dict[str, Any]


def parse_definition(text: str, what: str) -> Definition:
    """Return the canonical definition of the text of a tokenizer.json; `what` names it in errors."""
    try:
        raw = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise TokenizerError(f"{what} is not JSON: {error}") from error
    model = raw.get("model") if isinstance(raw, dict) else None
    if not isinstance(model, dict) or not isinstance(model.get("vocab"), dict | list):
        raise TokenizerError(f"{what} is JSON but no tokenizer: it has no model with a vocabulary")
    try:
        return _canonical(raw)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TokenizerError(f"{what} is not a tokenizer.json that can be used: {error!r}") from error


def write_definition(definition: Definition) -> str:
    """Return the one text of a canonical definition."""
    return json.dumps(definition, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def spelled_tokens(definition: Definition, what: str) -> SpelledTokens:
    """Return the bytes of every token of a canonical definition; `what` names it in errors."""
    vocabulary = _model_vocabulary(definition["model"])
    _check_ids(vocabulary, what)
    added: dict[int, bytes] = {}
    for token in definition["added_tokens"]:
        if not 0 <= token["id"] <= MAX_TOKEN_ID:
            raise TokenizerError(
                f"{what} gives token {token['content']!r} the id {token['id']}; ids go from 0 to {MAX_TOKEN_ID}"
            )
        added[token["id"]] = token["content"].encode("utf-8", errors="replace")
    if not vocabulary and not added:
        raise TokenizerError(f"{what} has an empty vocabulary")
    text, lengths = spell_all(definition, list(vocabulary))
    tokens = SpelledTokens(np.fromiter(vocabulary.values(), np.int64, len(vocabulary)), text, lengths)
    return tokens.replaced(added) if added else tokens


def _check_ids(vocabulary: dict[str, int], what: str) -> None:
    """Raise if an id of a token is none, or has two tokens."""
    ids = vocabulary.values()
    if set(map(type, ids)) == {int} and len(set(ids)) == len(ids) and min(ids) >= 0 and max(ids) <= MAX_TOKEN_ID:
        return
    known = set()
    for token, original in vocabulary.items():
        if not isinstance(original, int) or not 0 <= original <= MAX_TOKEN_ID:
            raise TokenizerError(f"{what} gives token {token!r} the id {original!r}; ids go from 0 to {MAX_TOKEN_ID}")
        if original in known:
            raise TokenizerError(f"{what} gives the id {original} to more than one token")
        known.add(original)


def encoding_definition(definition: Definition) -> Definition:
    """Return what to encode with: no added tokens, and special tokens under names that no text can make.

    Only removing added tokens does not suffice: where the model's vocabulary holds them too, it may match them as a
    whole word (WordLevel, WordPiece, BPE with `ignore_merges`) or as a piece (Unigram).
    """
    if not definition["added_tokens"]:
        return definition
    special = [added["content"] for added in definition["added_tokens"] if added["special"]]
    # A space is never part of a word that a model gets to see, and the noncharacter in no sane text at all.
    hidden = {content: f"\U0010ffff {place} \U0010ffff" for place, content in enumerate(special)}
    model = dict(definition["model"])
    if hidden.keys().isdisjoint(_model_vocabulary(model)) and model.get("unk_token") not in hidden:
        return definition | {"added_tokens": []}
    if isinstance(model["vocab"], dict):
        model["vocab"] = {hidden.get(token, token): original for token, original in model["vocab"].items()}
    else:
        model["vocab"] = [[hidden.get(token, token), score] for token, score in model["vocab"]]
    if model.get("unk_token") in hidden:
        model["unk_token"] = hidden[model["unk_token"]]
    if model.get("merges"):
        prefix = len(model.get("continuing_subword_prefix") or "")
        model["merges"] = [
            [left, right]
            for left, right in map(_pair, model["merges"])
            if left not in hidden and right not in hidden and left + right[prefix:] not in hidden
        ]
    return definition | {"model": model, "added_tokens": []}


def _canonical(raw: Definition) -> Definition:
    model = dict(raw["model"])
    model.setdefault("type", _model_type(model))
    if model.get("dropout") is not None:
        model["dropout"] = None
    if "merges" in model:
        model["merges"] = _merges(model["merges"])
    canonical = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "normalizer": _without_prefix(raw.get("normalizer")),
        "pre_tokenizer": _without_prefix_space(raw.get("pre_tokenizer")),
        "post_processor": None,
        "decoder": raw.get("decoder"),
        "model": model,
    }
    return canonical | {"added_tokens": _added_tokens(raw.get("added_tokens") or [], canonical)}


def _model_type(model: Definition) -> str:
    """Old files do not name their model."""
    if "merges" in model:
        return "BPE"
    if isinstance(model["vocab"], list):
        return "Unigram"
    return "WordPiece" if "max_input_chars_per_word" in model else "WordLevel"


def _merges(merges: list[str | list[str]]) -> list[str] | list[tuple[str, str]]:
    """Return merges as "left right", which is quick to parse, or all as pairs if one of their tokens has a space."""
    texts = [merge for merge in merges if isinstance(merge, str)]
    if len(texts) == len(merges) and set(map(str.count, texts, repeat(" "))) <= {1}:
        return texts
    pairs = list(map(_pair, merges))
    if any(" " in left or " " in right for left, right in pairs):
        return pairs
    return [f"{left} {right}" for left, right in pairs]


def _pair(merge: str | list[str] | tuple[str, str]) -> tuple[str, str]:
    left, right = merge.split(" ") if isinstance(merge, str) else merge
    return left, right


def _added_tokens(added: list[Definition], definition: Definition) -> list[Definition]:
    """Keep the added tokens that are special, or that the model has not got or spells otherwise."""
    spell = speller(definition)
    vocabulary = _model_vocabulary(definition["model"])
    kept = []
    for token in added:
        original, content, special = int(token["id"]), str(token["content"]), bool(token.get("special"))
        if special or vocabulary.get(content) != original or spell(content) != content.encode("utf-8", "replace"):
            # All fields that `tokenizers` asks for, so that a definition can be loaded by it.
            flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
            kept.append({"id": original, "content": content, "special": special, **flags})
    return sorted(kept, key=lambda token: (token["id"], token["content"]))


def _model_vocabulary(model: Definition) -> dict[str, int]:
    vocabulary = model["vocab"]
    if isinstance(vocabulary, dict):
        return vocabulary
    return {token: original for original, (token, _) in enumerate(vocabulary)}


def _without_prefix(normalizer: Definition | None) -> Definition | None:
    if normalizer is None or normalizer["type"] == "Prepend":
        return None
    if normalizer["type"] != "Sequence":
        return normalizer
    steps = [step for step in normalizer["normalizers"] if step["type"] != "Prepend"]
    return normalizer | {"normalizers": steps} if steps else None


def _without_prefix_space(pre_tokenizer: Definition | None) -> Definition | None:
    if pre_tokenizer is None:
        return None
    if pre_tokenizer["type"] == "Sequence" and pre_tokenizer["pretokenizers"]:
        # Only of the first step: after a split, the later ones mark words, not the text.
        first, *others = pre_tokenizer["pretokenizers"]
        return pre_tokenizer | {"pretokenizers": [_without_prefix_space(first), *others]}
    if pre_tokenizer["type"] == "ByteLevel":
        return pre_tokenizer | {"add_prefix_space": False}
    if pre_tokenizer["type"] == "Metaspace":
        return {key: value for key, value in pre_tokenizer.items() if key != "add_prefix_space"} | {
            "prepend_scheme": "never"
        }
    return pre_tokenizer
