"""Questions about prices and a catalogue in; rates as rows, and what a usage would cost, out. Pure."""

from collections.abc import Iterable
from typing import Any

from farthing.model import money
from farthing.model.ledger import Cost, Line
from farthing.pricing.catalog import Catalog, PriceRow, model_rows
from farthing.pricing.rates import ANY
from farthing.query.moments import rfc3339

Json = dict[str, Any]


def rows(catalog: Catalog, provider: str = "", text: str = "", at_ns: int | None = None) -> Iterable[Json]:
    """Rates in the catalogue's order: of a provider, of models whose name holds the text, in force at an instant."""
    if provider and provider not in catalog.providers():
        return
    for row in catalog.price_rows(provider):
        if text and text.lower() not in row.model.lower():
            continue
        if at_ns is not None and not _in_force(row, at_ns):
            continue
        yield shown(row)


def history(catalog: Catalog, provider: str, model: str) -> tuple[str, str, list[Json]]:
    """All rates a model ever had, as it would be matched: its provider and id, the rule, and the rates."""
    found = catalog.match(provider, "", model)
    if found.model is None:
        return "", found.rule, []
    return f"{found.model.provider}/{found.model.id}", found.rule, [shown(row) for row in model_rows(found.model)]


def _in_force(row: PriceRow, at_ns: int) -> bool:
    return (row.valid_from is None or row.valid_from <= at_ns) and (row.valid_until is None or at_ns < row.valid_until)


def shown(row: PriceRow) -> Json:
    """A rate as the API shows it."""
    return {
        "provider": row.provider,
        "model": row.model,
        "tier": row.tier,
        "bucket": row.bucket or None,
        "unit": row.unit or None,
        "usd": None if row.factor else money.to_text(row.usd),
        "per": row.per,
        "input_above": row.input_above,
        "valid_from": _moment(row.valid_from),
        "valid_until": _moment(row.valid_until),
        "known_since": _moment(row.known_since),
        "hours": None if row.daily is None else "-".join(_clock(at) for at in row.daily),
        "region": None if row.region == ANY else row.region,
        "marginal": row.marginal,
        "factor": row.factor or None,
        "note": row.note or None,
        "source": row.source or None,
    }


def _moment(ns: int | None) -> str | None:
    return None if ns is None else rfc3339(ns)


def _clock(ns: int) -> str:
    minutes = ns // (60 * 10**9)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def explained(cost: Cost) -> Json:
    """A cost as the API shows it."""
    total, of_input, of_output = cost.amounts
    return {
        "cost_usd": _usd(total),
        "input_cost_usd": _usd(of_input),
        "output_cost_usd": _usd(of_output),
        "cost_status": cost.status.value,
        "matched_model": cost.matched_model or None,
        "rule": cost.rule or None,
        "price_version": cost.price_version or None,
        "source": cost.source or None,
        "lines": [_line(line, cost) for line in cost.lines],
    }


def _line(line: Line, cost: Cost) -> Json:
    return {
        "bucket": line.bucket,
        "quantity": line.quantity,
        "unit": line.unit,
        "rate_usd": _usd(line.rate),
        "per": line.per,
        "amount_usd": _usd(line.amount),
        "price_version": cost.price_version or None,
        "source": line.source or cost.source or None,
        "rule": line.rule or None,
        "tier": line.tier or None,
        "grade": line.grade.value,
    }


def _usd(units: int | None) -> str | None:
    return None if units is None else money.to_text(units)
