"""A scope in; its charges as rows of the FinOps Open Cost and Usage Specification, a day at a time, out.

Written for version 1.2, whose columns later versions keep: https://focus.finops.org/focus-specification/v1-2/
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from farthing.model import money
from farthing.model.usage import unit_of
from farthing.query import dimensions, moments
from farthing.query.errors import ParameterError
from farthing.query.parameters import Parameters
from farthing.query.question import Scope
from farthing.query.shapes import Json
from farthing.query.sql import calls_where
from farthing.shapes import Shape
from farthing.store.telemetry.cuts import TAG
from farthing.store.telemetry.engine import Engine

_read_terms = Shape(list[Any]).of_json

COLUMNS = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart",
    "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
    "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "ContractedUnitPrice", "EffectiveCost", "InvoiceIssuerName",
    "ListCost", "ListUnitPrice", "PricingCategory", "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName",
    "RegionId", "RegionName", "ResourceId", "ResourceName", "ResourceType", "ServiceCategory", "ServiceName",
    "ServiceSubcategory", "SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId", "SubAccountId", "SubAccountName", "Tags",
    "x_CallCount", "x_PriceVersion", "x_Grade",
)  # fmt: skip

_TAGGED = ("environment", "team", "tenant", "feature", "prompt_version", "config", "variant")
_SECONDS = {"hour": 3_600, "day": 86_400}
_MOST_TAGS = 10


def focus_days(
    engine: Engine, scope: Scope, granularity: str, tags: Sequence[str]
) -> tuple[tuple[str, ...], Iterator[list[Json]]]:
    """The columns, and the rows: one for each kind of line in each hour or day. Raises `ParameterError`.

    Calls without a known cost are left out: the specification has no word for a charge whose amount nobody knows.
    """
    if granularity not in _SECONDS:
        raise ParameterError("granularity", f"hour or day, not {granularity[:20]!r}.")
    for name in tags:
        if not name.startswith(TAG) or dimensions.find(name) is None:
            raise ParameterError(
                "columns", f"FOCUS has columns of its own; only tag.<key> can be added, not {name[:60]!r}."
            )
    if len(tags) > _MOST_TAGS:
        raise ParameterError("columns", f"at most {_MOST_TAGS} tags, not {len(tags)}.")
    return COLUMNS, _days(engine, scope, _SECONDS[granularity], [name.removeprefix(TAG) for name in tags])


def _days(engine: Engine, scope: Scope, seconds: int, tags: Sequence[str]) -> Iterator[list[Json]]:
    for start, end in _pieces(scope):
        p = Parameters()
        where = f"is_owner AND cost IS NOT NULL AND {calls_where(scope, ((start, end),), p)}"
        free = ", ".join(f"tags[{p.add('String', key)}]" for key in tags)
        keys = (
            f"intDiv(toUnixTimestamp(start_time), {seconds}) * {seconds} AS at, provider, model, matched_model, served_tier,"
            f" region, price_version, line_bucket AS buckets, line_rate AS rates, line_terms AS terms,"
            f" [{', '.join(_TAGGED)}] AS named, CAST([{free}], 'Array(String)') AS free"
        )
        rows = engine.query(
            f"SELECT {keys}, count() AS calls, sumForEach(line_quantity), sumForEach(line_amount) FROM calls FINAL"
            f" WHERE {where} GROUP BY ALL ORDER BY at, provider, model SETTINGS prefer_column_name_to_alias = 1",
            p.values,
        ).rows
        charges = [charge for row in rows for charge in _charges(scope.project_id, seconds, tags, row)]
        if charges:
            yield charges


def _pieces(scope: Scope) -> Iterator[tuple[int, int]]:
    """The range by UTC days."""
    day = 86_400 * moments.NS
    at = scope.start_ns
    while at < scope.end_ns:
        until = min(at - at % day + day, scope.end_ns)
        yield at, until
        at = until


def _charges(project_id: str, seconds: int, tags: Sequence[str], row: Sequence[Any]) -> Iterator[Json]:
    at, provider, model, matched, served, region, version, buckets, rates, terms, *rest = row
    named, free, calls, quantities, amounts = rest
    told = _read_terms(terms) if terms else []
    labels = zip((*_TAGGED, *tags), (*named, *free), strict=True)
    same = {
        **_period(moments.EPOCH + timedelta(seconds=int(at)), seconds),
        **_service(project_id, provider, model, region),
        "Tags": {name: text for name, text in labels if text},
        "x_CallCount": int(calls),
        "x_PriceVersion": version or None,
    }
    for bucket, rate, term, quantity, amount in zip(buckets, rates, told, quantities, amounts, strict=True):
        unit, per, grade, tier, rule, *_ = term
        what = tier or served
        sku = "/".join(filter(None, (provider, matched or model, bucket)))
        yield same | {
            **_priced(int(quantity), unit or unit_of(bucket), rate, per, amount),
            "ChargeDescription": f"{model or 'unknown model'}: {bucket}{f' ({what})' if what else ''}",
            "SkuId": sku,
            "SkuMeter": bucket,
            "SkuPriceId": "/".join(filter(None, (sku, what, version))),
            "SkuPriceDetails": {"x_tier": what, "x_rule": rule} if what or rule else None,
            "x_Grade": grade,
        }


def _period(start: datetime, seconds: int) -> Json:
    month = start.replace(day=1, hour=0)
    return {
        "BillingPeriodStart": _text(month),
        "BillingPeriodEnd": _text((month + timedelta(days=32)).replace(day=1)),
        "ChargePeriodStart": _text(start),
        "ChargePeriodEnd": _text(start + timedelta(seconds=seconds)),
        "ChargeCategory": "Usage",
        "ChargeClass": None,
        "ChargeFrequency": "Usage-Based",
    }


def _service(project_id: str, provider: str, model: str, region: str) -> Json:
    return {
        "BillingAccountId": project_id,
        "BillingAccountName": None,
        "SubAccountId": project_id,
        "SubAccountName": None,
        **dict.fromkeys(("InvoiceIssuerName", "ProviderName", "PublisherName", "ServiceName"), provider or "unknown"),
        "RegionId": region or None,
        "RegionName": region or None,
        "ResourceId": model or None,
        "ResourceName": model or None,
        "ResourceType": "Model",
        "ServiceCategory": "AI and Machine Learning",
        "ServiceSubcategory": "Generative AI",
    }


def _priced(quantity: int, unit: str, rate: Decimal | None, per: int, amount: Decimal) -> Json:
    price = None if rate is None or not per else money.to_text(money.to_units(rate) // per)
    return {
        **dict.fromkeys(("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"), money.decimal_text(amount)),
        "BillingCurrency": "USD",
        "ContractedUnitPrice": price,
        "ListUnitPrice": price,
        "ConsumedQuantity": quantity,
        "ConsumedUnit": unit,
        "PricingCategory": "Standard",
        "PricingQuantity": quantity,
        "PricingUnit": unit,
    }


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
