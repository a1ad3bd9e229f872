"""Which observations, traces or sessions are asked for in; their ids, a page of them, the latest first, out."""

from collections.abc import Iterator

import msgspec

from farthing.query import comparing, of_traces
from farthing.query.observed import IS_OBSERVATION, TYPE
from farthing.query.of_traces import ENVIRONMENTS, NAMES, RELEASES, SESSIONS, USERS, VERSIONS
from farthing.query.parameters import Parameters
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.span_rows import NO_SPAN

TIMEOUT_S = 120
NEAR_NS = 6 * 3600 * 10**9
"""How long before a moment the other spans of a trace that goes on then are looked for."""

Texts = tuple[str, ...]
Place = tuple[bytes, bytes]
After = tuple[int, str, str]
"""Start, trace and span of the last one of a page."""

LEVEL = (
    "if(JSONExtractString(attributes, 'langfuse.observation.level') != '',"
    " JSONExtractString(attributes, 'langfuse.observation.level'), if(status = 2, 'ERROR', 'DEFAULT'))"
)
ENVIRONMENT = (
    f"coalesce(nullIf({of_traces.told(ENVIRONMENTS)}, ''),"
    f" nullIf({of_traces.told(ENVIRONMENTS, 'resource')}, ''), 'default')"
)
IS_APP_ROOT = (
    f"(parent_span_id = unhex('{NO_SPAN.hex()}') OR JSONExtractBool(attributes, 'langfuse.internal.is_app_root')"
    " OR JSONExtractBool(attributes, 'langfuse.internal.as_root'))"
)


class Compared(msgspec.Struct, frozen=True):
    """A condition on texts: which of the fields of `Wanted` it is about, and how (`comparing`)."""

    field: str
    operator: str
    values: Texts


class Wanted(msgspec.Struct, frozen=True):
    """Which of a project's; what is empty or None is not asked about."""

    project_id: str
    traces: tuple[bytes, ...] = ()
    spans: tuple[bytes, ...] = ()
    names: Texts = ()
    types: Texts = ()
    levels: Texts = ()
    parents: tuple[bytes, ...] = ()
    is_root: bool | None = None
    environments: Texts = ()
    versions: Texts = ()
    releases: Texts = ()
    users: Texts = ()
    sessions: Texts = ()
    tags: Texts = ()
    """All of them."""
    compared: tuple[Compared, ...] = ()
    from_ns: int | None = None
    to_ns: int | None = None


def page(engine: Engine, wanted: Wanted, limit: int, offset: int) -> tuple[list[Place], int]:
    """A page of observations by number, and how many there are. Raises `StoreError`."""
    p = Parameters()
    where = _of_observations(wanted, p)
    counted = engine.query(
        f"SELECT uniqExact((trace_id, span_id)) FROM spans WHERE {where}", p.values, timeout_s=TIMEOUT_S
    )
    rows = engine.query(
        f"SELECT trace_id, span_id FROM spans FINAL WHERE {where} ORDER BY start_time DESC, trace_id DESC, span_id DESC"
        f" LIMIT 1 BY trace_id, span_id LIMIT {limit} OFFSET {offset}",
        p.values,
        timeout_s=TIMEOUT_S,
    ).rows
    return [(trace_id, span_id) for trace_id, span_id in rows], int(counted.rows[0][0])


def following(engine: Engine, wanted: Wanted, limit: int, after: After | None) -> list[tuple[Place, After]]:
    """So many observations behind a place, each with the place behind it. Raises `StoreError`."""
    found: list[tuple[Place, After]] = []
    for since in _reaches(engine, wanted, after):
        found = _following(engine, msgspec.structs.replace(wanted, from_ns=since), limit, after)
        if len(found) >= limit:
            break
    return found


_REACHES_NS = (3600 * 10**9, 86_400 * 10**9, 30 * 86_400 * 10**9)


def _reaches(engine: Engine, wanted: Wanted, after: After | None) -> Iterator[int | None]:
    """From when on to look, nearer moments first: attributes are long, and a page mostly lies within an hour."""
    if not wanted.traces:
        until = None if wanted.to_ns is None else wanted.to_ns - 1
        latest = after[0] if after is not None else until
        if latest is None:
            asked = {"project": wanted.project_id}
            latest = engine.query(_LATEST, asked, timeout_s=TIMEOUT_S).rows[0][0]
        for reach in _REACHES_NS:
            if latest - reach > (wanted.from_ns or 0):
                yield latest - reach
    yield wanted.from_ns


_LATEST = "SELECT toUnixTimestamp64Nano(max(start_time)) FROM spans WHERE project_id = {project:String}"


def _following(engine: Engine, wanted: Wanted, limit: int, after: After | None) -> list[tuple[Place, After]]:
    p = Parameters()
    where = _of_observations(wanted, p)
    if after is not None:
        trace, span = p.add("String", after[1]), p.add("String", after[2])
        where += (
            f" AND start_time <= {p.instant(after[0])} AND (start_time, trace_id, span_id) <"
            f" ({p.instant(after[0])}, toFixedString(unhex({trace}), 16), toFixedString(unhex({span}), 8))"
        )
    rows = engine.query(
        f"SELECT trace_id, span_id, toUnixTimestamp64Nano(start_time) FROM spans FINAL WHERE {where}"
        f" ORDER BY start_time DESC, trace_id DESC, span_id DESC LIMIT 1 BY trace_id, span_id LIMIT {limit}",
        p.values,
        timeout_s=TIMEOUT_S,
    ).rows
    return [((trace, span), (at, trace.hex(), span.hex())) for trace, span, at in rows]


_ROOT = f"argMin(name, (parent_span_id != unhex('{NO_SPAN.hex()}'), start_time))"
_OF_TRACE = {
    "names": f"coalesce(nullIf({of_traces.told_of_trace(NAMES)}, ''), {_ROOT})",
    "users": of_traces.told_of_trace(USERS),
    "sessions": of_traces.told_of_trace(SESSIONS),
    "versions": of_traces.told_of_trace(VERSIONS),
    "releases": of_traces.told_of_trace(RELEASES),
    "environments": f"argMin({ENVIRONMENT}, start_time)",
}
_TAGS = f"arrayDistinct(arrayFlatten(groupArray({of_traces.LISTED})))"
_OF_OBSERVATION = {
    "names": "name",
    "types": TYPE,
    "levels": LEVEL,
    "environments": ENVIRONMENT,
    "versions": of_traces.told(VERSIONS),
}
"""The field of `Wanted` that asks for it → what spans tell, in SQL."""
ORDERS = {
    "timestamp": "first",
    "id": "trace_id",
    "name": _OF_TRACE["names"],
    "userId": _OF_TRACE["users"],
    "sessionId": _OF_TRACE["sessions"],
    "release": _OF_TRACE["releases"],
    "version": _OF_TRACE["versions"],
}
"""What a list of traces may be ordered by → in SQL."""


def traces(
    engine: Engine, wanted: Wanted, limit: int, offset: int, *, by: str = "timestamp", falling: bool = True
) -> tuple[list[bytes], int]:
    """A page of traces by number, and how many there are; `by` is one of `ORDERS`. Raises `StoreError`."""
    p = Parameters()
    where, having = _of_traces(wanted, p)
    grouped = f"FROM spans WHERE {where} GROUP BY trace_id{having}"
    counted = engine.query(
        f"SELECT count() FROM (SELECT trace_id, min(start_time) AS first {grouped})", p.values, timeout_s=TIMEOUT_S
    )
    way = "DESC" if falling else "ASC"
    order = ", ".join(f"{one} {way}" for one in (ORDERS[by], "first", "trace_id"))
    rows = engine.query(
        f"SELECT trace_id, min(start_time) AS first {grouped} ORDER BY {order} LIMIT {limit} OFFSET {offset}",
        p.values,
        timeout_s=TIMEOUT_S,
    ).rows
    return [row[0] for row in rows], int(counted.rows[0][0])


class Session(msgspec.Struct, frozen=True):
    """A session, and when its first span began."""

    id: str
    first_ns: int
    environment: str


def sessions(engine: Engine, wanted: Wanted, limit: int, offset: int) -> tuple[list[Session], int]:
    """A page of sessions by number, the one that began last first, and how many there are. Raises `StoreError`."""
    p = Parameters()
    parts = [
        f"project_id = {p.add('String', wanted.project_id)}",
        "multiSearchAny(attributes, ['ession', 'conversation'])",
    ]
    parts += _of_times(wanted, p)
    if wanted.environments:
        parts.append(f"{ENVIRONMENT} IN {p.add('Array(String)', list(wanted.environments))}")
    if wanted.sessions:
        parts.append(of_traces.is_any(SESSIONS, wanted.sessions, p))
    grouped = (
        f"SELECT {of_traces.told(SESSIONS)} AS session, min(start_time) AS first, argMin({ENVIRONMENT}, start_time) AS place"
        f" FROM spans WHERE {' AND '.join(parts)} GROUP BY session HAVING session != ''"
    )
    counted = engine.query(f"SELECT count() FROM ({grouped})", p.values, timeout_s=TIMEOUT_S).rows[0][0]
    rows = engine.query(
        f"SELECT session, toUnixTimestamp64Nano(first), place FROM ({grouped}) ORDER BY first DESC, session"
        f" LIMIT {limit} OFFSET {offset}",
        p.values,
        timeout_s=TIMEOUT_S,
    ).rows
    return [Session(*row) for row in rows], int(counted)


def trace_of(engine: Engine, project_id: str, span_id: bytes) -> bytes | None:
    """The trace of a span of which only the id is known. Raises `StoreError`."""
    rows = engine.query(
        "SELECT trace_id FROM spans WHERE project_id = {project:String}"
        " AND span_id = toFixedString(unhex({span:String}), 8) ORDER BY commit DESC LIMIT 1",
        {"project": project_id, "span": span_id.hex()},
        timeout_s=TIMEOUT_S,
    ).rows
    return rows[0][0] if rows else None


def _of_observations(wanted: Wanted, p: Parameters) -> str:
    parts = [f"project_id = {p.add('String', wanted.project_id)}", IS_OBSERVATION, *_of_times(wanted, p)]
    for ids, column, width in (
        (wanted.traces, "trace_id", 16),
        (wanted.spans, "span_id", 8),
        (wanted.parents, "parent_span_id", 8),
    ):
        if ids:
            listed = p.add("Array(String)", [one.hex() for one in ids])
            parts.append(f"{column} IN (SELECT toFixedString(unhex(arrayJoin({listed})), {width}))")
    for field, told in _OF_OBSERVATION.items():
        if values := getattr(wanted, field):
            parts.append(f"{told} IN {p.add('Array(String)', list(values))}")
    parts += [
        comparing.text(_OF_OBSERVATION[one.field], one.operator, one.values, p)
        for one in wanted.compared
        if one.field in _OF_OBSERVATION
    ]
    if wanted.is_root is not None:
        parts.append(IS_APP_ROOT if wanted.is_root else f"NOT {IS_APP_ROOT}")
    if any((wanted.users, wanted.sessions, wanted.tags, _compared_of_traces(wanted))):
        parts.append(f"trace_id IN ({_such_traces(wanted, p)})")
    return " AND ".join(parts)


def _such_traces(wanted: Wanted, p: Parameters) -> str:
    """A query for the traces of these users and sessions with these tags: any span of theirs may say so."""
    of_trace = Wanted(
        wanted.project_id,
        users=wanted.users,
        sessions=wanted.sessions,
        tags=wanted.tags,
        compared=_compared_of_traces(wanted),
    )
    where, having = _of_traces(of_trace, p)
    if wanted.from_ns is not None:
        where += f" AND start_time >= {p.instant(max(0, wanted.from_ns - NEAR_NS))}"
    return f"SELECT trace_id FROM spans WHERE {where} GROUP BY trace_id{having}"


def _compared_of_traces(wanted: Wanted) -> tuple[Compared, ...]:
    """What an observation's trace tells, not it."""
    return tuple(one for one in wanted.compared if one.field not in _OF_OBSERVATION)


def _of_times(wanted: Wanted, p: Parameters) -> list[str]:
    since = [] if wanted.from_ns is None else [f"start_time >= {p.instant(wanted.from_ns)}"]
    return since + ([] if wanted.to_ns is None else [f"start_time < {p.instant(wanted.to_ns)}"])


def _of_traces(wanted: Wanted, p: Parameters) -> tuple[str, str]:
    """What rows are looked at, and which traces of those count: any span may tell what is asked for."""
    where = [f"project_id = {p.add('String', wanted.project_id)}"]
    having: list[str] = []
    if wanted.from_ns is not None:
        where.append(f"start_time >= {p.instant(max(0, wanted.from_ns - NEAR_NS))}")
        having.append(f"first >= {p.instant(wanted.from_ns)}")
    if wanted.to_ns is not None:
        where.append(f"start_time < {p.instant(wanted.to_ns)}")
    if wanted.traces:
        listed = p.add("Array(String)", [one.hex() for one in wanted.traces])
        where.append(f"trace_id IN (SELECT toFixedString(unhex(arrayJoin({listed})), 16))")
    for values, names in (
        (wanted.users, USERS),
        (wanted.sessions, SESSIONS),
        (wanted.versions, VERSIONS),
        (wanted.releases, RELEASES),
    ):
        if values:
            having.append(f"countIf({of_traces.is_any(names, values, p)}) > 0")
    having += [f"countIf({of_traces.has_tag(tag, p)}) > 0" for tag in wanted.tags]
    for field in ("names", "environments"):
        if values := getattr(wanted, field):
            having.append(f"{_OF_TRACE[field]} IN {p.add('Array(String)', list(values))}")
    for one in wanted.compared:
        if one.field == "tags":
            having.append(comparing.listed(_TAGS, one.operator, one.values, p))
        else:
            having.append(comparing.text(_OF_TRACE[one.field], one.operator, one.values, p))
    return " AND ".join(where), f" HAVING {' AND '.join(having)}" if having else ""
