"""Questions for single calls, traces and spans in; pages of them, or one of them, out."""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from farthing.errors import NotFoundError
from farthing.query import audit, shapes, signals
from farthing.query.errors import ParameterError
from farthing.query.moments import rfc3339
from farthing.query.parameters import Parameters
from farthing.query.question import RANGE, Given, Pairs, take_limit, take_scope
from farthing.query.shapes import Json
from farthing.query.sql import calls_where
from farthing.store.telemetry.engine import Engine, Result
from farthing.store.telemetry.span_rows import NO_SPAN

DEFAULT_PAGE, MOST_PAGE = 50, 1_000
MOST_SPANS = 50_000
TAIL_PAGE = 500
NEAR_NS = 6 * 3600 * 10**9
"""How far around a call the other spans of its trace are looked for."""

_SORTS = {
    "start_time": ("toUnixTimestamp64Nano(start_time)", "Int64"),
    "cost": ("ifNull(cost, toDecimal128(-1, 24))", "Decimal(38, 24)"),
    "latency": ("duration_ns", "UInt64"),
    "ttft": ("ifNull(toInt64(ttft_ns), -1)", "Int64"),
    "input_tokens": ("ifNull(toInt64(input_tokens), -1)", "Int64"),
    "output_tokens": ("ifNull(toInt64(output_tokens), -1)", "Int64"),
}
"""Sort → its key in SQL and the key's type. What is unknown comes after everything known, the highest first."""

_ID = re.compile(r"([0-9a-f]{32})-([0-9a-f]{16})")
_TRACE = re.compile(r"[0-9a-f]{32}")
_SPAN = re.compile(r"[0-9a-f]{16}")


class Sort(msgspec.Struct, frozen=True):
    """The order of a list."""

    name: str
    descending: bool


def calls(engine: Engine, project_id: str, pairs: Pairs, now_ns: int) -> Json:
    """A page of `GET /api/v1/calls`. Raises `ParameterError`, `StoreError`."""
    given = Given(pairs)
    sort = _sort(given.take("sort"))
    after = _cursor(given.take("cursor"), 5)
    restated = _include_restated(given.take("include"))
    limit = take_limit(given, DEFAULT_PAGE, MOST_PAGE)
    scope, _ = take_scope(given, project_id, now_ns)
    given.finish(("sort", "cursor", "include", "limit", *RANGE))
    p = Parameters()
    key, kind = _SORTS[sort.name]
    where = [calls_where(scope, ((scope.start_ns, scope.end_ns),), p)]
    if not restated:
        where.append("is_owner")
    sign, direction = ("<", "DESC") if sort.descending else (">", "ASC")
    if after is not None:
        if after[0] != _sort_text(sort):
            raise ParameterError("cursor", "it belongs to a list in another order; start again without it.")
        if sort.name == "start_time":
            # Said again by the plain column, so that the store can skip what is certainly on earlier pages.
            where.append(f"start_time {sign}= {p.instant(_whole(after[2]))}")
        last = (
            f"({p.add(kind, after[1])}, {p.instant(_whole(after[2]))}, {_raw(after[3], 16, p)}, {_raw(after[4], 8, p)})"
        )
        where.append(f"({key}, start_time, trace_id, span_id) {sign} {last}")
    lead = "" if sort.name == "start_time" else f"{key} {direction}, "
    order = f"{lead}start_time {direction}, trace_id {direction}, span_id {direction}"
    columns = ", ".join((*shapes.CALL, f"toString({key}) AS sort_key"))
    rows = _dicts(
        engine.query(
            f"SELECT {columns} FROM calls FINAL WHERE {' AND '.join(where)} ORDER BY {order} LIMIT {limit + 1}",
            p.values,
        )
    )
    page = rows[:limit]
    more = len(rows) > limit
    return {
        "data": [shapes.call(row) for row in page],
        "next_cursor": _call_cursor(sort, page[-1]) if more else None,
    }


def tail(engine: Engine, project_id: str, pairs: Pairs, now_ns: int) -> Json:
    """Calls that became known after the cursor, oldest first; without one, where to begin."""
    given = Given(pairs)
    after = given.take("cursor")
    given.finish(("cursor",))
    if after is None:
        newest = engine.query(
            "SELECT max(revision) FROM calls WHERE revision > {since:UInt64}", {"since": now_ns // 1000 - 3_600_000_000}
        ).rows[0][0]
        return {"data": [], "next_cursor": str(max(int(newest), 1))}
    if not after.isdigit() or len(after) > 19:
        raise ParameterError("cursor", "it must be one that this list gave.")
    rows = _dicts(
        engine.query(
            f"SELECT {', '.join(shapes.CALL)} FROM calls WHERE project_id = {{project:String}} AND is_owner"
            f" AND revision > {{after:UInt64}} ORDER BY revision, start_time LIMIT {TAIL_PAGE} WITH TIES",
            {"project": project_id, "after": int(after)},
        )
    )
    last = str(rows[-1]["revision"]) if rows else after
    return {"data": [shapes.call(row) for row in rows], "next_cursor": last}


def one_call(engine: Engine, project_id: str, call_id: str) -> Json:
    """`GET /api/v1/calls/{id}`: everything about one call. Raises `NotFoundError`, `StoreError`."""
    found = _ID.fullmatch(call_id)
    rows: list[Json] = []
    if found:
        rows = _dicts(
            engine.query(
                f"SELECT {', '.join((*shapes.CALL, *shapes.LINES))} FROM calls FINAL WHERE project_id = {{project:String}}"
                " AND trace_id = toFixedString(unhex({trace:String}), 16) AND span_id = toFixedString(unhex({span:String}), 8)"
                " ORDER BY is_owner DESC, start_time LIMIT 1",
                {"project": project_id, "trace": found[1], "span": found[2]},
            )
        )
    if not rows:
        msg = f"There is no call {call_id[:80]!r} in this project."
        raise NotFoundError(msg)
    row = rows[0]
    body = _bodies(engine, project_id, found[1], found[2], row["start_ns"]) if found else None
    received = shapes.attributes(body["attributes"]) if body else None
    return {
        **shapes.call(row),
        "cost_lines": shapes.lines(row),
        "price_version": row["price_version"] or None,
        "price_source": row["price_source"] or None,
        "price_rule": row["price_rule"] or None,
        "matched_model": row["matched_model"] or None,
        "usage_convention": row["usage_convention"] or None,
        "usage_rule": audit.usage_rule(row["dialect"], row["usage_convention"], row["usage_flags"]),
        "usage_flags": row["usage_flags"],
        "usage_reported": audit.reported_usage(received),
        "duplicates": audit.duplicates(engine, project_id, row),
        "dialect": row["dialect"],
        "messages": None,
        "attributes": received,
        "resource": shapes.attributes(body["resource"]) if body else None,
    }


def traces(engine: Engine, project_id: str, pairs: Pairs, now_ns: int) -> Json:
    """A page of `GET /api/v1/traces`: traces with matching calls, the one with the latest call first."""
    given = Given(pairs)
    after = _cursor(given.take("cursor"), 2)
    limit = take_limit(given, DEFAULT_PAGE, MOST_PAGE)
    scope, _ = take_scope(given, project_id, now_ns)
    given.finish(("cursor", "limit", *RANGE))
    p = Parameters()
    where = f"is_owner AND {calls_where(scope, ((scope.start_ns, scope.end_ns),), p)}"
    page = where
    if after is not None:
        at = p.instant(_whole(after[0]))
        last = f"({at}, {_raw(after[1], 16, p)})"
        page = (
            f"{where} AND start_time <= {at} AND (start_time, trace_id) < {last}"
            f" AND trace_id NOT IN (SELECT trace_id FROM calls FINAL WHERE {where} AND (start_time, trace_id) >= {last})"
        )
    found = engine.query(
        "SELECT trace_id, toUnixTimestamp64Nano(start_time) FROM calls FINAL"
        f" WHERE {page} ORDER BY start_time DESC, trace_id DESC LIMIT 1 BY trace_id LIMIT {limit + 1}",
        p.values,
    ).rows
    shown = found[:limit]
    cursor = _pack([str(shown[-1][1]), shown[-1][0].hex()]) if len(found) > limit else None
    return {"data": _summaries(engine, project_id, shown), "next_cursor": cursor}


def one_trace(engine: Engine, project_id: str, trace_id: str) -> Json:
    """`GET /api/v1/traces/{trace_id}`: its spans without bodies, with what each cost itself."""
    rows: list[Json] = []
    if _TRACE.fullmatch(trace_id):
        rows = _dicts(
            engine.query(
                f"SELECT {', '.join(shapes.SPAN)} FROM spans FINAL WHERE project_id = {{project:String}}"
                f" AND trace_id = toFixedString(unhex({{trace:String}}), 16) ORDER BY start_time, span_id LIMIT {MOST_SPANS}",
                {"project": project_id, "trace": trace_id},
            )
        )
    if not rows:
        msg = f"There is no trace {trace_id[:80]!r} in this project."
        raise NotFoundError(msg)
    start = min(row["start_ns"] for row in rows)
    found = _dicts(
        engine.query(
            f"SELECT {', '.join(shapes.CALL)} FROM calls FINAL WHERE project_id = {{project:String}}"
            " AND trace_id = toFixedString(unhex({trace:String}), 16)",
            {"project": project_id, "trace": trace_id},
        )
    )
    by_span = {row["span_id"]: shapes.call(row) for row in found}
    summary = _summaries(engine, project_id, [(bytes.fromhex(trace_id), start)])[0]
    return {
        **summary,
        "spans": [{**shapes.span(row), "call": by_span.get(row["span_id"])} for row in rows],
        "scores": signals.scores(engine, project_id, trace_id),
    }


def one_span(engine: Engine, project_id: str, trace_id: str, span_id: str) -> Json:
    """`GET /api/v1/spans/{trace_id}/{span_id}`: one span with its bodies."""
    if _TRACE.fullmatch(trace_id) and _SPAN.fullmatch(span_id):
        body = _bodies(engine, project_id, trace_id, span_id, None)
        if body:
            return {
                "trace_id": trace_id,
                **shapes.span(body),
                "resource": shapes.attributes(body["resource"]),
                "attributes": shapes.attributes(body["attributes"]),
                "events": shapes.events(body["events"]),
            }
    msg = f"There is no span {span_id[:40]!r} of trace {trace_id[:80]!r} in this project."
    raise NotFoundError(msg)


def _bodies(engine: Engine, project_id: str, trace_id: str, span_id: str, start_ns: int | None) -> Json | None:
    at = "" if start_ns is None else f" AND start_time = fromUnixTimestamp64Nano({start_ns}, 'UTC')"
    rows = _dicts(
        engine.query(
            f"SELECT {', '.join((*shapes.SPAN, 'resource', 'attributes', 'events'))} FROM spans FINAL"
            " WHERE project_id = {project:String} AND trace_id = toFixedString(unhex({trace:String}), 16)"
            f" AND span_id = toFixedString(unhex({{span:String}}), 8){at} LIMIT 1",
            {"project": project_id, "trace": trace_id, "span": span_id},
        )
    )
    return rows[0] if rows else None


def _summaries(engine: Engine, project_id: str, shown: Sequence[tuple[bytes, int]]) -> list[Json]:
    if not shown:
        return []
    near = {
        "project": project_id,
        "traces": [trace_id.hex() for trace_id, _ in shown],
        "from": min(at for _, at in shown) - NEAR_NS,
        "to": max(at for _, at in shown) + NEAR_NS,
    }
    where = (
        "project_id = {project:String} AND start_time >= fromUnixTimestamp64Nano({from:Int64}, 'UTC')"
        " AND start_time <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')"
        " AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))"
    )
    of_spans = {
        row["trace_id"]: row
        for row in _dicts(
            engine.query(
                "SELECT trace_id, count() AS spans, min(toUnixTimestamp64Nano(start_time)) AS start_ns,"
                " max(toUnixTimestamp64Nano(start_time) + duration_ns) AS end_ns,"
                " argMin(name, (parent_span_id != {none:String}, start_time)) AS root,"
                f" countIf(status = 2) AS errors FROM spans FINAL WHERE {where} GROUP BY trace_id",
                near | {"none": NO_SPAN.decode()},
            )
        )
    }
    of_calls = {
        row["trace_id"]: row
        for row in _dicts(
            engine.query(
                "SELECT trace_id, count() AS calls, sum(cost) AS cost, sum(input_tokens) AS input_tokens,"
                " sum(output_tokens) AS output_tokens, countIf(status = 'error') AS call_errors,"
                " countIf(cost_status = 'unpriced') AS unpriced_calls,"
                " countIf(cost_status = 'unknown' AND status = 'ok') AS unknown_usage_calls,"
                " any(feature) AS feature, any(user_id) AS user_id, any(session_id) AS session_id,"
                " any(environment) AS environment, min(toUnixTimestamp64Nano(start_time)) AS start_ns,"
                " max(toUnixTimestamp64Nano(start_time) + duration_ns) AS end_ns"
                f" FROM calls FINAL WHERE is_owner AND {where} GROUP BY trace_id",
                near,
            )
        )
    }
    return [_summary(trace_id, of_spans.get(trace_id, {}), of_calls.get(trace_id, {})) for trace_id, _ in shown]


def _summary(trace_id: bytes, spans: Json, calls: Json) -> Json:
    times = spans or calls
    return {
        "trace_id": trace_id.hex(),
        "name": spans.get("root") or None,
        "start_time": rfc3339(times["start_ns"]) if times else None,
        "duration_ms": (times["end_ns"] - times["start_ns"]) // 1_000_000 if times else None,
        "span_count": spans.get("spans", 0),
        "calls": calls.get("calls", 0),
        "errors": max(spans.get("errors", 0), calls.get("call_errors", 0)),
        "cost_usd": shapes.dollars(calls.get("cost")),
        "input_tokens": calls.get("input_tokens"),
        "output_tokens": calls.get("output_tokens"),
        "unpriced_calls": calls.get("unpriced_calls", 0),
        "unknown_usage_calls": calls.get("unknown_usage_calls", 0),
        **{name: calls.get(name) or None for name in ("feature", "user_id", "session_id", "environment")},
    }


def _dicts(result: Result) -> list[dict[str, Any]]:
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]


def _sort(text: str | None) -> Sort:
    wanted = text or "-start_time"
    name = wanted.removeprefix("-").removesuffix("_usd").removesuffix("_ms")
    if name not in _SORTS:
        known = ", ".join(_SORTS)
        raise ParameterError(
            "sort", f"{wanted[:40]!r} is no order; there are {known}, with - before it for the highest first."
        )
    return Sort(name, wanted.startswith("-"))


def _sort_text(sort: Sort) -> str:
    return f"{'-' if sort.descending else ''}{sort.name}"


def _include_restated(text: str | None) -> bool:
    if text not in (None, "restated"):
        raise ParameterError("include", f"only restated can be included, not {text!r}.")
    return text is not None


def _call_cursor(sort: Sort, row: Json) -> str:
    return _pack([_sort_text(sort), row["sort_key"], str(row["start_ns"]), row["trace_id"].hex(), row["span_id"].hex()])


def _pack(parts: list[str]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(parts)).decode().rstrip("=")


def _cursor(text: str | None, length: int) -> list[str] | None:
    if text is None:
        return None
    try:
        parts = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=list[str])
        _whole(parts[-3] if length == 5 else parts[0])
    except (msgspec.DecodeError, binascii.Error, ValueError, IndexError):
        parts = []
    hexes = parts[-2:] if length == 5 else parts[-1:]
    widths = (32, 16) if length == 5 else (32,)
    good = len(parts) == length and all(
        len(h) == w and all(c in "0123456789abcdef" for c in h) for h, w in zip(hexes, widths, strict=True)
    )
    if not good or (length == 5 and not re.fullmatch(r"-?\d{1,20}(\.\d{1,24})?", parts[1])):
        raise ParameterError("cursor", "it must be one that this list gave.")
    return parts


def _whole(text: str) -> int:
    value = int(text)
    if not -(2**62) < value < 2**62:
        msg = "out of range"
        raise ValueError(msg)
    return value


def _raw(digits: str, width: int, p: Parameters) -> str:
    return f"toFixedString(unhex({p.add('String', digits)}), {width})"


__all__ = ["calls", "one_call", "one_span", "one_trace", "tail", "traces"]
