"""A question and its plan in, the text and the values of one query out; nothing a person wrote gets into the text."""

from collections.abc import Sequence
from typing import Any

import msgspec

from farthing.query.parameters import Parameters
from farthing.query.plan import Plan
from farthing.query.question import Question, Scope
from farthing.store.telemetry.cuts import GRAINS, latest
from farthing.store.telemetry.measures import MEASURES, QUANTILES, SKETCH, Measure

MOST_CELLS = 20_000
"""Groups times steps that are answered at most; fewer groups are told apart when there would be more."""

TOTAL, GROUP, CELL, STEP = 0, 1, 2, 3
"""What a row of the answer is about: everything, one group, one group in one step, one step. Without groups a step's row is
its only cell.
"""

_ALL = (*MEASURES, SKETCH)
SETTINGS = (
    "SETTINGS prefer_column_name_to_alias = 1, optimize_functions_to_subcolumns = 0,"
    " enable_shared_storage_snapshot_in_query = 1"
)
"""The first, so that `sum(cost) AS cost` doesn't hide the column from the filters beside it. The second, so that tags are
read once: the engine would read each tag as a column of its own, and all tags for each of them. The third, so that the
latest revisions of `rollup` are those of the rows that are read.
"""

_LARGE_BLOCKS = ", max_block_size = 131072, preferred_block_size_bytes = 16777216"
"""What is added up of a call has 150 bytes, so by itself the engine would add up 7,000 calls at a time, and spend a third of its
work between these blocks. Aggregates have few rows, and large ones.
"""


class Compiled(msgspec.Struct, frozen=True):
    """A query. Its columns: kind, step, told, one for each dimension, the measures, the two latency quantiles."""

    text: str
    values: dict[str, Any]


def compile_spend(question: Question, plan: Plan) -> Compiled:
    """One query for the total, the groups and the series, so that they are of one moment and add up."""
    p = Parameters()
    raw = [f"k{number}" for number in range(len(question.by))]
    names = [f"d{number}" for number in range(len(question.by))]
    step = ["step"] if question.edges else []
    cells = cells_of(question, plan, [*step, *raw], p)
    if names:
        cells = _ranked(question, cells, raw, names, p)
    group = ["told", *names] if names else []
    sets = ["()", f"({', '.join(group)})"] if group else ["()"]
    kind = f"if(grouping(told) = 1, {TOTAL}, {GROUP})" if group else str(TOTAL)
    if step:
        sets.append(f"({', '.join(step + group)})")
        cell = CELL
        if group:
            sets.append("(step)")
            cell = f"if(grouping(told) = 1, {STEP}, {CELL})"
        kind = f"if(grouping(step) = 0, {cell}, {kind})"
    picked = [
        f"{kind} AS kind",
        f"{'step' if step else '0'} AS at",
        f"{'told' if group else 'true'} AS is_told",
        *names,
    ]
    text = f"""
SELECT {", ".join([*picked, *(f"{m.of_sums} AS {m.name}_" for m in MEASURES), f"{QUANTILES} AS quantiles"])}
FROM ({cells})
GROUP BY GROUPING SETS ({", ".join(sets)})
ORDER BY {", ".join(["kind", "at", "is_told DESC", "cost_ DESC NULLS LAST", "calls_ DESC", *names])}
{_settings(plan)}
"""
    return Compiled(text, p.values)


def compile_cells(question: Question, plan: Plan, measures: Sequence[Measure]) -> Compiled:
    """All groups in all steps, and of these measures only. The columns: step if there are any, dimensions, measures."""
    p = Parameters()
    keys = [*(["step"] if question.edges else []), *(f"k{number}" for number in range(len(question.by)))]
    listed = ", ".join([*keys, *(m.name for m in measures)])
    return Compiled(f"SELECT {listed} FROM ({cells_of(question, plan, keys, p, measures)}) {_settings(plan)}", p.values)


def _settings(plan: Plan) -> str:
    return SETTINGS if plan.buckets else SETTINGS + _LARGE_BLOCKS


def cells_of(
    question: Question, plan: Plan, keys: list[str], p: Parameters, measures: Sequence[Measure] = (*MEASURES, SKETCH)
) -> str:
    """The SQL of groups by step, from all the pieces of the plan."""
    merged = [f"{m.of_sums} AS {m.name}" for m in measures]
    edges = p.add("Array(UInt32)", list(question.edges)) if question.edges else ""
    parts: list[str] = []
    for source, spans in (("calls", plan.singles), ("calls FINAL", plan.calls)):
        for scope in question.scope.apart if spans else ():
            where = f"is_owner AND {calls_where(scope, spans, p)}"
            by = [d.sql(p) for d in question.by]
            picked = [*_picked("start_time", edges, by), *(f"{m.of_calls} AS {m.name}" for m in measures)]
            joined = "".join(d.joined(p) for d in question.by)
            parts.append(_grouped(picked, f"{source}{joined} WHERE {where}", keys))
    if plan.buckets:
        where = f"calls > 0 AND {_rollup_where(question.scope, plan, p)}"
        by = [d.sql(p, plan.cut) for d in question.by]
        picked = [*_picked("bucket", edges, by), *merged]
        parts.append(_grouped(picked, f"rollup WHERE {where}", keys))
    if len(parts) == 1:
        return parts[0]
    return _grouped([*keys, *merged], f"({' UNION ALL '.join(parts)})", keys)


def _grouped(picked: list[str], source: str, keys: list[str]) -> str:
    # Without keys there is one group even of nothing; an empty cell must not be taken for a call of zero length.
    grouping = f"GROUP BY {', '.join(keys)}" if keys else "HAVING count() > 0"
    return f"SELECT {', '.join(picked)} FROM {source} {grouping}"


def _picked(time: str, edges: str, by: list[str]) -> list[str]:
    step = [f"roundDown(toUnixTimestamp({time}), {edges}) AS step"] if edges else []
    # A plain String: the same dimension may be LowCardinality in one table and not in the other.
    return [*step, *(f"toString({dimension}) AS k{number}" for number, dimension in enumerate(by))]


def _ranked(question: Question, cells: str, raw: list[str], names: list[str], p: Parameters) -> str:
    """The cells of all but the dearest groups are put under no name."""
    limit = p.add("UInt32", max(1, min(question.limit, MOST_CELLS // max(1, len(question.edges)))))
    listed = ", ".join(raw)
    step = ["step"] if question.edges else []
    folded = [f"if(told, {key}, '') AS {name}" for key, name in zip(raw, names, strict=True)]
    cost, calls = "ifNull(cost, 0)", "calls"
    if step:
        cells = (
            f"SELECT *, sum({cost}) OVER (PARTITION BY {listed}) AS group_cost,"
            f" sum(calls) OVER (PARTITION BY {listed}) AS group_calls FROM ({cells})"
        )
        cost, calls = "group_cost", "group_calls"
    return (
        f"SELECT {', '.join([*step, f'place <= {limit} AS told', *folded, *(m.name for m in _ALL)])} FROM ("
        f"SELECT *, dense_rank() OVER (ORDER BY {cost} DESC, {calls} DESC, {listed}) AS place FROM ({cells}))"
    )


def calls_where(scope: Scope, spans: tuple[tuple[int, int], ...], p: Parameters) -> str:
    """The rows of `calls` (or, by the same columns, of `spans`) a scope is about, within pieces of time."""
    ranges = [f"(start_time >= {p.instant(start)} AND start_time < {p.instant(end)})" for start, end in spans]
    parts = [f"project_id = {p.add('String', scope.project_id)}", f"({' OR '.join(ranges) or 'false'})"]
    if scope.only_real:
        parts.append("data_mode = ''")
    parts += [f.sql(p) for f in scope.filters]
    return " AND ".join(parts)


def _rollup_where(scope: Scope, plan: Plan, p: Parameters) -> str:
    assert plan.cut is not None  # noqa: S101  there are buckets
    pieces: list[str] = []
    for grain in GRAINS:
        starts = plan.buckets.get(grain.name)
        if starts:
            name = p.add("String", f"{plan.cut.name}@{grain.name}")
            first, last = (f"toDateTime({p.add('UInt32', at)}, 'UTC')" for at in (starts[0], starts[-1]))
            listed = p.add("Array(UInt32)", list(starts))
            pieces.append(
                f"(cut = {name} AND bucket >= {first} AND bucket <= {last} AND toUnixTimestamp(bucket) IN {listed})"
            )
    bucket = f"project_id = {p.add('String', scope.project_id)} AND ({' OR '.join(pieces)})"
    return " AND ".join([bucket, latest(bucket), *(f.sql(p, plan.cut) for f in scope.filters)])
