"""Traces of cases in; what the calls of each used, those of evaluators apart, out."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np

from farthing.model import money
from farthing.query import arrays
from farthing.query.arrays import Flags, Ids, Ints
from farthing.query.parameters import Parameters
from farthing.store.telemetry.engine import Engine

TIMEOUT_S = 60
ASKED_AT_ONCE = 1_000
"""So many traces are named one by one; more are found by their runs."""

JUDGES = "(mapContains(tags, 'evaluator_kind') OR mapContains(tags, 'evaluator') OR feature = 'evaluator')"
"""In SQL: whether a call is that of a judge. Langfuse's SDKs mark the span of an evaluator so, and all calls below it inherit that."""

_SUMS = (
    "countIf(is_owner), countIf(is_owner AND cost IS NULL), countIf(is_owner AND status = 'error'), sumIf(cost, is_owner),"
    " if(countIf(is_owner AND input_tokens IS NULL) > 0, NULL, sumIf(input_tokens, is_owner)),"
    " if(countIf(is_owner AND output_tokens IS NULL) > 0, NULL, sumIf(output_tokens, is_owner))"
)


class Spent(msgspec.Struct, frozen=True, gc=False):
    """What some calls used. Only calls that own their tokens count."""

    calls: int = 0
    unpriced: int = 0
    """Calls whose cost isn't known."""
    errors: int = 0
    known: int = 0
    """What the others cost, in units of 10^-24 dollars."""
    input_tokens: int | None = None
    output_tokens: int | None = None
    """None: a call didn't tell, or there was none."""

    @property
    def cost(self) -> int | None:
        """The exact cost; None where it isn't known of every call, or no call is known."""
        return self.known if self.calls and not self.unpriced else None

    def plus(self, other: "Spent") -> "Spent":
        """Both together."""
        if not self.calls or not other.calls:
            return self if self.calls else other
        return Spent(
            self.calls + other.calls,
            self.unpriced + other.unpriced,
            self.errors + other.errors,
            self.known + other.known,
            _both(self.input_tokens, other.input_tokens),
            _both(self.output_tokens, other.output_tokens),
        )


NOTHING = Spent()

Both = tuple[Spent, Spent]
"""What a case used, and what its evaluators did."""

NOT_TOLD = -1


class Used(msgspec.Struct, frozen=True):
    """The same of many, column by column. Tokens are -1 where a call didn't tell, or there was none."""

    calls: Ints
    unpriced: Ints
    errors: Ints
    known: list[int]
    input_tokens: Ints
    output_tokens: Ints

    @classmethod
    def nothing(cls, count: int) -> "Used":
        """Of so many that made no call."""
        none, nobody = np.zeros(count, np.int64), np.full(count, NOT_TOLD, np.int64)
        return cls(none, none.copy(), none.copy(), [0] * count, nobody, nobody.copy())

    def of(self, at: int) -> Spent:
        """One of them."""
        tokens = (None if one[at] == NOT_TOLD else int(one[at]) for one in (self.input_tokens, self.output_tokens))
        return Spent(int(self.calls[at]), int(self.unpriced[at]), int(self.errors[at]), self.known[at], *tokens)

    def add(self, at: int, told: Spent) -> None:
        """Add to one of them."""
        one = self.of(at).plus(told)
        self.calls[at], self.unpriced[at], self.errors[at], self.known[at] = (
            one.calls,
            one.unpriced,
            one.errors,
            one.known,
        )
        self.input_tokens[at] = NOT_TOLD if one.input_tokens is None else one.input_tokens
        self.output_tokens[at] = NOT_TOLD if one.output_tokens is None else one.output_tokens

    def put(self, places: Ints, other: "Used", which: Ints) -> None:
        """Write those of `other` that `which` numbers to these places."""
        for mine, theirs in (
            (self.calls, other.calls), (self.unpriced, other.unpriced), (self.errors, other.errors),
            (self.input_tokens, other.input_tokens), (self.output_tokens, other.output_tokens),
        ):  # fmt: skip
            mine[places] = theirs[which]
        for place, at in zip(places.tolist(), which.tolist(), strict=True):
            self.known[place] = other.known[at]

    @property
    def is_nothing(self) -> bool:
        """Whether none of them made a call."""
        return not self.calls.any()


class Which(msgspec.Struct, frozen=True):
    """Traces of a project: these, or, where they are many, all of these runs; and when their calls began, if that is known."""

    project_id: str
    runs: Sequence[str]
    traces: Sequence[bytes]
    window: tuple[int, int] | None = None

    def told(self, p: Parameters) -> str:
        """The same as a condition of SQL."""
        said = f"project_id = {p.add('String', self.project_id)}"
        if self.window:
            said += f" AND start_time >= {p.instant(self.window[0])} AND start_time <= {p.instant(self.window[1])}"
        return f"{said} AND trace_id IN ({self.ids(p)})"

    def ids(self, p: Parameters) -> str:
        """A question for the ids of the traces."""
        if len(self.traces) <= ASKED_AT_ONCE:
            named = p.add("Array(String)", [one.hex() for one in self.traces])
            return f"SELECT toFixedString(unhex(arrayJoin({named})), 16)"
        return self.cases("trace_id", p)

    def cases(self, column: str, p: Parameters) -> str:
        """A question for a column of the runs' cases."""
        mine = (
            f"project_id = {p.add('String', self.project_id)} AND run_id IN {p.add('Array(String)', list(self.runs))}"
        )
        return f"SELECT {column} FROM run_items WHERE {mine}"


def by_trace(engine: Engine, which: Which, traces: Ids) -> tuple[Used, Used]:
    """What each of these traces, which are sorted, used, and what its evaluators did. Raises `StoreError`."""
    p = Parameters()
    rows = engine.arrow(
        f"SELECT trace_id, {JUDGES} AS is_judge, is_owner, status = 'error' AS failed, cost, input_tokens, output_tokens"
        f" FROM calls FINAL WHERE {which.told(p)} AND (is_owner OR owner_trace_id != toFixedString('', 16))",
        p.values,
        timeout_s=TIMEOUT_S,
    )
    at = arrays.place(arrays.ids(rows.column("trace_id"), 16), traces)
    judge, owner = arrays.flags(rows.column("is_judge")), arrays.flags(rows.column("is_owner"))
    found = (
        _summed(rows, owner & ~judge & (at >= 0), at, traces.size),
        _summed(rows, owner & judge & (at >= 0), at, traces.size),
    )
    if (~owner & (at >= 0)).any():
        for (trace, _), told in _owned_elsewhere(engine, which).items():
            place = int(arrays.place(arrays.of_bytes([trace], 16), traces)[0])
            for used, more in zip(found, told, strict=True):
                if place >= 0:
                    used.add(place, more)
    return found


def _summed(rows: Any, wanted: Flags, at: Ints, count: int) -> Used:
    """By trace; `at` says which is that of each row."""
    if not wanted.any():
        return Used.nothing(count)
    if not wanted.all():
        rows, at = rows.take(np.flatnonzero(wanted)), at[wanted]
    unpriced, failed = np.asarray(rows.column("cost").is_null()), arrays.flags(rows.column("failed"))
    return Used(
        np.bincount(at, minlength=count),
        np.bincount(at[unpriced], minlength=count),
        np.bincount(at[failed], minlength=count),
        arrays.exact_sums(rows.column("cost"), at, count),
        _tokens(rows.column("input_tokens"), at, count),
        _tokens(rows.column("output_tokens"), at, count),
    )


def _tokens(column: Any, at: Ints, count: int) -> Ints:
    told = arrays.ints(column)
    # Floats add whole numbers exactly, up to 2^53.
    sums = np.bincount(at, weights=told, minlength=count).astype(np.int64)
    silent = np.bincount(at[told == NOT_TOLD], minlength=count) > 0
    return np.where(silent | (np.bincount(at, minlength=count) == 0), NOT_TOLD, sums)


def by_span(engine: Engine, which: Which) -> dict[tuple[bytes, bytes], Both]:
    """Trace and span → what the call that the span is used. Raises `StoreError`."""
    p = Parameters()
    rows = engine.query(
        f"SELECT trace_id, span_id, {JUDGES} AS is_judge, {_SUMS} FROM calls FINAL WHERE {which.told(p)} AND is_owner"
        " GROUP BY trace_id, span_id, is_judge",
        p.values,
        timeout_s=TIMEOUT_S,
    ).rows
    found: dict[tuple[bytes, bytes], Both] = {}
    for trace, span, is_judge, *sums in rows:
        _add(found, (trace, span), is_judge, _spent(sums))
    for key, told in _owned_elsewhere(engine, which).items():
        _add(found, key, False, told[0])
        _add(found, key, True, told[1])
    return found


def _owned_elsewhere(engine: Engine, which: Which) -> dict[tuple[bytes, bytes], Both]:
    """The calls that these traces restate and another one owns, as that of a gateway does; each once for a trace."""
    p = Parameters()
    rows = engine.query(
        f"SELECT trace_id, any(span_id), max({JUDGES}) AS is_judge, owner_trace_id, owner_span_id FROM calls FINAL"
        f" WHERE {which.told(p)} AND NOT is_owner AND owner_trace_id != toFixedString('', 16)"
        " GROUP BY trace_id, owner_trace_id, owner_span_id",
        p.values,
        timeout_s=TIMEOUT_S,
    ).rows
    owners: dict[tuple[bytes, bytes], Spent] = {}
    traces = sorted({row[3] for row in rows})
    for at in range(0, len(traces), ASKED_AT_ONCE):
        q = Parameters()
        some = Which(which.project_id, (), traces[at : at + ASKED_AT_ONCE], which.window)
        told = engine.query(
            f"SELECT trace_id, span_id, {_SUMS} FROM calls FINAL WHERE {some.told(q)} AND is_owner GROUP BY trace_id, span_id",
            q.values,
            timeout_s=TIMEOUT_S,
        ).rows
        owners |= {(trace, span): _spent(sums) for trace, span, *sums in told}
    cases = set(which.traces)
    found: dict[tuple[bytes, bytes], Both] = {}
    for trace, span, is_judge, *owner in rows:
        if owner[0] not in cases:  # where both are cases, the owner has it
            _add(found, (trace, span), bool(is_judge), owners.get((owner[0], owner[1]), NOTHING))
    return found


def _add(found: dict[Any, Both], key: Any, is_judge: Any, told: Spent) -> None:
    mine, judges = found.get(key, (NOTHING, NOTHING))
    found[key] = (mine, judges.plus(told)) if is_judge else (mine.plus(told), judges)


def _spent(sums: Sequence[Any]) -> Spent:
    calls, unpriced, errors, cost, read, written = sums
    known = 0 if cost is None else money.to_units(Decimal(cost))
    return Spent(calls, unpriced, errors, known, read if calls else None, written if calls else None)


def _both(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
