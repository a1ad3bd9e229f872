"""Observations in; their tokens and dollars as each version of Langfuse's SDKs parses them, out. Pure.

Where a version demands a number and nobody knows it, it is 0, as with Langfuse; `usageDetails` and `costDetails` then are empty.
"""

from decimal import Decimal
from typing import Any, cast

import msgspec

from farthing.langfuse.names import OTHER_USAGE
from farthing.langfuse.shapes import Json
from farthing.query.observed import Observed

_O = "langfuse.observation."


def usage_details(one: Observed) -> Json:
    """Tokens in disjoint parts: those that were told, else those of the call."""
    return _told_usage(one) or _of_call(one)


def _told_usage(one: Observed) -> Json:
    """{} where none is told, or a provider's own object, whose parts lie within each other."""
    told = json_of(one.attributes.get(_O + "usage_details"))
    if not isinstance(told, dict) or not told:
        return {}
    counts = cast("Json", told)
    flat = {name: count for name, count in counts.items() if isinstance(count, int) and not isinstance(count, bool)}
    if len(flat) != len(counts) or {"prompt_tokens", "input_tokens"} & set(flat):
        return {}
    return flat if "total" in flat else {**flat, "total": sum(flat.values())}


def _of_call(one: Observed) -> Json:
    if one.call is None or (one.call["input_tokens"] is None and one.call["output_tokens"] is None):
        return {}
    row = one.call
    taken_in, given = row["input_tokens"], row["output_tokens"]
    cached, written, reasoning = (
        row[n] or 0 for n in ("cached_input_tokens", "cache_write_tokens", "reasoning_tokens")
    )
    found = {
        "input": None if taken_in is None else max(0, taken_in - cached - written),
        "input_cached_tokens": cached or None,
        "input_cache_creation": written or None,
        "output": None if given is None else max(0, given - reasoning),
        "output_reasoning_tokens": reasoning or None,
        "total": (taken_in or 0) + (given or 0),
    }
    return {name: count for name, count in found.items() if count is not None}


def cost_details(one: Observed) -> Json:
    """Dollars: what the ledger says; where it says nothing, what was told."""
    row = one.call
    if row is not None and row["is_owner"] and row["cost"] is not None:
        parts = {"input": row["input_cost"], "output": row["output_cost"], "total": row["cost"]}
        return {name: _plain(amount) for name, amount in parts.items() if amount is not None}
    told = json_of(one.attributes.get(_O + "cost_details"))
    if not isinstance(told, dict) or (row is not None and not row["is_owner"]):
        return {}
    return {name: amount for name, amount in cast("Json", told).items() if isinstance(amount, int | float)}


def _plain(amount: Decimal) -> Decimal:
    """Without trailing zeros or an exponent."""
    return Decimal(f"{amount.normalize():f}")


def legacy_usage(one: Observed, usage: Json, costs: Json) -> Json:
    """Input, output and total in one unit, which are other than tokens where an application said so."""
    other = json_of(one.attributes.get(OTHER_USAGE))
    in_dollars = {"inputCost": costs.get("input"), "outputCost": costs.get("output"), "totalCost": costs.get("total")}
    if isinstance(other, dict) and not usage:
        return cast("Json", other) | in_dollars
    row = one.call
    told = usage if row is None or usage == _told_usage(one) else {}
    taken_in = told.get("input", 0) if told or row is None else row["input_tokens"] or 0
    given = told.get("output", 0) if told or row is None else row["output_tokens"] or 0
    return {
        "input": taken_in,
        "output": given,
        "total": usage.get("total", taken_in + given),
        "unit": "TOKENS",
        **in_dollars,
    }


def json_of(value: Any) -> Any:
    """What a text is the JSON of, None where of nothing; any other value is itself."""
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return None
