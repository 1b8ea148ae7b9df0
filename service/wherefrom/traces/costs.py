"""What a model call cost, from a table of published prices. What the table does not know stays unknown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot

_MILLION = 1_000_000
_SLOT_NS = 1800 * 10**9  # some prices depend on the time of the day
_MAX_NAME = 200  # of a model or provider: no price has a longer one
_MAX_LOOKUPS = 10_000  # then the table forgets the names it was asked for, which clients choose
_LAST_NS = 253_370_764_800 * 10**9  # the year 9999
_MAX_TOKENS = 10**12


def cost_of(
    model: str | None,
    provider: str | None,
    *,
    input_tokens: int | None,
    output_tokens: int | None,
    cache_read_tokens: int | None = None,
    cache_write_tokens: int | None = None,
    needs_output: bool = True,
    time_ns: int,
) -> float | None:
    """Return US dollars, or None where model, provider or usage are not known.

    Args:
        model, provider: as clients name them; without a provider only models whose maker their name tells are known.
        input_tokens: including those read from and written to a cache.
        needs_output: a call without output tokens is not priced; embeddings have none.
        time_ns: of the call; prices change.
    """
    if not model or input_tokens is None or (output_tokens is None and needs_output):
        return None
    read, written, output = cache_read_tokens or 0, cache_write_tokens or 0, output_tokens or 0
    if read + written > input_tokens or max(input_tokens, output) > _MAX_TOKENS:
        return None
    if len(model) > _MAX_NAME or len(provider or "") > _MAX_NAME or not 0 <= time_ns < _LAST_NS:
        return None
    rates = _rates(model, provider or None, time_ns // _SLOT_NS)
    if isinstance(rates, _Rates):
        return (
            rates.call
            + (input_tokens - read - written) * rates.input
            + read * rates.cache_read
            + written * rates.cache_write
            + output * rates.output
        )
    if rates is None:
        return None
    return _priced(rates.model, rates.provider, rates.time, input_tokens, output, read, written)


@dataclass(frozen=True, slots=True)
class _Rates:
    """US dollars for each token, and for the call; of prices that do not depend on how much is used."""

    call: float
    input: float
    output: float
    cache_read: float
    cache_write: float


@dataclass(frozen=True, slots=True)
class _Tiered:
    """A model whose prices depend on how much is used: the table computes each call, at a third of a millisecond."""

    model: str
    provider: str | None
    time: datetime


@lru_cache(maxsize=2048)
def _rates(model: str, provider: str | None, slot: int) -> _Rates | _Tiered | None:
    from genai_prices.types import TieredPrices

    time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=slot * (_SLOT_NS // 10**9))
    try:
        found_provider, found_model = _table().find_provider_model(model, None, provider, None)
    except LookupError:
        return None
    prices = found_model.get_prices(time)
    if any(isinstance(price, TieredPrices) for price in vars(prices).values()):
        return _Tiered(found_model.id, found_provider.id, time)

    def probe(*tokens: int) -> float | None:
        return _priced(model, provider, time, *tokens)

    call, read_in, written_out = probe(0, 0, 0, 0), probe(_MILLION, 0, 0, 0), probe(0, _MILLION, 0, 0)
    read, written = probe(_MILLION, 0, _MILLION, 0), probe(_MILLION, 0, 0, _MILLION)
    if call is None or read_in is None or written_out is None or read is None or written is None:
        return _Tiered(found_model.id, found_provider.id, time)
    return _Rates(call, *(max(0.0, price - call) / _MILLION for price in (read_in, written_out, read, written)))


def _priced(
    model: str, provider: str | None, time: datetime, input_tokens: int, output: int, read: int, written: int
) -> float | None:
    from genai_prices import Usage

    usage = Usage(
        input_tokens=input_tokens,
        output_tokens=output,
        cache_read_tokens=read or None,
        cache_write_tokens=written or None,
    )
    try:
        return float(_table().calc(usage, model, provider, None, time).total_price)
    except (LookupError, ValueError):  # no price at that time, or one that lacks what was used
        return None


_tables: list[tuple[DataSnapshot, int]] = []


def _table() -> DataSnapshot:
    """Return the price table; it remembers every name that it was asked for, so a fresh one is made now and then."""
    from genai_prices.data_snapshot import DataSnapshot, get_snapshot

    table, lookups = _tables[0] if _tables else (None, 0)
    if table is None or lookups >= _MAX_LOOKUPS:
        table, lookups = DataSnapshot(providers=get_snapshot().providers, from_auto_update=False), 0
    _tables[:] = [(table, lookups + 1)]
    return table
