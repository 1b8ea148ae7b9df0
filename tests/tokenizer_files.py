"""Small tokenizer.json definitions of every family, made in memory."""

from __future__ import annotations

import json
from typing import Any

import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers, trainers

from wherefrom_indexer.split_pattern import EXPRESSIONS, SplitPattern

SENTENCES = [
    "The people of the United States, in order to form a more perfect union, establish justice.",
    "def main(arguments):\n    return [argument for argument in arguments if argument > 3.14]\n",
    "In the year 1829 the treasury held 5,972,435 dollars; in the year 1830, 4,410,000 dollars.",
    "Größe, naïveté, 日本語のテキスト, שלום עולם, 🙂👩‍👧‍👦",
] * 5

SPECIAL = ["<|endoftext|>", "[UNK]", "[CLS]", "<s>", "</s>"]


def definition(tokenizer: tokenizers.Tokenizer, **changes: Any) -> str:
    return json.dumps(json.loads(tokenizer.to_str()) | changes)


def byte_level(vocabulary_size: int = 400) -> tokenizers.Tokenizer:
    tokenizer = tokenizers.Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_size,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<|endoftext|>", "[CLS]"],
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return tokenizer


def split_by(pattern: SplitPattern, vocabulary_size: int = 400) -> tokenizers.Tokenizer:
    """A byte-level tokenizer that splits texts by a known pattern."""
    backend = byte_level(vocabulary_size)
    split = pre_tokenizers.Split(tokenizers.Regex(EXPRESSIONS[pattern][0]), behavior="isolated")
    bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    backend.pre_tokenizer = pre_tokenizers.Sequence([split, bytes_only])
    return backend


def sentence_piece() -> tokenizers.Tokenizer:
    """BPE as Llama 2 has it: `▁` for a space, a prefix, and byte tokens for what it does not know."""
    alphabet = sorted({character for sentence in SENTENCES[:3] for character in sentence.replace(" ", "▁")})
    vocabulary = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *alphabet]
    merges = [("▁", "t"), ("▁t", "h"), ("▁th", "e"), ("e", "o"), ("i", "n"), ("▁", "in"), ("▁", "▁")]
    vocabulary += [left + right for left, right in merges]
    model = models.BPE(
        vocab={token: place for place, token in enumerate(vocabulary)},
        merges=merges,
        unk_token="<unk>",
        fuse_unk=True,
        byte_fallback=True,
    )
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    return tokenizer


def unigram() -> tokenizers.Tokenizer:
    tokenizer = tokenizers.Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=200, special_tokens=["<unk>", "<s>", "</s>"], unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return tokenizer


def word_piece() -> tokenizers.Tokenizer:
    tokenizer = tokenizers.Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=200, special_tokens=["[UNK]", "[CLS]", "[SEP]"], show_progress=False)
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return tokenizer


def word_level() -> tokenizers.Tokenizer:
    tokenizer = tokenizers.Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.WordLevelTrainer(special_tokens=["[UNK]", "[CLS]"], show_progress=False)
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return tokenizer


FAMILIES = {
    "byte_level": byte_level,
    "sentence_piece": sentence_piece,
    "unigram": unigram,
    "word_piece": word_piece,
    "word_level": word_level,
}
