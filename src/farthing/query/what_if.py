"""Recorded calls and another model, tier or both in; what the same usage would have cost there, by the same ledger, out."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from farthing.model import money
from farthing.model.ledger import Cost, CostStatus
from farthing.model.usage import INPUT_SIDE, OUTPUT_SIDE, Bucket, Usage, UsageSource
from farthing.pricing.catalog import Catalog
from farthing.pricing.cost import Asked, price_of
from farthing.pricing.overrides import Scope as Payer
from farthing.pricing.rates import REQUEST
from farthing.query.errors import ParameterError
from farthing.query.moments import rfc3339
from farthing.query.parameters import Parameters
from farthing.query.question import RANGE, Given, Pairs, Scope, take_scope
from farthing.query.sql import calls_where
from farthing.store.telemetry.engine import Engine

Json = dict[str, Any]

MOST_CALLS = 200_000
CAVEAT = (
    "The tokens are those that were counted for the model that answered. Another model's tokenizer makes more or fewer of "
    "the same text, and its answers are longer or shorter; compare token counts of a sample before deciding."
)

_COLUMNS = (
    "provider", "model", "request_model", "response_model", "served_tier", "region", "key_id", "operation", "usage_source",
    "toUnixTimestamp64Nano(start_time)", "line_bucket", "line_quantity", "cost", "cost_status",
    "input_tokens IS NOT NULL", "output_tokens IS NOT NULL",
)  # fmt: skip


class Instead(msgspec.Struct, frozen=True):
    """What the calls would have been made with; "" as they were."""

    provider: str = ""
    model: str = ""
    service_tier: str = ""
    region: str = ""


class _Sums:
    def __init__(self) -> None:
        self.calls = self.compared = self.uncovered = 0
        self.was = self.would = 0

    def shown(self) -> Json:
        return {
            "calls": self.calls,
            "compared_calls": self.compared,
            "uncovered_calls": self.uncovered,
            "cost_usd": money.to_text(self.was),
            "what_if_cost_usd": money.to_text(self.would),
            "difference_usd": money.to_text(self.would - self.was),
        }


def what_if(engine: Engine, catalog: Catalog, project_id: str, pairs: Pairs, instead: Instead, now_ns: int) -> Json:
    """Both costs, in all and by the model that answered. Raises `ParameterError` and `StoreError`."""
    given = Given(pairs)
    scope, _ = take_scope(given, project_id, now_ns)
    given.finish(RANGE)
    rows = _calls(engine, scope)
    total, models, reasons = _Sums(), dict[tuple[str, str], _Sums](), dict[str, int]()
    for row in rows:
        cost = _priced(row, instead, catalog.within(Payer(project=project_id, key=row[6])))
        sums = models.setdefault((row[0], row[1]), _Sums())
        if row[12] is None or cost.amount is None:
            why = cost.rule if cost.amount is None else "the recorded call has no cost to compare with"
            reasons[why or "the usage was not reported"] = reasons.get(why or "the usage was not reported", 0) + 1
        for one in (total, sums):
            _count(one, row[12], cost)
    return {
        "from": rfc3339(scope.start_ns),
        "to": rfc3339(scope.end_ns),
        "price_version": catalog.version,
        **total.shown(),
        "groups": [
            {"provider": name[0] or None, "model": name[1] or None} | sums.shown()
            for name, sums in sorted(models.items(), key=lambda item: (-item[1].was, item[0]))
        ],
        "uncovered": [{"reason": why, "calls": calls} for why, calls in sorted(reasons.items(), key=lambda r: -r[1])],
        "caveat": CAVEAT,
    }


def _count(sums: _Sums, was: Any, cost: Cost) -> None:
    sums.calls += 1
    if was is None or cost.amount is None:
        sums.uncovered += 1
        return
    sums.compared += 1
    sums.was += money.to_units(was)
    sums.would += cost.amount


def _calls(engine: Engine, scope: Scope) -> Sequence[Sequence[Any]]:
    p = Parameters()
    where = f"is_owner AND {calls_where(scope, ((scope.start_ns, scope.end_ns),), p)}"
    rows = engine.query(
        f"SELECT {', '.join(_COLUMNS)} FROM calls FINAL WHERE {where} LIMIT {p.add('UInt32', MOST_CALLS + 1)}", p.values
    ).rows
    if len(rows) > MOST_CALLS:
        raise ParameterError("from", f"more than {MOST_CALLS:,} calls; ask about a shorter range or filter further.")
    return rows


def _priced(row: Sequence[Any], instead: Instead, catalog: Catalog) -> Cost:
    provider, _, asked, answered, tier, region, _, operation, source, start_ns, buckets, quantities = row[:12]
    if not buckets:
        return Cost(CostStatus.UNKNOWN)
    other = bool(instead.model)
    return price_of(
        Asked(
            provider=instead.provider or (provider if not other else ""),
            request_model=instead.model or asked,
            response_model="" if other else answered,
            served_tier=instead.service_tier or ("" if other else tier),
            region=instead.region or ("" if other else region),
            operation=operation,
            start_ns=start_ns,
            usage=Usage(_buckets(buckets, quantities, row[14], row[15]), UsageSource(source)),
        ),
        catalog,
    )


def _buckets(names: Sequence[str], quantities: Sequence[int], told_input: bool, told_output: bool) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for name, quantity in zip(names, quantities, strict=True):
        if name != REQUEST:
            found[name] = found.get(name, 0) + int(quantity)
    # What was told as zero has no line.
    if told_input and INPUT_SIDE.isdisjoint(found):
        found[Bucket.INPUT.value] = 0
    if told_output and OUTPUT_SIDE.isdisjoint(found):
        found[Bucket.OUTPUT.value] = 0
    return found
