"""A scope and dimensions in; what the calls of each group add up to, how long they took, the largest of them, out."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from farthing.model import money
from farthing.query.dimensions import Dimension
from farthing.query.moments import NS
from farthing.query.parameters import Parameters
from farthing.query.plan import Plan, apart, plan
from farthing.query.question import Question, Scope
from farthing.query.sql import SETTINGS, Compiled, calls_where, cells_of, compile_cells
from farthing.store.telemetry.cuts import DAY
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.measures import ACCURACY, MEASURES, QUANTILES, SKETCH
from farthing.store.telemetry.rollup import Rollup

FOREVER = 1 << 62

_COUNTED = tuple(m for m in MEASURES if m.name in ("calls", "errors", "unpriced_calls", "unknown_usage_calls"))
_ADDED = tuple(m for m in MEASURES if m.name in ("cost", "input_tokens", "output_tokens"))
_MEASURES = (*_COUNTED, *_ADDED)

_CALLS = tuple(m for m in MEASURES if m.name == "calls")

Group = tuple[str, ...]


class Cell(msgspec.Struct, frozen=True, gc=False):
    """The sums of one group in one step: units of 10^-24 dollars and tokens; None where nobody knows."""

    step: int
    group: Group
    calls: int
    errors: int
    unpriced_calls: int
    unknown_usage_calls: int
    cost: int | None
    input_tokens: int | None
    output_tokens: int | None


class Course(NamedTuple):
    """What a group used: the first Unix seconds of those steps in which it had calls, how many, and amounts, nan where nobody knows."""

    group: Group
    steps: Sequence[int]
    calls: Sequence[int]
    amounts: Sequence[float]


class Groups:
    """Asks one store. `held_until`: of days that end after this Unix second no aggregates are used."""

    def __init__(self, engine: Engine, rollup: Rollup, held_until: int = FOREVER) -> None:
        """Nothing is asked yet."""
        self._engine = engine
        self._rollup = rollup
        self._held_until = held_until

    def sums(self, scope: Scope, by: Sequence[Dimension], edges: Sequence[int] = ()) -> list[Cell]:
        """Every group that has calls; in steps that begin at the edges (Unix seconds) if there are any. Raises `StoreError`."""
        question = Question(scope, tuple(by), edges=tuple(edges))
        rows = self._ask(question, lambda found: compile_cells(question, found, _MEASURES))
        return [_cell(row if edges else (0, *row), len(by)) for row in rows]

    def courses(self, scope: Scope, by: Sequence[Dimension], step_s: int, measure: str) -> list[Course]:
        """What each group used, step by step, the one with the most calls first: for statistics, not for people. Raises `StoreError`.

        `measure`: cost, calls, errors, input_tokens, output_tokens, or tokens.
        """
        edges = tuple(range(scope.start_ns // NS, -(-scope.end_ns // NS), step_s))
        question = Question(scope, tuple(by), edges=edges)
        keys = [f"k{number}" for number in range(len(by))]
        columns = ("input_tokens", "output_tokens") if measure == "tokens" else (measure,)
        wanted = tuple(m for m in MEASURES if m.name in ("calls", *columns))
        known = f"toFloat64(ifNull({columns[0]}, 0))" + "".join(f" + toFloat64(ifNull({c}, 0))" for c in columns[1:])
        is_known = " OR ".join(f"{c} IS NOT NULL" for c in columns)

        def compiled(found: Plan) -> Compiled:
            p = Parameters()
            cells = cells_of(question, found, ["step", *keys], p, wanted)
            # One row per group: of some hundreds of thousands each would be several objects, to be taken apart again.
            picked = ", ".join(
                [*keys, "groupArray(step)", "groupArray(calls)", f"groupArray(if({is_known}, {known}, nan))"]
            )
            grouping = f"GROUP BY {', '.join(keys)}" if keys else "HAVING count() > 0"
            return Compiled(f"SELECT {picked} FROM ({cells}) {grouping} ORDER BY sum(calls) DESC {SETTINGS}", p.values)

        return [Course(tuple(row[:-3]), *row[-3:]) for row in self._ask(question, compiled)]

    def latencies(self, scope: Scope, by: Sequence[Dimension], edges: Sequence[int] = ()) -> list[Sequence[Any]]:
        """Step, values, calls, and the median and the 95th percentile in milliseconds. Raises `StoreError`."""
        question = Question(scope, tuple(by), edges=tuple(edges))
        keys = [*(["step"] if edges else []), *(f"k{number}" for number in range(len(by)))]

        def compiled(found: Plan) -> Compiled:
            p = Parameters()
            picked = [*(keys if edges else ["0", *keys]), "sum(calls)", f"{QUANTILES} AS quantiles"]
            cells = cells_of(question, found, keys, p, (*_CALLS, SKETCH))
            grouping = f"GROUP BY {', '.join(keys)}" if keys else "HAVING count() > 0"
            return Compiled(f"SELECT {', '.join(picked)} FROM ({cells}) {grouping} {SETTINGS}", p.values)

        return self._ask(question, compiled)

    def first_tokens(self, scope: Scope, by: Sequence[Dimension], edges: Sequence[int] = ()) -> list[Sequence[Any]]:
        """The same of the time to the first token, of those calls that told it. Raises `StoreError`."""
        p = Parameters()
        step = f"roundDown(toUnixTimestamp(start_time), {p.add('Array(UInt32)', list(edges))})" if edges else "0"
        keys = [f"toString({d.sql(p)})" for d in by]
        where = calls_where(scope, ((scope.start_ns, scope.end_ns),), p)
        picked = ", ".join(
            [step, *keys, "count()", f"quantilesDD({ACCURACY}, 0.5, 0.95)(intDiv(assumeNotNull(ttft_ns), 1000000))"]
        )
        numbers = ", ".join(str(at + 1) for at in range(len(keys) + 1))
        text = (
            f"SELECT {picked} FROM calls FINAL WHERE is_owner AND ttft_ns IS NOT NULL AND {where} "
            f"GROUP BY {numbers} HAVING count() > 0 {SETTINGS}"
        )
        return list(self._engine.query(text, p.values).rows)

    def largest(
        self, scope: Scope, by: Sequence[Dimension], column: str, limit: str, edges: Sequence[int] = ()
    ) -> list[Sequence[Any]]:
        """Step, values, the largest `cost`, `input_tokens` or `output_tokens` of a call at or beyond the limit, which call, when, how many."""
        p = Parameters()
        step = f"roundDown(toUnixTimestamp(start_time), {p.add('Array(UInt32)', list(edges))})" if edges else "0"
        keys = [f"toString({d.sql(p)})" for d in by]
        where = calls_where(scope, ((scope.start_ns, scope.end_ns),), p)
        beyond = f"{column} >= toDecimal128({p.add('String', limit)}, {money.SCALE if column == 'cost' else 0})"
        which = "argMax((lower(hex(trace_id)), lower(hex(span_id)), toUnixTimestamp64Nano(start_time)), amount)"
        picked = ", ".join([step, *keys, f"max({column}) AS most", which.replace("amount", column), "count()"])
        numbers = ", ".join(str(at + 1) for at in range(len(keys) + 1))
        text = (
            f"SELECT {picked} FROM calls FINAL WHERE is_owner AND {beyond} AND {where} "
            f"GROUP BY {numbers} HAVING count() > 0 {SETTINGS}"
        )
        return list(self._engine.query(text, p.values).rows)

    def _ask(self, question: Question, compiled: Callable[[Plan], Compiled]) -> list[Sequence[Any]]:
        scope, rollup = question.scope, self._rollup
        start, end = scope.start_ns // NS, -(-scope.end_ns // NS)
        coverage = rollup.coverage(scope.project_id, start, end)
        if self._held_until != FOREVER:
            built = {d: found for d, found in coverage.built.items() if (d + 1) * DAY.seconds <= self._held_until}
            coverage = msgspec.structs.replace(coverage, built=built)
        whole = plan(question, coverage)
        known = rollup.singles.known(scope.project_id, start, end)
        quick = apart(whole, known)
        asked = compiled(quick)
        rows = self._engine.query(asked.text, asked.values).rows
        if not rollup.singles.stands(scope.project_id, known, quick.single_half_hours):
            # Somebody wrote there meanwhile: a call may have been counted twice.
            asked = compiled(whole)
            rows = self._engine.query(asked.text, asked.values).rows
        return list(rows)


def _cell(row: Sequence[Any], width: int) -> Cell:
    step, *rest = row
    calls, errors, unpriced, unknown, cost, read, written = rest[width:]
    return Cell(
        int(step),
        tuple(rest[:width]),
        int(calls),
        int(errors),
        int(unpriced),
        int(unknown),
        None if cost is None else money.to_units(cost),
        None if read is None else int(read),
        None if written is None else int(written),
    )
