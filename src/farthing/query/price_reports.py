"""Questions about recorded calls and their prices in; what has no price, and what caching saved and wasted, out."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from farthing.model import money
from farthing.model.usage import Bucket
from farthing.pricing.catalog import Catalog
from farthing.pricing.overrides import Scope as Payer
from farthing.pricing.suggest import suggest
from farthing.query.moments import rfc3339
from farthing.query.parameters import Parameters
from farthing.query.question import RANGE, Given, Pairs, Scope, take_limit, take_scope
from farthing.query.sql import calls_where
from farthing.store.telemetry import call_rows
from farthing.store.telemetry.engine import Engine

Json = dict[str, Any]

DEFAULT_MODELS, MOST_MODELS = 100, 1_000
WRITTEN_AND_UNREAD = (
    "A write counts as never read where no later call with the same provider, model, feature and prompt version read from "
    "a cache within the lifetime it was written for: five minutes, or an hour."
)


def lately(pairs: Pairs, days: int = 30) -> list[tuple[str, str]]:
    """The parameters, with a range of some days where none is given."""
    found = list(pairs)
    return found if any(name == "from" and text.strip() for name, text in found) else [*found, ("from", f"now-{days}d")]


def unpriced(engine: Engine, catalog: Catalog, project_id: str, pairs: Pairs, now_ns: int) -> Json:
    """The models without a price, the most used first. Raises `ParameterError` and `StoreError`."""
    given = Given(lately(pairs))
    limit = take_limit(given, DEFAULT_MODELS, MOST_MODELS)
    scope, _ = take_scope(given, project_id, now_ns)
    given.finish(("limit", *RANGE))
    p = Parameters()
    text = (
        "SELECT provider, model, count() AS calls, sum(input_tokens), sum(output_tokens),"
        " toUnixTimestamp64Nano(min(start_time)), toUnixTimestamp64Nano(max(start_time)), topK(1)(price_rule)[1],"
        f" sum(calls) OVER () FROM calls FINAL WHERE {_owned(scope, p)} AND cost_status = 'unpriced'"
        f" GROUP BY provider, model ORDER BY calls DESC, provider, model LIMIT {p.add('UInt32', limit)}"
        " SETTINGS prefer_column_name_to_alias = 1"
    ).replace("sum(calls) OVER ()", "sum(count()) OVER ()")
    rows = engine.query(text, p.values).rows
    return {
        "from": rfc3339(scope.start_ns),
        "to": rfc3339(scope.end_ns),
        "unpriced_calls": int(rows[0][8]) if rows else 0,
        "data": [_unpriced(row, catalog) for row in rows],
        "next_cursor": None,
    }


def _unpriced(row: Sequence[Any], catalog: Catalog) -> Json:
    provider, model, calls, tokens_in, tokens_out, first, last, rule, _ = row
    return {
        "provider": provider or None,
        "model": model or None,
        "calls": int(calls),
        "input_tokens": tokens_in,
        "output_tokens": tokens_out,
        "first_seen": rfc3339(first),
        "last_seen": rfc3339(last),
        "reason": rule or None,
        "priced_now": catalog.match(provider, "", model).model is not None,
        "suggestions": [
            {"provider": found.provider, "model": found.model, "why": found.why}
            for found in suggest(provider, model, catalog)
        ],
    }


def _owned(scope: Scope, p: Parameters) -> str:
    return f"is_owner AND {calls_where(scope, ((scope.start_ns, scope.end_ns),), p)}"


_ALIKE = "provider, model, request_model, response_model, served_tier, region, key_id, line_bucket, line_terms"


def cache_report(engine: Engine, catalog: Catalog, project_id: str, pairs: Pairs, now_ns: int) -> Json:
    """What caching saved, by model. Raises `ParameterError` and `StoreError`."""
    given = Given(lately(pairs, 7))
    scope, _ = take_scope(given, project_id, now_ns)
    given.finish(RANGE)
    p = Parameters()
    rows = engine.query(
        f"SELECT {_ALIKE}, any(line_rate), sumForEach(line_quantity), toUnixTimestamp64Nano(min(start_time)), count()"
        f" FROM calls FINAL WHERE {_owned(scope, p)} AND (cached_input_tokens > 0 OR cache_write_tokens > 0)"
        f" GROUP BY {_ALIKE}, toString(line_rate), toStartOfHour(start_time)",
        p.values,
    ).rows
    models: dict[tuple[str, str], _Caching] = {}
    for row in rows:
        caching = models.setdefault((row[0], row[1]), _Caching())
        _add(caching, row, catalog.within(Payer(project=project_id, key=row[6])))
    for provider, model, written, unread, unread_cost in _unread(engine, scope):
        caching = models.setdefault((provider, model), _Caching())
        caching.written, caching.unread, caching.unread_units = int(written or 0), int(unread or 0), unread_cost
    found = sorted(models.items(), key=lambda item: (-item[1].saved, item[0]))
    total = sum((caching.net for caching in models.values()), Fraction(0))
    return {
        "from": rfc3339(scope.start_ns),
        "to": rfc3339(scope.end_ns),
        "net_saved_usd": _usd(total),
        "data": [{"provider": name[0] or None, "model": name[1] or None} | caching.shown() for name, caching in found],
        "caveat": WRITTEN_AND_UNREAD,
        "next_cursor": None,
    }


class _Caching:
    """One model's: money in exact units of 10^-24 dollars."""

    def __init__(self) -> None:
        self.calls = self.read = self.written = self.unread = self.unpriced = 0
        self.saved = self.extra = Fraction(0)
        self.unread_units: Any = None

    @property
    def net(self) -> Fraction:
        return self.saved - self.extra

    def shown(self) -> Json:
        return {
            "calls": self.calls,
            "read_tokens": self.read,
            "written_tokens": self.written,
            "saved_by_reads_usd": _usd(self.saved),
            "extra_for_writes_usd": _usd(self.extra),
            "net_saved_usd": _usd(self.net),
            "unread_written_tokens": self.unread,
            "unread_written_cost_usd": None if self.unread_units is None else money.decimal_text(self.unread_units),
            "unpriced_calls": self.unpriced,
        }


_READS = {Bucket.CACHE_READ.value, Bucket.AUDIO_CACHE_READ.value, Bucket.IMAGE_CACHE_READ.value}
_PLAIN = {
    Bucket.AUDIO_CACHE_READ.value: Bucket.AUDIO_INPUT.value,
    Bucket.IMAGE_CACHE_READ.value: Bucket.IMAGE_INPUT.value,
}


def _add(caching: _Caching, row: Sequence[Any], catalog: Catalog) -> None:
    provider, _, asked, answered, tier, region, _, buckets, terms, rates, quantities, start_ns, calls = row
    caching.calls += int(calls)
    lines = call_rows.lines(buckets, quantities, rates, [None] * len(buckets), terms)
    own = {line.bucket: Fraction(line.rate, line.per) for line in lines if line.rate is not None}
    quote = catalog.quote(provider, answered, asked, tier, start_ns, region)
    for line in lines:
        is_read = line.bucket in _READS
        if not is_read and not line.bucket.startswith(Bucket.CACHE_WRITE.value):
            continue
        caching.read += line.quantity * is_read
        plain = _PLAIN.get(line.bucket, Bucket.INPUT.value)
        charge = quote.charges.get(plain)
        uncached = own.get(plain) or (Fraction(charge.rate.usd, charge.rate.per) if charge else None)
        if uncached is None or line.rate is None:
            caching.unpriced += int(calls)
            continue
        less = line.quantity * (uncached - Fraction(line.rate, line.per))
        if is_read:
            caching.saved += less
        else:
            caching.extra -= less


def _unread(engine: Engine, scope: Scope) -> Sequence[Sequence[Any]]:
    p = Parameters()
    keys = "provider, model, feature, prompt_version"
    where = _owned(scope, p)
    written = "arraySum((b, a) -> if(startsWith(b, 'cache_write'), ifNull(a, 0), 0), line_bucket, line_amount)"
    text = (
        "SELECT w.provider, w.model, sum(w.tokens), sumIf(w.tokens, unread), sumIf(w.paid, unread) FROM ("
        f"SELECT w.*, (r.start_time IS NULL OR dateDiff('second', w.start_time, r.start_time) > w.lifetime) AS unread FROM"
        f" (SELECT {keys}, start_time, cache_write_tokens AS tokens, {written} AS paid,"
        " if(has(line_bucket, 'cache_write_1h'), 3600, 300) AS lifetime"
        f" FROM calls FINAL WHERE {where} AND cache_write_tokens > 0) AS w"
        f" ASOF LEFT JOIN (SELECT {keys}, start_time FROM calls FINAL WHERE {where} AND cached_input_tokens > 0) AS r"
        " ON w.provider = r.provider AND w.model = r.model AND w.feature = r.feature"
        " AND w.prompt_version = r.prompt_version AND w.start_time < r.start_time) AS w"
        " GROUP BY w.provider, w.model SETTINGS join_use_nulls = 1"
    )
    return engine.query(text, p.values).rows


def _usd(units: Fraction) -> str:
    """Exact, but for what lies beyond the last decimal that is kept."""
    return money.to_text(units.numerator // units.denominator)
