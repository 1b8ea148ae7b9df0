"""The Parquet files of an audit: a row for each output, and a row for each long passage."""

from __future__ import annotations

import pyarrow as pa

GENERATIONS = pa.schema(
    [
        ("line", pa.int64()),
        ("id", pa.string()),
        ("status", pa.string()),
        ("fault", pa.string()),
        ("groups", pa.list_(pa.string())),
        ("characters", pa.int64()),
        ("counted_characters", pa.int64()),
        ("tokens", pa.int64()),
        ("words", pa.int64()),
        ("coverage", pa.list_(pa.float64())),
        ("share", pa.float64()),
        ("rarity_share", pa.float64()),
        ("longest", pa.int64()),
        ("longest_tokens", pa.int64()),
        ("rarest_bits", pa.float64()),
        ("mean_suffix", pa.float64()),
        ("uniqueness", pa.list_(pa.float64())),
        ("creativity_index", pa.float64()),
        ("near_verbatim", pa.float64()),
        ("near_verbatim_recall", pa.float64()),
        ("documents", pa.int64()),
        ("prompt_overlap", pa.float64()),
        ("findings", pa.int64()),
        ("finding_kinds", pa.list_(pa.struct([("kind", pa.string()), ("count", pa.int64())]))),
        ("novel", pa.list_(pa.int32())),
        ("ngrams", pa.list_(pa.int32())),
        ("suffixes", pa.list_(pa.int32())),
    ]
)
"""One row an output. `status`: measured, empty, faulty (see `fault`) or duplicate id; only measured ones count.

Null: the output is too short for that measure, or it was not asked for. `groups`, `coverage`, `uniqueness` are in the
order of the parameters. `novel` of `ngrams` n-grams stand nowhere, for n = 1, 2, ...; `suffixes`: positions whose
longest suffix in the corpus has 0, 1, ... tokens, the last one: so many or more.
"""

SPANS = pa.schema(
    [
        ("line", pa.int64()),
        ("id", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("text", pa.string()),
        ("count", pa.int64()),
        ("count_is_lower_bound", pa.bool_()),
        ("log_probability", pa.float64()),
        (
            "documents",
            pa.list_(pa.struct([("index", pa.string()), ("id", pa.string()), ("sources", pa.list_(pa.string()))])),
        ),
        (
            "findings",
            pa.list_(
                pa.struct([("kind", pa.string()), ("start", pa.int64()), ("end", pa.int64()), ("masked", pa.string())])
            ),
        ),
    ]
)
"""One row a passage of at least `match_characters`: half-open range in code points of the output, findings masked.

`sources`: the document's values of the source fields, in their order.
"""
