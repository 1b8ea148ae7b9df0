"""Makes the parts of the documentation that follow from the code: tables, openapi.json and the README's picture.

Run it as `python docs/make_docs.py` after `make demo`; `tests/service/test_docs.py` fails where the tables are out of
date.
"""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

DOCS = Path(__file__).parent
ROOT = DOCS.parent
PICTURED = "gpt-seen-4-2"
"""The generation on the picture: partly memorized, so that spans and their edges can be seen."""

_OPERATIONS = re.compile(r"<!-- operations -->\n.*?<!-- end of operations -->", re.DOTALL)
_SETTINGS = re.compile(r"<!-- settings -->\n.*?<!-- end of settings -->", re.DOTALL)
_TABLE = re.compile(r"<!-- options: ([\w ]+) -->\n.*?<!-- end of options -->", re.DOTALL)
_DEFAULT = re.compile(r"\s*\[default: (.*?)\]")
_THEME = TerminalTheme(
    (255, 253, 248),
    (34, 37, 43),
    [
        (34, 37, 43),
        (190, 50, 60),
        (34, 128, 58),
        (154, 107, 0),
        (43, 95, 179),
        (160, 60, 140),
        (22, 131, 184),
        (102, 108, 120),
    ],
    [
        (118, 124, 136),
        (220, 70, 80),
        (50, 150, 80),
        (190, 140, 20),
        (70, 130, 220),
        (190, 90, 170),
        (50, 160, 210),
        (34, 37, 43),
    ],
)


def commands() -> dict[str, Any]:
    """The commands as click objects, by name; those of a group by both names."""
    from typer.main import get_command

    from wherefrom.cli.app import app

    found: dict[str, Any] = {}
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found |= {f"{name} {part}": held for part, held in inner.items()} if inner else {name: command}
    return found


def options_table(command: Any) -> str:
    """A Markdown table of the options of a command: how it is written, what it does, its default."""
    rows = ["| option | what it does | default |", "|---|---|---|"]
    for option in options(command):
        words, default = help_and_default(option)
        rows.append(f"| {written(option)} | {escaped(words)} | {escaped(default)} |")
    return "\n".join(rows)


def options(command: Any) -> list[Any]:
    """The options of a command, `--help` left out."""
    return [option for option in command.params if option.param_type_name == "option" and "--help" not in option.opts]


def written(option: Any) -> str:
    """An option as Markdown code, with what it takes."""
    names = "` / `".join([*option.opts, *option.secondary_opts])
    return f"`{names}`" if option.is_flag else f"`{names} {escaped(option.metavar)}`"


def help_and_default(option: Any) -> tuple[str, str]:
    """What an option does, and its default: required, in the words of its help, or the value in the code."""
    words = " ".join((option.help or "").split())
    if told := _DEFAULT.search(words):
        return _DEFAULT.sub("", words), told[1]
    if option.required:
        return words, "required"
    if option.is_flag:
        return words, "off"
    return words, "" if option.default is None else str(option.default)


def escaped(text: str) -> str:
    """Text that may stand in a cell of a table."""
    return text.replace("|", "\\|")


def with_tables(text: str) -> str:
    """The text of cli.md with its tables made anew."""
    known = commands()

    def table(match: re.Match[str]) -> str:
        return f"<!-- options: {match[1]} -->\n{options_table(known[match[1]])}\n<!-- end of options -->"

    return _TABLE.sub(table, text)


def openapi() -> dict[str, Any]:
    """The OpenAPI document of the service."""
    from wherefrom.api.app import create_app
    from wherefrom.api.settings import Settings

    return create_app(Settings.load(store="traces")).openapi()


def openapi_text() -> str:
    """What stands in openapi.json."""
    return json.dumps(openapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def operations_tables(document: dict[str, Any]) -> str:
    """Markdown tables of what the service answers, one for each tag, in the order of the tags."""
    lines = []
    for tag in document["tags"]:
        rows = [
            f"| `{method.upper()} {path}` | {escaped(operation['summary'])} |"
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
            if tag["name"] in operation["tags"]
        ]
        if rows:
            heading = [f"**{tag['name']}**: {tag['description']}", "", "| operation | what it does |", "|---|---|"]
            lines += [*heading, *rows, ""]
    return "\n".join(lines[:-1])


def settings_table() -> str:
    """A Markdown table of the settings of the service."""
    from wherefrom.api.settings import Settings

    rows = ["| setting | variable | what it is | default |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "~/.local/share/wherefrom" if name == "store" else field.default
        told = "" if default in (None, (), {}) else f"`{json.dumps(default).strip(chr(34))}`"
        rows.append(f"| `{name}` | `WHEREFROM_{name.upper()}` | {escaped(str(field.description))} | {told} |")
    return "\n".join(rows)


def with_operations(text: str) -> str:
    """The text of api.md with its tables made anew."""
    text = _OPERATIONS.sub(
        lambda _: f"<!-- operations -->\n{operations_tables(openapi())}\n<!-- end of operations -->", text
    )
    return _SETTINGS.sub(lambda _: f"<!-- settings -->\n{settings_table()}\n<!-- end of settings -->", text)


def picture() -> str:
    """An SVG of what `wherefrom trace` prints for a generation of the demo."""
    from wherefrom import Tracer
    from wherefrom.terminal import ProvenanceView

    lines = (ROOT / "data" / "generations.jsonl").read_text(encoding="utf-8").splitlines()
    record = next(record for record in map(json.loads, lines) if record["id"] == PICTURED)
    with Tracer.open(ROOT / "build" / "demo.index") as tracer:
        provenance = tracer.trace(record["text"], context_characters=80)
    console = Console(
        record=True, width=100, force_terminal=True, color_system="truecolor", file=io.StringIO(), highlight=False
    )
    command = "wherefrom trace build/demo.index --file output.txt --context-characters 80"
    console.print(Text.assemble(("$ ", "bold"), command, "\n"))
    console.print(ProvenanceView(provenance))
    # Rich's frame would fetch a font from elsewhere. Letters are placed by their width: any monospace font does.
    svg = console.export_svg(title="wherefrom", theme=_THEME, unique_id="wherefrom")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL).replace("Fira Code", "ui-monospace")


def main() -> None:
    """Writes openapi.json, the tables of cli.md and api.md, and the picture."""
    (DOCS / "openapi.json").write_text(openapi_text(), encoding="utf-8")
    for name, made in (("cli.md", with_tables), ("api.md", with_operations)):
        path = DOCS / name
        path.write_text(made(path.read_text(encoding="utf-8")), encoding="utf-8")
    if not (ROOT / "build" / "demo.index" / "manifest.json").is_file():
        sys.exit("The picture needs build/demo.index: run make demo first.")
    (DOCS / "terminal.svg").write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
