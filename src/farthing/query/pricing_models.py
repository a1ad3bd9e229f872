"""A catalogue in; for each model that has a price by the token now, the exact names to send and its plain rates, out. Pure."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from farthing.pricing.catalog import Catalog
from farthing.query import prices

Json = dict[str, Any]

_PER = 1_000_000
_NAMES = {
    "input": "inputPricePer1M",
    "output": "outputPricePer1M",
    "cache_read": "cachedInputPricePer1M",
    "cache_write": "cacheWritePricePer1M",
    "cache_write_1h": "cacheWrite1hPricePer1M",
}


def models(catalog: Catalog, at_ns: int) -> Iterator[Json]:
    """At the standard tier, for small contexts; what else a price depends on, the price list tells."""
    for (provider, model), rows in groupby(
        prices.rows(catalog, at_ns=at_ns), key=lambda row: (row["provider"], row["model"])
    ):
        found: Json = dict.fromkeys(_NAMES.values())
        since: list[str] = []
        for row in rows:
            name = _NAMES.get(row["bucket"] or "")
            plain = row["tier"] == "standard" and not row["input_above"] and not row["region"] and not row["hours"]
            if name and plain and row["per"] == _PER and row["usd"] is not None and found[name] is None:
                found[name] = row["usd"]
                since.append(row["valid_from"] or "")
        if since:
            yield {"provider": provider, "model": model, "effectiveFrom": max(since) or None, **found}
