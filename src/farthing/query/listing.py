"""Questions for single calls and spans in; pages of them, or one of them, out."""

import re
from collections.abc import Sequence

import msgspec

from farthing.errors import NotFoundError
from farthing.normalize.logs import LOG
from farthing.query import audit, content, conversation, cursors, shapes, signals
from farthing.query.errors import ParameterError
from farthing.query.parameters import Parameters
from farthing.query.question import RANGE, Given, Pairs, take_limit, take_scope
from farthing.query.shapes import Json
from farthing.query.sql import calls_where
from farthing.store.telemetry.engine import Engine

DEFAULT_PAGE, MOST_PAGE = 50, 1_000
TAIL_PAGE = 500
RESTATED, SCORES = "restated", "scores"

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
_CURSOR = (cursors.TEXT, cursors.NUMBER, cursors.WHOLE, cursors.TRACE_ID, cursors.SPAN_ID)


class Sort(msgspec.Struct, frozen=True):
    """The order of a list."""

    name: str
    descending: bool


def calls(engine: Engine, project_id: str, pairs: Pairs, now_ns: int) -> Json:
    """A page of `GET /api/v1/calls`. Raises `ParameterError`, `StoreError`."""
    given = Given(pairs)
    sort = _sort(given.take("sort"))
    after = cursors.unpack(given.take("cursor"), *_CURSOR)
    included = _included(given.take("include"))
    limit = take_limit(given, DEFAULT_PAGE, MOST_PAGE)
    scope, _ = take_scope(given, project_id, now_ns)
    given.finish(("sort", "cursor", "include", "limit", *RANGE))
    p = Parameters()
    key, kind = _SORTS[sort.name]
    where = [calls_where(scope, ((scope.start_ns, scope.end_ns),), p)]
    if RESTATED not in included:
        where.append("is_owner")
    sign, direction = ("<", "DESC") if sort.descending else (">", "ASC")
    if after is not None:
        if after[0] != _sort_text(sort):
            raise ParameterError("cursor", "it belongs to a list in another order; start again without it.")
        if sort.name == "start_time":
            # Said again by the plain column, so that the store can skip what is certainly on earlier pages.
            where.append(f"start_time {sign}= {p.instant(int(after[2]))}")
        last = f"({p.add(kind, after[1])}, {p.instant(int(after[2]))}, {cursors.raw(after[3], 16, p)}, {cursors.raw(after[4], 8, p)})"
        where.append(f"({key}, start_time, trace_id, span_id) {sign} {last}")
    lead = "" if sort.name == "start_time" else f"{key} {direction}, "
    order = f"{lead}start_time {direction}, trace_id {direction}, span_id {direction}"
    columns = ", ".join((*shapes.CALL, f"toString({key}) AS sort_key"))
    rows = shapes.rows(
        engine.query(
            f"SELECT {columns} FROM calls FINAL WHERE {' AND '.join(where)} ORDER BY {order} LIMIT {limit + 1}",
            p.values,
        )
    )
    page = rows[:limit]
    more = len(rows) > limit
    data = [shapes.call(row) for row in page]
    if SCORES in included:
        judged = signals.scores_of_calls(engine, project_id, [(row["trace_id"], row["span_id"]) for row in page])
        data = [{**call, "scores": scores} for call, scores in zip(data, judged, strict=True)]
    return {
        "data": data,
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
    rows = shapes.rows(
        engine.query(
            f"SELECT {', '.join(shapes.CALL)} FROM calls WHERE project_id = {{project:String}} AND is_owner"
            f" AND revision > {{after:UInt64}} ORDER BY revision, start_time LIMIT {TAIL_PAGE} WITH TIES",
            {"project": project_id, "after": int(after)},
        )
    )
    last = str(rows[-1]["revision"]) if rows else after
    of_logs = _made_of_logs(engine, project_id, rows)
    data = [
        shapes.call(row) | ({"signal": LOG} if (row["trace_id"], row["span_id"]) in of_logs else {}) for row in rows
    ]
    return {"data": data, "next_cursor": last}


def _made_of_logs(engine: Engine, project_id: str, rows: Sequence[Json]) -> set[tuple[bytes, bytes]]:
    """Trace and span of the calls that a log record told: they give way if the span comes that it belongs to."""
    if not rows:
        return set()
    starts = [row["start_ns"] for row in rows]
    found = engine.query(
        "SELECT trace_id, span_id FROM spans WHERE project_id = {project:String}"
        " AND start_time >= fromUnixTimestamp64Nano({from:Int64}, 'UTC')"
        " AND start_time <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')"
        " AND span_id IN (SELECT toFixedString(unhex(arrayJoin({spans:Array(String)})), 8)) AND " + signals.IS_LOG,
        {
            "project": project_id,
            "from": min(starts),
            "to": max(starts),
            "spans": [row["span_id"].hex() for row in rows],
        },
    )
    return {(trace_id, span_id) for trace_id, span_id in found.rows}


def one_call(engine: Engine, project_id: str, call_id: str) -> Json:
    """`GET /api/v1/calls/{id}`: everything about one call. Raises `NotFoundError`, `StoreError`."""
    found = _ID.fullmatch(call_id)
    rows: list[Json] = []
    if found:
        rows = shapes.rows(
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
    said = content.of_span(engine, project_id, found[1], found[2]) if found and body else None
    duplicates = audit.duplicates(engine, project_id, row)
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
        "duplicates": duplicates,
        "dialect": row["dialect"],
        "scores": signals.scores_of_calls(engine, project_id, [(row["trace_id"], row["span_id"])])[0],
        **conversation.of_call(engine, project_id, said, [one["id"] for one in duplicates]),
        "attributes": received if said is None else said.attributes,
        "resource": shapes.attributes(body["resource"]) if body else None,
    }


def one_span(engine: Engine, project_id: str, trace_id: str, span_id: str) -> Json:
    """`GET /api/v1/spans/{trace_id}/{span_id}`: one span with its bodies."""
    if cursors.TRACE_ID.fullmatch(trace_id) and cursors.SPAN_ID.fullmatch(span_id):
        body = _bodies(engine, project_id, trace_id, span_id, None)
        said = content.of_span(engine, project_id, trace_id, span_id) if body else None
        if body and said:
            return {
                "trace_id": trace_id,
                **shapes.span(body),
                "resource": shapes.attributes(body["resource"]),
                "attributes": said.attributes,
                "events": [shapes.event(event) for event in said.events],
                **conversation.of_span(said),
            }
    msg = f"There is no span {span_id[:40]!r} of trace {trace_id[:80]!r} in this project."
    raise NotFoundError(msg)


def _bodies(engine: Engine, project_id: str, trace_id: str, span_id: str, start_ns: int | None) -> Json | None:
    at = "" if start_ns is None else f" AND start_time = fromUnixTimestamp64Nano({start_ns}, 'UTC')"
    rows = shapes.rows(
        engine.query(
            f"SELECT {', '.join((*shapes.SPAN, 'resource', 'attributes', 'events'))} FROM spans FINAL"
            " WHERE project_id = {project:String} AND trace_id = toFixedString(unhex({trace:String}), 16)"
            f" AND span_id = toFixedString(unhex({{span:String}}), 8){at} LIMIT 1",
            {"project": project_id, "trace": trace_id, "span": span_id},
        )
    )
    return rows[0] if rows else None


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


def _included(text: str | None) -> set[str]:
    wanted = {part.strip() for part in (text or "").split(",")} - {""}
    if unknown := wanted - {RESTATED, SCORES}:
        raise ParameterError("include", f"only restated and scores can be included, not {min(unknown)[:40]!r}.")
    return wanted


def _call_cursor(sort: Sort, row: Json) -> str:
    return cursors.pack(
        [_sort_text(sort), row["sort_key"], str(row["start_ns"]), row["trace_id"].hex(), row["span_id"].hex()]
    )


__all__ = ["calls", "one_call", "one_span", "tail"]
