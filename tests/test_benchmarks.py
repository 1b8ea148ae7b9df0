"""The pages of the benchmarks, from results made up here; the scaling arithmetic; and a build measured for real."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import report
from formatting import cell, number, shown, table
from outcome import Figure, Line, Part, Plot, Table, figure_from
from plots import svg
from run import PARTS
from scales import SCALES
from scaling import CORPORA, POSITIONS_OF_SEGMENT, WIDE_MEMORY, Constants, cost, scaling_page
from targets import LIMITS_FILE, TARGETS, missed, rows

from wherefrom_indexer.suffix_array import bytes_per_token

ROOT = Path(__file__).parent.parent
CONDITIONS = {
    "date": "2026-01-02 03:04 UTC",
    "machine": "2 cores of a machine",
    "versions": "Python 3.11",
    "peers": "infini-gram 2.6.0",
    "commit": "abc1234",
    "busy": 0.0,
}
CONSTANTS = {
    "disk.linux-source.token": 6.0,
    "disk.qwen3.token": 8.0,
    "disk.linux-source.document": 50.0,
    "build.linux-source.peak_per_token": 8.0,
    "build.linux-source.text_speed": 4e6,
    "build.linux-source.sort_speed": 8e6,
    "build.linux-source.cores": 2,
    "trace.memory.index": 0.05,
    "pages.counts": 10.0,
    "pages.growth.counts": 1.0,
    "build.linux-source.tokens": 2**32 / 10,
}


def figures_of(**values: float) -> dict[str, Figure]:
    return {name.replace("__", "."): Figure.of(value) for name, value in values.items()}


def constants() -> dict[str, Figure]:
    return {name: Figure.of(value) for name, value in CONSTANTS.items()}


def written(folder: Path, name: str, part: Part, scale: str = "bench") -> None:
    results = folder / "results"
    results.mkdir(exist_ok=True)
    kept = {"part": name, "scale": scale, "conditions": CONDITIONS, "seconds": 12.0, **part.to_json()}
    (results / f"{name}{'-full' if scale == 'full' else ''}.json").write_text(json.dumps(kept))


class TestFigures:
    def test_median_and_range(self):
        figure = Figure.of([3.0, 1.0, 2.0], "s")
        assert (figure.median, figure.min, figure.max, figure.runs) == (2.0, 1.0, 3.0, 3)
        assert shown(figure) == "2.00 (1.00 - 3.00) s"

    def test_a_speed_is_an_amount_by_a_time(self):
        speed = Figure.of([1.0, 2.0, 4.0], "s").per(8e6, "tokens/s")
        assert (speed.median, speed.min, speed.max) == (4e6, 2e6, 8e6)
        assert shown(speed) == "4.00 (2.00 - 8.00) M tokens/s"

    def test_a_ratio_of_medians(self):
        assert Figure.of(10.0, "s").over(Figure.of(4.0, "s")) == Figure(2.5, 2.5, 2.5, "x", 1)

    def test_survives_json(self):
        figure = Figure.of([1, 2], "ms")
        part = json.loads(json.dumps(Part(figures={"a": figure}).to_json()))
        assert figure_from(part["figures"]["a"]) == figure
        assert figure_from(3) is None

    @pytest.mark.parametrize(
        ("value", "text"),
        [(1234567.0, "1,234,567"), (123.4, "123"), (12.34, "12.3"), (1.234, "1.23"), (0.1234, "0.123"), (0, "0.000")],
    )
    def test_three_digits(self, value: float, text: str):
        assert number(value) == text

    def test_cells(self):
        assert cell(12345) == "12,345"
        assert cell("text") == "text"
        assert cell({"median": 2.5e9, "min": 2.5e9, "max": 2.5e9, "unit": "bytes", "runs": 1}) == "2.50 GB"
        assert table(["a", "b"], [["x", 1]]) == "| a | b |\n| --- | ---: |\n| x | 1 |\n"


class TestTargets:
    def test_verdicts(self):
        figures = figures_of(search__ratio__458=151.0, search__ms__458=0.5, trace__default__p50=6.0)
        verdicts = {target.ours: row[-1] for target, row in zip(TARGETS, rows(figures), strict=True)}
        assert verdicts["search.ratio.458"] == "yes"
        assert verdicts["search.ms.458"] == "**no**"
        assert verdicts["trace.default.p50"] == "**no**"
        assert verdicts["trace.first"] == "-"
        assert [target.ours for target in missed(figures)] == ["search.ms.458", "trace.default.p50"]

    def test_aims(self):
        assert "the aim not" in rows(figures_of(tokenize__least_ratio__2=20.0))[4][-1]
        assert "the aim too" in rows(figures_of(tokenize__least_ratio__2=31.0))[4][-1]

    def test_limits_are_of_targets(self):
        limits = json.loads((ROOT / "benchmarks" / LIMITS_FILE).read_text(encoding="utf-8"))
        assert set(limits) <= {target.ours for target in TARGETS}


class TestPages:
    def test_page_of_made_up_results(self, tmp_path: Path):
        plot = Plot("curve", "Cost", "tokens", "seconds", [Line("1 core", [(1e5, 0.1), (1e6, 1.2)])])
        made = Table("Title", "How it was taken.", ("what", "figure"), [["one", Figure.of([1.0, 2.0], "s")]])
        written(tmp_path, "building", Part([made], {"trace.first": Figure.of(2.0, "s")}, [plot], missing=["a peer"]))
        written(tmp_path, "building", Part([made], {"trace.first": Figure.of(1.0, "s")}, [plot]), "full")
        report.write_pages(tmp_path / "results", tmp_path, PARTS)
        page = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
        assert "## Building an index" in page
        assert "| one | 1.50 (1.00 - 2.00) s |" in page
        assert "How it was taken." in page
        assert "- a peer" in page
        assert "commit abc1234" in page
        assert "The machine was quiet." in page
        assert "## Whole corpora" in page
        assert "first trace of a new process" in page
        assert "**2.00 s**" in page  # the target is on what `make bench` measured, not on the full run
        for name in re.findall(r"!\[.*?\]\((plots/.*?)\)", page):
            assert (tmp_path / name).exists()
        assert "has not been measured" in (tmp_path / "scaling.md").read_text(encoding="utf-8")

    def test_equal_results_make_equal_pages(self, tmp_path: Path):
        written(tmp_path, "truth", Part([Table("T", "H.", ("a",), [["b"]])], constants()))
        report.write_pages(tmp_path / "results", tmp_path, PARTS)
        first = [(tmp_path / name).read_bytes() for name in ("benchmarks.md", "scaling.md")]
        report.write_pages(tmp_path / "results", tmp_path, PARTS)
        assert first == [(tmp_path / name).read_bytes() for name in ("benchmarks.md", "scaling.md")]

    def test_committed_pages_are_those_of_the_committed_results(self, tmp_path: Path):
        report.write_pages(ROOT / "benchmarks" / "results", tmp_path, PARTS)
        for file in [path for path in tmp_path.rglob("*") if path.is_file()]:
            assert file.read_bytes() == (ROOT / "docs" / file.relative_to(tmp_path)).read_bytes(), file.name

    def test_committed_plots_are_shown(self):
        page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
        for file in (ROOT / "docs" / "plots").glob("*.svg"):
            assert f"(plots/{file.name})" in page
            assert file.stat().st_size < 16_000


class TestPlots:
    def test_accessible_and_well_formed(self):
        lines = [Line("a & b", [(1, 1), (10, 3)]), Line("c", [(1, 0.2), (10, 0.4)])]
        drawn = svg(Part(plots=[Plot("p", "Cost <by> size", "tokens", "seconds", lines)]).to_json()["plots"][0])
        root = ElementTree.fromstring(drawn)
        name = "{http://www.w3.org/2000/svg}"
        assert root.attrib["role"] == "img"
        assert root.findtext(f"{name}title") == "Cost <by> size"
        assert "a & b: 1 at 1, 3 at 10" in (root.findtext(f"{name}desc") or "")
        assert "prefers-color-scheme:dark" in (root.findtext(f"{name}style") or "")
        assert len(root.findall(f"{name}circle")) == 4


class TestScaling:
    def test_small_corpus_is_one_machine(self):
        made = cost(1e9, Constants.of(constants()))
        assert made.segments == 1
        assert made.machines == 1
        assert made.disk_wide == pytest.approx(1e9 * 8 + made.documents * 50)
        assert made.build_seconds == pytest.approx(1e9 / (4e6 / 2 * 64 * 0.5) + 1e9 / 8e6)
        assert made.pages_of_position == pytest.approx(10 + 0.367, abs=1e-3)  # log10(1e9 / (2^32 / 10))

    def test_large_corpus(self):
        made = cost(4.611e12, Constants.of(constants()))
        assert made.segment_tokens == POSITIONS_OF_SEGMENT
        assert made.segments == 1074
        assert made.builds == 3  # each takes 16.5 bytes a token, 71 GB, of 256
        assert made.pages_of_position == pytest.approx(11)
        assert made.reads_of_trace == pytest.approx(11 * 1074 * 458)
        assert made.machines_for_disk == 2
        assert made.machines_for_reads == 2

    def test_memory_of_large_segments_is_what_the_program_sets_aside(self):
        assert bytes_per_token(np.uint32, POSITIONS_OF_SEGMENT) <= WIDE_MEMORY

    def test_page_shows_the_arithmetic(self):
        page = scaling_page(constants())
        assert "1,074 segments" in page
        assert "Beside OLMoTrace" in page
        assert all(f"{name} tokens" in page for name in CORPORA)

    def test_what_is_missing_is_named(self):
        figures = constants()
        del figures["pages.counts"]
        assert "pages.counts" in scaling_page(figures)


class TestMeasuring:
    def test_a_small_build(self, tmp_path: Path):
        from parts import building

        records = ({"id": str(n), "text": f"The {n}th text of a small corpus."} for n in range(20))
        corpus = tmp_path / "corpus.jsonl"
        corpus.write_text("".join(json.dumps(record) + "\n" for record in records))
        made = building.build(str(corpus), str(tmp_path / "corpus.index"), threads=1)
        assert made["documents"] == 20
        assert set(made["stages"]) == {"read", "sort", "publish"}
        assert set(building.PER_DOCUMENT_FILES) <= set(made["files"])
        assert building.verify(str(tmp_path / "corpus.index")) == []

    def test_scales_have_parts(self):
        assert set(SCALES) == {"quick", "bench", "full"}
        folder = ROOT / "benchmarks" / "parts"
        assert {path.stem for path in folder.glob("*.py")} - {"__init__"} >= set(PARTS)
