"""Questions for sessions and users in; pages of them, or one of them with what it is made of, out.

Sums are asked as `/spend` asks them, so they are the same to the last digit; only the order of a list and when somebody
was seen are read here.
"""

from collections.abc import Sequence

import msgspec

from farthing.errors import NotFoundError
from farthing.query import cursors, dimensions, run, shapes, traces
from farthing.query.dimensions import Dimension
from farthing.query.errors import ParameterError
from farthing.query.filters import OneOf
from farthing.query.moments import rfc3339
from farthing.query.parameters import Parameters
from farthing.query.question import RANGE, Given, Pairs, Question, Scope, take_limit, take_scope
from farthing.query.shapes import Json
from farthing.query.sql import calls_where
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

DEFAULT_PAGE, MOST_PAGE = 50, 200
ONE_RANGE_S = 30 * 86_400
"""How far back one session or user is looked for by default."""
MOST_NAMES = 20
"""Models and users that are told of one row."""
MOST_GROUPS = 100

_SORTS = {
    "last_seen": ("toUnixTimestamp64Nano(max(start_time))", "Int64"),
    "cost": ("ifNull(sum(cost), toDecimal128(-1, 24))", "Decimal(38, 24)"),
    "calls": ("toInt64(count())", "Int64"),
}
"""Sort → its key over a group of calls and the key's type. An unknown cost comes after all known ones, the highest first."""


class Kind(msgspec.Struct, frozen=True):
    """Sessions or users: what calls are put together by, and what is counted beside."""

    noun: str
    column: str
    beside: tuple[str, ...]
    told: tuple[tuple[str, str], ...]
    """Name in the answer → SQL over a group of calls."""
    brief: bool = False
    """Whether its calls lie close together: then looking up when is worth more than reading whole days from aggregates."""

    @property
    def dimension(self) -> Dimension:
        """As questions name it."""
        return Dimension(self.noun, self.column)


_MODELS = ("models", f"arraySort(groupUniqArrayIf({MOST_NAMES})(model, model != ''))")

SESSION = Kind(
    "session",
    "session_id",
    ("model",),
    (
        ("user_count", "uniqExactIf(user_id, user_id != '')"),
        ("user_ids", f"arraySort(groupUniqArrayIf({MOST_NAMES})(user_id, user_id != ''))"),
        _MODELS,
    ),
    brief=True,
)
USER = Kind(
    "user", "user_id", ("model", "feature"), (("session_count", "uniqExactIf(session_id, session_id != '')"), _MODELS)
)


class Page(msgspec.Struct, frozen=True):
    """Which part of a list is asked for."""

    limit: int = DEFAULT_PAGE
    sort: str = "last_seen"
    descending: bool = True
    after: tuple[str, ...] | None = None
    """What stands in the cursor: the order, the key and the name of the last row of the page before."""

    @property
    def order(self) -> str:
        """The order as it was asked for."""
        return f"{'-' if self.descending else ''}{self.sort}"


def page(engine: Engine, rollup: Rollup, kind: Kind, project_id: str, pairs: Pairs, now_ns: int) -> Json:
    """A page of `GET /api/v1/sessions` or `/users`: those with matching calls. Raises `ParameterError`, `StoreError`."""
    given = Given(pairs)
    wanted = _take_page(given)
    scope, _ = take_scope(given, project_id, now_ns)
    given.finish(("sort", "cursor", "limit", *RANGE))
    return _page(engine, rollup, kind, scope, wanted)


def one_session(engine: Engine, rollup: Rollup, project_id: str, session_id: str, pairs: Pairs, now_ns: int) -> Json:
    """`GET /api/v1/sessions/{id}`: its sums, and its traces in order. Raises `NotFoundError`, and as `page` does."""
    given = Given(pairs)
    after = traces.cursor(given.take("cursor"))
    limit = take_limit(given, DEFAULT_PAGE, MOST_PAGE)
    scope = _scope_of_one(given, SESSION, project_id, session_id, now_ns, ("cursor", "limit"))
    near = _near(scope, _lived(engine, scope))
    told = _one(engine, rollup, SESSION, session_id, (scope, near))
    return told | {"traces": traces.of_scope(engine, near, after, limit)}


def one_user(engine: Engine, rollup: Rollup, project_id: str, user_id: str, pairs: Pairs, now_ns: int) -> Json:
    """`GET /api/v1/users/{id}`: their sums, and their latest sessions. Raises as `one_session` does."""
    scope = _scope_of_one(Given(pairs), USER, project_id, user_id, now_ns, ())
    latest = _page(engine, rollup, SESSION, scope, Page())
    return _one(engine, rollup, USER, user_id, (scope, scope)) | {"sessions": latest}


def _scope_of_one(given: Given, kind: Kind, project_id: str, name: str, now_ns: int, known: tuple[str, ...]) -> Scope:
    scope, _ = take_scope(given, project_id, now_ns, ONE_RANGE_S)
    given.finish((*known, *RANGE))
    return _only(scope, kind, [name])


def _one(engine: Engine, rollup: Rollup, kind: Kind, name: str, scopes: tuple[Scope, Scope]) -> Json:
    """The one that a scope is about, all of whose calls are in a second, perhaps shorter one. Raises `NotFoundError`."""
    scope, near = scopes
    row = _rows(engine, rollup, kind, near, [name])
    if not name or not row:
        msg = (
            f"There is no {kind.noun} {name[:80]!r} in this project from {rfc3339(scope.start_ns)} to"
            f" {rfc3339(scope.end_ns)}; from and to choose another range."
        )
        raise NotFoundError(msg)
    by = {
        f"by_{beside}": run.ask(engine, rollup, Question(near, dimensions.parse([beside]), limit=MOST_GROUPS))["groups"]
        for beside in kind.beside
    }
    return {**row[0], "from": rfc3339(scope.start_ns), "to": rfc3339(scope.end_ns), **by}


def _lived(engine: Engine, scope: Scope) -> tuple[int, int] | None:
    """When the first and the last of a scope's calls began; None where there are none."""
    p = Parameters()
    where = calls_where(scope, ((scope.start_ns, scope.end_ns),), p)
    first, last = "toUnixTimestamp64Nano(min(start_time))", "toUnixTimestamp64Nano(max(start_time))"
    rows = engine.query(
        f"SELECT {first}, {last} FROM calls FINAL WHERE is_owner AND {where} HAVING count() > 0", p.values
    )
    return rows.rows[0] if rows.rows else None


def _near(scope: Scope, lived: tuple[int, int] | None) -> Scope:
    if lived is None:
        return scope
    first, last = lived
    return Scope(scope.project_id, first, last + 1, scope.filters)


def _page(engine: Engine, rollup: Rollup, kind: Kind, scope: Scope, wanted: Page) -> Json:
    key, of_type = _SORTS[wanted.sort]
    sign, direction = ("<", "DESC") if wanted.descending else (">", "ASC")
    p = Parameters()
    where = f"is_owner AND {kind.column} != '' AND {calls_where(scope, ((scope.start_ns, scope.end_ns),), p)}"
    having = ""
    if wanted.after is not None:
        last = f"({p.add(of_type, wanted.after[1])}, {p.add('String', wanted.after[2])})"
        having = f" HAVING (sort_key, {kind.column}) {sign} {last}"
    found = engine.query(
        f"SELECT {kind.column}, toString({key} AS sort_key), toUnixTimestamp64Nano(min(start_time)),"
        f" toUnixTimestamp64Nano(max(start_time)) FROM calls FINAL WHERE {where} GROUP BY {kind.column}{having}"
        f" ORDER BY sort_key {direction}, {kind.column} {direction} LIMIT {wanted.limit + 1}",
        p.values,
    ).rows
    shown = found[: wanted.limit]
    more = cursors.pack([wanted.order, shown[-1][1], shown[-1][0]]) if len(found) > wanted.limit else None
    near = scope
    if kind.brief and shown:
        near = _near(scope, (min(first for _, _, first, _ in shown), max(last for _, _, _, last in shown)))
    return {"data": _rows(engine, rollup, kind, near, [row[0] for row in shown]), "next_cursor": more}


def _rows(engine: Engine, rollup: Rollup, kind: Kind, scope: Scope, names: Sequence[str]) -> list[Json]:
    """What is told of each of these that has calls in the scope, in this order."""
    if not names:
        return []
    only = _only(scope, kind, names)
    sums = {
        group[kind.noun]: group
        for group in run.ask(engine, rollup, Question(only, (kind.dimension,), limit=len(names)))["groups"]
    }
    seen = _seen(engine, kind, only)
    return [
        {kind.column: name, **seen[name], **{key: told for key, told in sums[name].items() if key != kind.noun}}
        for name in names
        if name in sums and name in seen
    ]


def _seen(engine: Engine, kind: Kind, scope: Scope) -> dict[str, Json]:
    """When each was seen, and what has no sum. Times are of calls: from the first one's start to the last one's end."""
    p = Parameters()
    where = calls_where(scope, ((scope.start_ns, scope.end_ns),), p)
    told = [f"{sql} AS told_{name}" for name, sql in kind.told]
    rows = shapes.rows(
        engine.query(
            f"SELECT {kind.column} AS name, toUnixTimestamp64Nano(min(start_time)) AS first_ns,"
            " toUnixTimestamp64Nano(max(start_time)) AS last_ns,"
            " max(toUnixTimestamp64Nano(start_time) + toInt64(duration_ns)) AS end_ns, uniqExact(trace_id) AS trace_count,"
            f" {', '.join(told)} FROM calls FINAL WHERE is_owner AND {where} GROUP BY {kind.column}",
            p.values,
        )
    )
    return {
        row["name"]: {
            "first_seen": rfc3339(row["first_ns"]),
            "last_seen": rfc3339(row["last_ns"]),
            "duration_ms": shapes.milliseconds(row["end_ns"] - row["first_ns"]),
            "trace_count": row["trace_count"],
            **{name: row[f"told_{name}"] for name, _ in kind.told},
        }
        for row in rows
    }


def _only(scope: Scope, kind: Kind, names: Sequence[str]) -> Scope:
    """Those of a scope's calls that belong to one of these."""
    wanted = OneOf(kind.dimension, tuple(names))
    return Scope(scope.project_id, scope.start_ns, scope.end_ns, (*scope.filters, wanted))


def _take_page(given: Given) -> Page:
    """Raises `ParameterError`."""
    text = given.take("sort") or "-last_seen"
    sort = text.removeprefix("-").removesuffix("_usd")
    if sort not in _SORTS:
        known = ", ".join(_SORTS)
        raise ParameterError(
            "sort", f"{text[:40]!r} is no order; there are {known}, with - before it for the highest first."
        )
    wanted = Page(take_limit(given, DEFAULT_PAGE, MOST_PAGE), sort, text.startswith("-"))
    key = cursors.NUMBER if sort == "cost" else cursors.WHOLE
    after = cursors.unpack(given.take("cursor"), cursors.TEXT, cursors.NUMBER, cursors.TEXT)
    if after is None:
        return wanted
    if after[0] != wanted.order or not key.fullmatch(after[1]):
        raise ParameterError("cursor", "it belongs to a list in another order; start again without it.")
    return msgspec.structs.replace(wanted, after=tuple(after))
