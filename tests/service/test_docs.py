"""The documentation says what the code does."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def load_make_docs() -> Any:
    spec = importlib.util.spec_from_file_location("make_docs", DOCS / "make_docs.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make_docs = load_make_docs()
COMMANDS = make_docs.commands()
CLI = (DOCS / "cli.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(command: str) -> str:
    return CLI.partition(f"\n## {command}\n")[2].partition("\n## ")[0]


def commands_in(text: str) -> list[list[str]]:
    """The `wherefrom` commands of the indented blocks of a Markdown text."""
    lines = [line.strip().partition(" | jq")[0] for line in text.splitlines() if line.startswith("    ")]
    return [shlex.split(line[line.index("wherefrom ") :]) for line in lines if "wherefrom " in line]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented_and_helps(name):
    command = COMMANDS[name]
    assert command.help
    assert len(command.help.splitlines()[0]) < 70
    assert section(name), f"docs/cli.md has no section {name}"
    assert commands_in(section(name)), f"docs/cli.md has no example of {name}"
    for parameter in command.params:
        assert parameter.help or "--help" in parameter.opts, f"{name}: {parameter.name} has no help"
    for option in make_docs.options(command):
        for written in (*option.opts, *option.secondary_opts):
            assert f"`{written}" in section(name), f"docs/cli.md: {name} lacks {written}; run docs/make_docs.py"


def test_the_option_tables_are_up_to_date():
    assert make_docs.with_tables(CLI) == CLI, "run docs/make_docs.py"


def test_what_the_documentation_says_of_the_service_is_up_to_date():
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    assert make_docs.with_operations(text) == text, "run docs/make_docs.py"
    assert (DOCS / "openapi.json").read_text(encoding="utf-8") == make_docs.openapi_text(), "run docs/make_docs.py"


def operations_of(document):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield f"{method.upper()} {path}", operation


def test_every_operation_is_described():
    document = make_docs.openapi()
    known = {tag["name"] for tag in document["tags"]}
    for what, operation in operations_of(document):
        assert operation.get("summary"), f"{what} has no summary"
        assert operation.get("description"), f"{what} has no description"
        assert set(operation["tags"]) <= known, f"{what} has a tag that api/openapi.py does not describe"
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), f"{what}: {parameter['name']} has no description"


def test_what_operations_take_and_answer_has_examples_that_are_right():
    document = make_docs.openapi()
    for what, operation in operations_of(document):
        bodies = {"request": operation.get("requestBody", {})} | operation["responses"]
        for name, content in ((name, body.get("content", {}).get("application/json")) for name, body in bodies.items()):
            if content is not None:
                found = examples(document, content)
                assert found, f"{what}: {name} has no example; run docs/make_examples.py"
                whole = {"components": document["components"], **content["schema"]}
                for example in found:
                    jsonschema.Draft202012Validator(whole).validate(example)


def examples(document, content):
    """The examples that stand beside a schema or in it."""
    schema = content.get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    found = [place["example"] for place in (content, schema) if "example" in place]
    for listed in (place["examples"] for place in (content, schema) if "examples" in place):
        found += [one["value"] for one in listed.values()] if isinstance(listed, dict) else listed
    return found


def test_every_trace_option_tells_its_default():
    from dataclasses import fields

    from wherefrom.options import TraceOptions

    options = {option.name: option for option in make_docs.options(COMMANDS["trace"])}
    for field in fields(TraceOptions):
        assert field.name in options, f"the command line has no option for {field.name}"
        _, default = make_docs.help_and_default(options[field.name])
        expected = {True: "on", False: "off"}.get(field.default) if isinstance(field.default, bool) else None  # type: ignore[call-overload]
        shown = expected or (f"{field.default:,}" if isinstance(field.default, int) else str(field.default))
        assert default.split(";")[0] == shown


@pytest.mark.parametrize("arguments", commands_in(CLI) + commands_in(README), ids=" ".join)
def test_commands_in_the_documentation_parse(arguments):
    words = 1 if arguments[1] in COMMANDS else 2
    name = " ".join(arguments[1 : 1 + words])
    COMMANDS[name].make_context(name, arguments[1 + words :])


def test_the_formats_of_the_command_line_are_those_of_the_indexer():
    from wherefrom.cli.source_options import FORMATS
    from wherefrom_indexer.sources import FORMATS as KNOWN

    assert FORMATS == KNOWN


def test_the_python_of_the_readme_runs(tmp_path, capsys):
    code, *_ = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (tmp_path / "corpus.jsonl").write_text(
        json.dumps({"id": "one", "text": "This is a passage that a model wrote, too."})
    )
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        exec(compile(code, "README.md", "exec"), {})
    finally:
        os.chdir(before)
    assert "a passage that a model wrote" in capsys.readouterr().out


def markdown_files() -> list[Path]:
    return [*ROOT.glob("*.md"), *DOCS.glob("*.md")]


@pytest.mark.parametrize("path", markdown_files(), ids=lambda path: path.name)
def test_links_lead_to_files(path):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_the_architecture_mentions_every_module():
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    for folder in ("indexer/wherefrom_indexer", "service/wherefrom"):
        part = text.partition(f"## `{folder}`")[2].partition("\n## ")[0]
        here = {path.stem for path in (ROOT / folder).iterdir() if not path.name.startswith("_") and path.stem != "py"}
        missing = here - set(re.findall(r"`([a-z_]+)`", part))
        assert not missing, f"docs/architecture.md does not mention {sorted(missing)} of {folder}"


@pytest.mark.parametrize(
    "folder", ["api", "pool", "traces", "traces/ingest", "traces/ingest/conventions", "traces/export"]
)
def test_the_architecture_mentions_every_module_of_the_service(folder):
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    part = text.partition("## Traces and service")[2].partition("\n## ")[0]
    modules = (ROOT / "service" / "wherefrom" / folder).glob("[!_]*.py")
    missing = {path.stem for path in modules} - set(re.findall(r"`([a-z_]+)`", part))
    assert not missing, f"docs/architecture.md does not mention {sorted(missing)} of {folder}"


def test_the_picture_stands_alone():
    picture = (DOCS / "terminal.svg").read_text(encoding="utf-8")
    assert "url(http" not in picture.replace('url("', "url(")
    assert "A&#160;match&#160;is&#160;evidence&#160;of&#160;text" in picture
