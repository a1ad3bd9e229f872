"""What to export in; all of it, page by page so that no more than one is ever held, out."""

from collections.abc import Iterator, Sequence

import msgspec

from farthing.query import cursors, dimensions, moments, run, shapes
from farthing.query.errors import ParameterError
from farthing.query.focus import focus_days
from farthing.query.parameters import Parameters
from farthing.query.question import RANGE, SPEND, Given, Pairs, Question, Scope, spend, take_scope
from farthing.query.shapes import Json
from farthing.query.sql import calls_where
from farthing.store.telemetry.cuts import TAG
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

CSV, JSONL, PARQUET, FOCUS = "csv", "jsonl", "parquet", "focus"
FORMATS = (CSV, JSONL, PARQUET, FOCUS)

PAGE = 5_000

COLUMNS = (
    "id", "start_time", "provider", "request_model", "response_model", "operation", "status", "error_type", "finish_reason",
    "streaming", "service_tier", "input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens",
    "reasoning_tokens", "usage_source", "cost_usd", "input_cost_usd", "output_cost_usd", "cost_status", "reported_cost_usd",
    "latency_ms", "ttft_ms", "feature", "user_id", "session_id", "team", "tenant", "environment", "prompt_version", "config",
    "variant", "data_mode", "external_request_id", "response_id", "trace_id", "span_id", "tags",
)  # fmt: skip
"""Of a call, when nothing else is wanted: names of `GET /api/v1/calls`."""

_MORE = ("requested_service_tier", "signal", "requests")
_MEASURES = (
    "cost_usd", "input_cost_usd", "output_cost_usd", "calls", "errors", "input_tokens", "output_tokens",
    "cached_input_tokens", "unpriced_calls", "unknown_usage_calls",
)  # fmt: skip
_LATENCIES = ("avg", "min", "max", "p50", "p95")


class Export(msgspec.Struct, frozen=True):
    """Rows to be written in a format: which columns they have, and pages of them."""

    format: str
    name: str
    """Of the file, without its ending."""
    columns: tuple[str, ...]
    pages: Iterator[list[Json]]


def export(engine: Engine, rollup: Rollup, project_id: str, pairs: Pairs, now_ns: int) -> Export:
    """What `GET /api/v1/export` asks for. Nothing is read yet. Raises `ParameterError`; the pages raise `StoreError`."""
    pairs = list(pairs)
    wanted = next((value for name, value in pairs if name == "format"), CSV)
    if wanted not in FORMATS:
        raise ParameterError("format", f"one of {', '.join(FORMATS)}, not {wanted[:20]!r}.")
    rest = [(name, value) for name, value in pairs if name != "format"]
    if any(name == "by" for name, _ in rest) and wanted != FOCUS:
        return _groups(engine, rollup, wanted, spend(project_id, [*rest, ("granularity", moments.NONE)], now_ns))
    given = Given(rest)
    asked = [name.strip() for text in given.take_all("columns") for name in text.split(",") if name.strip()]
    granularity = given.take("granularity") or "day"
    scope, _ = take_scope(given, project_id, now_ns)
    given.finish(("format", "columns", *RANGE, *SPEND))
    if wanted == FOCUS:
        columns, pages = focus_days(engine, scope, granularity, asked)
        return Export(wanted, _name("focus", scope), columns, pages)
    columns = tuple(dict.fromkeys(asked)) or COLUMNS
    for name in columns:
        if name not in COLUMNS + _MORE and not (name.startswith(TAG) and dimensions.find(name)):
            known = ", ".join(COLUMNS + _MORE)
            raise ParameterError("columns", f"there is no column {name[:60]!r}. There are {known} and tag.<key>.")
    return Export(wanted, _name("calls", scope), columns, _calls(engine, scope, columns))


def _name(what: str, scope: Scope) -> str:
    first, last = (moments.rfc3339(at)[:10] for at in (scope.start_ns, scope.end_ns - 1))
    return f"farthing-{what}-{scope.project_id}-{first}-{last}"


def _calls(engine: Engine, scope: Scope, columns: Sequence[str]) -> Iterator[list[Json]]:
    """Calls that own their tokens, oldest first."""
    tags = [(name, name.removeprefix(TAG)) for name in columns if name.startswith(TAG)]
    last: Json | None = None
    while True:
        p = Parameters()
        start = scope.start_ns if last is None else last["start_ns"]
        where = f"is_owner AND {calls_where(scope, ((start, scope.end_ns),), p)}"
        if last is not None:
            ids = (cursors.raw(last[name].hex(), width, p) for name, width in (("trace_id", 16), ("span_id", 8)))
            where += f" AND (start_time, trace_id, span_id) > ({', '.join([p.instant(start), *ids])})"
        rows = shapes.rows(
            engine.query(
                f"SELECT {', '.join(shapes.CALL)} FROM calls FINAL WHERE {where}"
                f" ORDER BY start_time, trace_id, span_id LIMIT {PAGE}",
                p.values,
            )
        )
        found: list[Json] = []
        for row in rows:
            call = shapes.call(row)
            call.update((name, row["tags"].get(key)) for name, key in tags)
            found.append({name: call[name] for name in columns})
        if found:
            yield found
        if len(rows) < PAGE:
            return
        last = rows[-1]


def _groups(engine: Engine, rollup: Rollup, wanted: str, asked: Question) -> Export:
    """What was spent, a row for each group."""
    names = tuple(dimension.name for dimension in asked.by)
    columns = (*names, *_MEASURES, *(f"latency_{which}_ms" for which in _LATENCIES), "others")

    def pages() -> Iterator[list[Json]]:
        groups = run.ask(engine, rollup, asked)["groups"]
        yield [
            {
                **{name: group[name] for name in names + _MEASURES},
                **{f"latency_{which}_ms": group["latency_ms"][which] for which in _LATENCIES},
                "others": group.get("others", False),
            }
            for group in groups
        ]

    return Export(wanted, _name(f"spend-by-{'-'.join(names)}", asked.scope), columns, pages())
