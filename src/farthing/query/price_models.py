"""A catalogue, words and an instant in; one row per model with its plain rates, for a table of prices, out. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from farthing.model import money
from farthing.pricing.catalog import Catalog, PriceRow
from farthing.pricing.rates import ANY
from farthing.query.moments import rfc3339

Json = dict[str, Any]

STANDARD, BATCH = "standard", "batch"
SHOWN = ("input", "output", "cache_read", "cache_write", "reasoning")
SHOWN_OF_BATCH = ("input", "output")
_PER = 1_000_000


def listed(catalog: Catalog, at_ns: int, provider: str = "", text: str = "") -> Iterator[Json]:
    """In the catalogue's order, models whose provider and name hold every word; rates of small contexts, dollars a million tokens."""
    if provider and provider not in catalog.providers():
        return
    words = text.lower().split()
    for (seller, model), rows in groupby(catalog.price_rows(provider), key=lambda row: (row.provider, row.model)):
        name = f"{seller} {model}".lower()
        if all(word in name for word in words):
            yield _row(seller, model, list(rows), at_ns)


def _row(provider: str, model: str, rows: Sequence[PriceRow], at_ns: int) -> Json:
    now = [row for row in rows if _in_force(row, at_ns)]
    plain = [row for row in now if _is_plain(row)]
    standard = [row for row in plain if row.tier == STANDARD]
    batch = [row for row in plain if row.tier == BATCH]
    first = (standard or batch or now or list(rows))[0]
    since = [row.valid_from for row in standard if row.valid_from is not None]
    until = [row.valid_until for row in standard if row.valid_until is not None]
    known = [row.known_since for row in now if row.known_since is not None]
    return {
        "provider": provider,
        "model": model,
        "rates": {bucket: _rate(standard, bucket) for bucket in SHOWN},
        "batch": {bucket: _rate(batch, bucket) for bucket in SHOWN_OF_BATCH},
        "tiers": sorted({row.tier for row in now if row.bucket}),
        "more_rates": len(now) - len(plain) + sum(row.bucket not in SHOWN for row in plain),
        "valid_from": rfc3339(max(since)) if since else None,
        "valid_until": rfc3339(min(until)) if until else None,
        "changes": len({row.valid_from for row in rows if row.valid_from is not None}),
        "known_since": rfc3339(min(known)) if known else None,
        "source": first.source or None,
        "ended": not now,
    }


def _rate(rows: Iterable[PriceRow], bucket: str) -> str | None:
    return next((money.to_text(row.usd) for row in rows if row.bucket == bucket and row.per == _PER), None)


def _is_plain(row: PriceRow) -> bool:
    return not (row.input_above or row.daily or row.factor or row.adds) and row.region == ANY


def _in_force(row: PriceRow, at_ns: int) -> bool:
    return (row.valid_from is None or row.valid_from <= at_ns) and (row.valid_until is None or at_ns < row.valid_until)
