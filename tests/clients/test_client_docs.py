"""What docs/clients.md and the README say of clients is what the suite runs."""

from __future__ import annotations

import re

import pytest
from clients.systems import ADDRESS, DOCS, EXAMPLES, PROJECT, REQUIREMENTS, ROOT, SYSTEMS, System, section

README = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Traces of your application\n")[2]
OTHERS = {"Hugging Face models of your own", "OLMoTrace", "Import"}
"""Sections that are about no client: their snippets are run by the tests of what they describe."""


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_a_section_names_the_application_and_the_versions(system: System) -> None:
    text = section(system.section)
    assert f"](examples/{system.script})" in text
    assert (EXAMPLES / system.script).is_file()
    assert system.exports() or system.variables
    pinned = dict(re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)$", system.requirements.read_text(), re.MULTILINE))
    tested = re.findall(r"([\w.-]+) (\d+\.\d+(?:\.\w+)*)", text.partition("Tested with")[2].partition(".\n")[0])
    assert tested
    assert all(pinned.get(package, version) == version for package, version in tested)
    assert any(package in pinned for package, _ in tested)


def test_every_section_is_of_a_system() -> None:
    headings = re.findall(r"^## (.+)$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(headings) == {system.section for system in SYSTEMS} | (OTHERS & set(headings))
    assert len(headings) == len(set(headings))


def test_all_requirements_are_pinned() -> None:
    assert {system.requirements for system in SYSTEMS} <= set(REQUIREMENTS.iterdir())
    for path in REQUIREMENTS.iterdir():
        lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
        assert lines
        assert all(re.fullmatch(r"[\w.-]+(\[[\w,]+\])?==[\w.]+", line) for line in lines), path.name


def test_the_readme_shows_the_application() -> None:
    [code] = re.findall(r"```python\n(.*?)```", README.partition("\n## ")[0], re.DOTALL)
    assert code == (EXAMPLES / "retrieval.py").read_text(encoding="utf-8")


def test_the_readme_names_the_variables() -> None:
    told = re.findall(r"^    export (\w+)=(.*)$", README.partition("\n## ")[0], re.MULTILINE)
    by_name = {system.name: system for system in SYSTEMS}
    exported = [by_name[name].exports() for name in ("langsmith", "opentelemetry", "gateway")]
    assert set(told) <= {pair for each in exported for pair in each.items()}
    assert set(exported[0].items()) | set(exported[1].items()) <= set(told)
    assert {ADDRESS, PROJECT} <= {value for _, value in told}
