"""Which calls are to be looked at in; the next of them in the order in which they became known, or the latest, with their spans' content, out."""

from collections.abc import Mapping, Sequence

import msgspec

from farthing.query import content
from farthing.query.case_calls import JUDGES
from farthing.query.content import Content
from farthing.query.filters import Filter
from farthing.query.parameters import Parameters
from farthing.store.telemetry.engine import Engine

TIMEOUT_S = 60

_REACH_NS = 86_400 * 10**9
"""How far apart two sightings of one call may be."""


class Wanted(msgspec.Struct, frozen=True):
    """Calls of a project: they own their tokens, went well, and are no judge's. Real traffic alone."""

    project_id: str
    filters: Sequence[Filter]
    since_ns: int
    """Those that began before are left out."""
    below: int | None = None
    """Of 64 bits: those whose hash is below; None: all."""


class Sampled(msgspec.Struct, frozen=True, gc=False):
    """One of them."""

    trace_id: bytes
    span_id: bytes
    start_ns: int
    revision: int
    environment: str = ""

    @property
    def id(self) -> str:
        """As the API names it."""
        return f"{self.trace_id.hex()}-{self.span_id.hex()}"


class Page(msgspec.Struct, frozen=True):
    """The next calls; `last` is the revision that the next page begins behind, `is_last` whether there is none yet."""

    calls: list[Sampled]
    last: int
    is_last: bool


def after(engine: Engine, wanted: Wanted, revision: int, most: int) -> Page:
    """Those that became known after a revision, the earliest first; all of the last one's. Raises `StoreError`."""
    p = Parameters()
    rows = engine.query(
        f"SELECT {_COLUMNS} FROM calls WHERE {_where(wanted, p)} AND revision > {p.add('UInt64', revision)}"
        f" ORDER BY revision LIMIT {most} WITH TIES",
        p.values,
        timeout_s=TIMEOUT_S,
    ).rows
    calls = [Sampled(*row) for row in rows]
    last = calls[-1].revision if calls else revision
    return Page(_still(engine, wanted.project_id, calls), last, len(calls) < most)


def latest(engine: Engine, wanted: Wanted, most: int) -> list[Sampled]:
    """Those that began last. Raises `StoreError`."""
    p = Parameters()
    rows = engine.query(
        f"SELECT {_COLUMNS} FROM calls FINAL WHERE {_where(wanted, p)} ORDER BY start_time DESC LIMIT {most}",
        p.values,
        timeout_s=TIMEOUT_S,
    ).rows
    return [Sampled(*row) for row in rows]


def named(engine: Engine, project_id: str, began: Mapping[str, int]) -> list[Sampled]:
    """Those of these ids that began then and still own their tokens. Raises `StoreError`."""
    told = [
        Sampled(bytes.fromhex(trace), bytes.fromhex(span), start_ns, 0)
        for (trace, _, span), start_ns in ((call_id.partition("-"), at) for call_id, at in began.items())
    ]
    return _still(engine, project_id, told)


def contents(engine: Engine, project_id: str, calls: Sequence[Sampled]) -> dict[str, list[Content]]:
    """By the call's id: its own span, then other sightings of it, which may know what was said. Raises `StoreError`."""
    if not calls:
        return {}
    p = Parameters()
    within = (
        f"start_time >= {p.instant(min(one.start_ns for one in calls) - _REACH_NS)} AND start_time <= "
        + p.instant(max(one.start_ns for one in calls) + _REACH_NS)
    )
    traces, spans = _ids(calls, p)
    others = engine.query(
        f"SELECT {_OWNER} AS owner, owner_span_id, trace_id, span_id FROM calls FINAL WHERE"
        f" project_id = {p.add('String', project_id)} AND {within} AND NOT is_owner"
        f" AND owner_span_id IN ({spans}) AND owner IN ({traces}) ORDER BY start_time",
        p.values,
        timeout_s=TIMEOUT_S,
    ).rows
    sightings: dict[tuple[bytes, bytes], list[tuple[str, str]]] = {
        (one.trace_id, one.span_id): [(one.trace_id.hex(), one.span_id.hex())] for one in calls
    }
    for owner_trace, owner_span, trace, span in others:
        if (owner_trace, owner_span) in sightings:
            sightings[owner_trace, owner_span].append((trace.hex(), span.hex()))
    asked = [one for told in sightings.values() for one in told]
    held = content.of_traces(engine, project_id, sorted({t for t, _ in asked}), sorted({s for _, s in asked}))
    return {
        one.id: [
            found
            for trace, span in sightings[one.trace_id, one.span_id]
            if (found := held.get(trace, {}).get(span)) is not None
        ]
        for one in calls
    }


_OWNER = "if(owner_trace_id = toFixedString('', 16), trace_id, owner_trace_id)"
_COLUMNS = "trace_id, span_id, toUnixTimestamp64Nano(start_time), revision, environment"


def _where(wanted: Wanted, p: Parameters) -> str:
    parts = [
        f"project_id = {p.add('String', wanted.project_id)}",
        f"start_time >= {p.instant(wanted.since_ns)}",
        f"is_owner AND status != 'error' AND data_mode = '' AND requests IS NULL AND NOT {JUDGES}",
        *(one.sql(p) for one in wanted.filters),
    ]
    if wanted.below is not None:
        parts.append(f"sipHash64(trace_id, span_id) < {p.add('UInt64', wanted.below)}")
    return " AND ".join(parts)


def _still(engine: Engine, project_id: str, calls: Sequence[Sampled]) -> list[Sampled]:
    """Without those that gave their tokens away since, each once."""
    if not calls:
        return []
    p = Parameters()
    starts = [one.start_ns for one in calls]
    traces, spans = _ids(calls, p)
    rows = engine.query(
        f"SELECT {_COLUMNS} FROM calls FINAL WHERE project_id = {p.add('String', project_id)}"
        f" AND start_time >= {p.instant(min(starts))} AND start_time <= {p.instant(max(starts))} AND is_owner"
        f" AND trace_id IN ({traces}) AND span_id IN ({spans})",
        p.values,
        timeout_s=TIMEOUT_S,
    ).rows
    owners = {(row[0], row[1]): Sampled(*row) for row in rows}
    asked = dict.fromkeys((one.trace_id, one.span_id) for one in calls)
    return [owners[key] for key in asked if key in owners]


def _ids(calls: Sequence[Sampled], p: Parameters) -> tuple[str, str]:
    """Questions for their traces and their spans."""
    traces = p.add("Array(String)", sorted({one.trace_id.hex() for one in calls}))
    spans = p.add("Array(String)", sorted({one.span_id.hex() for one in calls}))
    return (
        f"SELECT toFixedString(unhex(arrayJoin({traces})), 16)",
        f"SELECT toFixedString(unhex(arrayJoin({spans})), 8)",
    )
