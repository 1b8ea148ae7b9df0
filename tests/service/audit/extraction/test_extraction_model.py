"""A small GPT trained on graded repetition, and what `wherefrom extract` gets out of it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from wherefrom.cli import main
from wherefrom_indexer import build_index

# One process trains it, once for all tests here.
pytestmark = pytest.mark.slow

SEED = 42
CHARACTERS = 500
VOCABULARY, CONTEXT, PASSES, BATCH, LEARNING_RATE = 1024, 128, 11, 16, 2e-3
EXCERPTS_BY_REPETITIONS = {64: 5, 16: 10, 4: 20, 1: 100, 0: 20}
SOTU = Path(__file__).parents[4] / "data" / "sotu.jsonl"


def excerpts() -> dict[int, list[str]]:
    """Passages of addresses that do not overlap, by how often the model sees them."""
    texts = [json.loads(line)["text"] for line in SOTU.read_text(encoding="utf-8").splitlines()]
    parts = [
        text[start : start + CHARACTERS]
        for text in texts
        for start in range(0, len(text) - CHARACTERS, CHARACTERS)
        if re.match(r"\w", text[start])
    ]
    random.Random(SEED).shuffle(parts)
    taken = iter(parts)
    return {times: [next(taken) for _ in range(number)] for times, number in EXCERPTS_BY_REPETITIONS.items()}


def train(texts: Sequence[str], folder: Path) -> None:
    """Train a GPT of 1.6 million parameters on the texts and save it with its tokenizer."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=["<|end|>"], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    shuffled = [f"{text}<|end|>" for text in texts]
    random.Random(SEED).shuffle(shuffled)
    ids = torch.tensor([token for encoded in tokenizer.encode_batch(shuffled) for token in encoded.ids])
    blocks = ids[: len(ids) // CONTEXT * CONTEXT].view(-1, CONTEXT)
    torch.manual_seed(SEED)
    model = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=VOCABULARY, n_positions=CONTEXT, n_embd=192, n_layer=3, n_head=6,
            resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=0, eos_token_id=0,
        )
    )  # fmt: skip
    steps = PASSES * -(-len(blocks) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps, pct_start=0.1)
    for _ in range(PASSES):
        for batch in blocks[torch.randperm(len(blocks))].split(BATCH):
            logits = model(input_ids=batch).logits[:, :-1]
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>").save_pretrained(folder)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Other tests run beside these: threads that wait for a core by spinning take many times as long as one."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index, the model trained on its documents, and held-out text."""
    folder = tmp_path_factory.mktemp("extraction")
    drawn = excerpts()
    held_out = drawn.pop(0)
    texts = [text for times, own in drawn.items() for text in own for _ in range(times)]
    train(texts, folder / "model")
    with (folder / "corpus.jsonl").open("w", encoding="utf-8") as file:
        for number, text in enumerate(texts):
            file.write(json.dumps({"id": str(number), "text": text}) + "\n")
    lines = [json.dumps({"id": f"held-{number}", "text": text}) + "\n" for number, text in enumerate(held_out)]
    (folder / "held.jsonl").write_text("".join(lines), encoding="utf-8")
    build_index([folder / "corpus.jsonl"], folder / "index", id_field="id", threads=1)
    return folder


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in arguments])
    return int(str(ended.value.code))


def asked(world: Path, report: Path) -> int:
    return run(
        "extract", world / "index", "--model", world / "model", "--report", report, "--held-out", world / "held.jsonl",
        "--prefix", 16, "--prefix", 32, "--from-start", "--per-class", 20, "--duplicates", 1, "--duplicates", 4,
        "--duplicates", 16, "--duplicates", 64, "--samples", 2, "--quiet",
    )  # fmt: skip


@pytest.fixture(scope="module")
def report(world: Path) -> Path:
    assert asked(world, world / "report") == 0
    return world / "report"


def rates(report: Path, prefix: int) -> dict[str, dict[str, Any]]:
    told = json.loads((report / "report.json").read_text(encoding="utf-8"))
    return {str(each["least_duplicates"]): each for each in told["rates"] if each["prefix"] == prefix}


def test_what_is_repeated_often_is_extracted_and_held_out_text_is_not(report: Path) -> None:
    found = rates(report, 32)
    assert {kind: each["sequences"] for kind, each in found.items()} == {
        "None": 20, "1": 20, "4": 20, "16": 10, "64": 5,
    }  # fmt: skip
    assert found["64"]["verbatim"]["value"] >= 0.9
    assert found["16"]["verbatim"]["value"] >= 0.9
    assert found["None"]["verbatim"]["value"] == 0
    assert found["None"]["approximate"]["value"] == 0
    for kind, least in (("64", 0.9), ("16", 0.9), ("None", 0)):
        shares = {(each["tries"], each["p"]): each["value"] for each in found[kind]["discoverable"]}
        assert shares[100, 0.5] >= least
        assert kind != "None" or not any(shares.values())


def test_the_plot_shows_the_grading(report: Path) -> None:
    found = rates(report, 32)
    graded = [found[kind]["edit_similarity"] for kind in ("None", "1", "4", "16")]
    assert graded[0] < graded[2] < graded[3]
    page = (report / "index.html").read_text(encoding="utf-8")
    assert "Extraction against duplicates" in page
    assert (report / "plots" / "duplicates.svg").exists()


def test_a_second_run_is_the_same(world: Path, report: Path) -> None:
    assert asked(world, world / "again") == 0
    first, second = (
        [{**each} for each in json.loads((folder / "report.json").read_text(encoding="utf-8"))["rates"]]
        for folder in (report, world / "again")
    )
    assert first == second


def test_a_tokenizer_of_another_model_is_refused(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for path in (world / "model").iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    tokenizer = json.loads((other / "tokenizer.json").read_text(encoding="utf-8"))
    known = len(tokenizer["model"]["vocab"])
    tokenizer["model"]["vocab"] |= {f"another word {number}": known + number for number in range(9)}
    (other / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    assert run("extract", world / "index", "--model", other, "--report", tmp_path / "report") == 2
    assert "do not belong together" in capsys.readouterr().err
    assert run("extract", world / "index", "--model", world / "model", "--report", tmp_path / "r", "--prefix", 90) == 2
    assert "reads 128 tokens" in capsys.readouterr().err
