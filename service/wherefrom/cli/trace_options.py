"""The options of a trace as the command line has them: their help, with the defaults of every preset."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from wherefrom.options import PRESETS, TraceOptions

_DEFAULTS = {preset: TraceOptions.of(preset) for preset in PRESETS}


def _option(name: str, metavar: str | None, words: str) -> Any:
    """An option of `TraceOptions`: its help ends with its default, which stands there and nowhere else."""
    flag = name.replace("_", "-")
    declarations = () if metavar else (f"--{flag}/--no-{flag}",)
    return typer.Option(*declarations, metavar=metavar, help=f"{words} [default: {_default(name)}]")


def _default(name: str) -> str:
    """The default of an option in words, and where the other presets have another."""
    usual = getattr(_DEFAULTS["default"], name)
    others = {preset: getattr(options, name) for preset, options in _DEFAULTS.items()}
    differing = [f"{_shown(value)} with --preset {preset}" for preset, value in others.items() if value != usual]
    return "; ".join([_shown(usual), *differing])


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:,}" if isinstance(value, int) else str(value)


Preset = Annotated[
    str,
    typer.Option(
        metavar="|".join(PRESETS), help="The way spans are found; olmotrace is the published pipeline, for comparison."
    ),
]
MinCharacters = Annotated[int | None, _option("min_characters", "N", "Shortest span kept, in characters.")]
MinTokens = Annotated[int | None, _option("min_tokens", "N", "Shortest span kept, in tokens.")]
MaxCount = Annotated[
    str | None, _option("max_count", "N|none", "Withhold spans that occur more often than this; none: no limit.")
]
Density = Annotated[
    str | None,
    _option("density", "X|none", "Show at most X spans per token of the text, the rarest; none: all of them."),
]
WordBoundaries = Annotated[
    bool | None, _option("word_boundaries", None, "Spans begin and end at word boundaries of the text.")
]
SentenceBoundaries = Annotated[
    bool | None, _option("sentence_boundaries", None, "No span crosses the end of a sentence.")
]
MaxDocuments = Annotated[
    int | None, _option("max_documents", "N", "Documents kept for each span, sampled where there are more.")
]
ContextCharacters = Annotated[
    int | None, _option("context_characters", "N", "Context on each side of a match in a snippet, in characters.")
]
Seed = Annotated[int | None, _option("seed", "N", "Seed of the sampling of documents, a whole number.")]
