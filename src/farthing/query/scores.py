"""Which scores are asked for in; pages of them, the latest first, out."""

import contextlib
import math

import msgspec

from farthing.model.score import Score
from farthing.query import of_traces
from farthing.query.parameters import Parameters
from farthing.store.telemetry import score_rows
from farthing.store.telemetry.engine import Engine

OPERATORS = ("=", "!=", "<", "<=", ">", ">=")
TIMEOUT_S = 60

Texts = tuple[str, ...]


class Asked(msgspec.Struct, frozen=True):
    """Which scores of a project; what is empty or None is not asked about."""

    project_id: str
    ids: Texts = ()
    names: Texts = ()
    origins: Texts = ()
    data_types: Texts = ()
    targets: Texts = ()
    environments: Texts = ()
    config_ids: Texts = ()
    queue_ids: Texts = ()
    authors: Texts = ()
    values: Texts = ()
    """Labels or texts, or numbers as text."""
    compared: tuple[tuple[str, float], ...] = ()
    """Operators and numbers the value is compared with."""
    traces: tuple[bytes, ...] = ()
    spans: tuple[bytes, ...] = ()
    sessions: Texts = ()
    runs: Texts = ()
    users: Texts = ()
    """Of the traces they judge."""
    trace_tags: Texts = ()
    from_ns: int | None = None
    to_ns: int | None = None


_COLUMNS = (
    ("names", "name"),
    ("origins", "origin"),
    ("data_types", "data_type"),
    ("targets", "target"),
    ("config_ids", "config_id"),
    ("queue_ids", "queue_id"),
    ("authors", "author"),
    ("sessions", "session_id"),
    ("runs", "run_id"),
)


def page(engine: Engine, asked: Asked, limit: int, offset: int) -> tuple[list[Score], int]:
    """A page by number, and how many there are. Raises `StoreError`."""
    p = Parameters()
    where = _where(asked, p)
    total = engine.query(f"SELECT count() FROM scores FINAL WHERE {where}", p.values, timeout_s=TIMEOUT_S).rows[0][0]
    rows = engine.query(
        f"SELECT {score_rows.COLUMNS} FROM scores FINAL WHERE {where}"
        f" ORDER BY time DESC, id DESC LIMIT {limit} OFFSET {offset}",
        p.values,
        timeout_s=TIMEOUT_S,
    ).rows
    return [score_rows.score(row) for row in rows], int(total)


def following(engine: Engine, asked: Asked, limit: int, after: tuple[int, str] | None) -> list[Score]:
    """So many after the one of this time and key (`key_of`), or from the latest on. Raises `StoreError`."""
    p = Parameters()
    where = _where(asked, p)
    if after is not None:
        last = f"({p.instant(after[0])}, toFixedString(unhex({p.add('String', after[1])}), 16))"
        where += f" AND (time, id) < {last}"
    rows = engine.query(
        f"SELECT {score_rows.COLUMNS} FROM scores FINAL WHERE {where} ORDER BY time DESC, id DESC LIMIT {limit}",
        p.values,
        timeout_s=TIMEOUT_S,
    ).rows
    return [score_rows.score(row) for row in rows]


def key_of(score: Score) -> tuple[int, str]:
    """Where a page that begins behind this score begins."""
    return score.time_ns, score_rows.key(score).hex()


def _where(asked: Asked, p: Parameters) -> str:
    parts = [f"project_id = {p.add('String', asked.project_id)}"]
    for field, column in _COLUMNS:
        if told := getattr(asked, field):
            parts.append(f"{column} IN {p.add('Array(String)', list(told))}")
    for field, column, width in (("traces", "trace_id", 16), ("spans", "span_id", 8)):
        if told := getattr(asked, field):
            listed = p.add("Array(String)", [one.hex() for one in told])
            parts.append(f"{column} IN (SELECT toFixedString(unhex(arrayJoin({listed})), {width}))")
    if asked.environments:
        # Who tells none is in the default one.
        said = p.add("Array(String)", list(asked.environments))
        parts.append(f"if(environment = '', 'default', environment) IN {said}")
    if asked.ids:
        keys = [score_rows.of_id(one).hex() for one in asked.ids] + [one for one in asked.ids if len(one) == 32]
        parts.append(f"lower(hex(id)) IN {p.add('Array(String)', keys)}")
    if asked.users or asked.trace_tags:
        parts.append(f"trace_id IN ({of_traces.such(asked.project_id, asked.users, asked.trace_tags, p)})")
    return " AND ".join([*parts, *_of_values(asked, p), *_of_times(asked, p)])


def _of_values(asked: Asked, p: Parameters) -> list[str]:
    parts: list[str] = []
    if asked.values:
        said, numbers = p.add("Array(String)", list(asked.values)), p.add("Array(Float64)", _numbers(asked.values))
        parts.append(f"(label IN {said} OR text IN {said} OR (value IS NOT NULL AND has({numbers}, value)))")
    for operator, number in asked.compared:
        assert operator in OPERATORS  # noqa: S101  it becomes SQL
        parts.append(f"value {operator} {p.add('Float64', number)}")
    return parts


def _numbers(texts: Texts) -> list[float]:
    found: list[float] = []
    for text in texts:
        with contextlib.suppress(ValueError):
            found.append(float(text))
    return [number for number in found if math.isfinite(number)]


def _of_times(asked: Asked, p: Parameters) -> list[str]:
    since = [] if asked.from_ns is None else [f"time >= {p.instant(asked.from_ns)}"]
    return since + ([] if asked.to_ns is None else [f"time < {p.instant(asked.to_ns)}"])
