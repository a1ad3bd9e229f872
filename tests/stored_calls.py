"""A few facts in; calls in a real telemetry store out, with the truth about them kept beside."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from farthing.model import money
from farthing.model.attribution import NAMED, Attribution
from farthing.model.call import Call, PricedCall, Status
from farthing.model.ledger import Cost, CostStatus, Grade, Line
from farthing.model.usage import MISSING, Bucket, Usage, UsageSource
from farthing.store.telemetry import call_rows, span_rows
from farthing.store.telemetry.engine import Engine

_numbers = itertools.count(1)
_revisions = itertools.count(1_700_000_000_000_000)


def new_project() -> str:
    """A project that nothing was stored for yet."""
    return f"project-{next(_numbers)}"


def stored_call(start_ns: int, number: int | None = None, **facts: Any) -> PricedCall:
    """A call that begins at `start_ns`; `number` is its identity beside that, a fresh one when none is given.

    Facts are fields of `Call`, of `Attribution`, `tags`, `tokens` (input, cached, output; None: not reported) and
    `usd` (input, output; None: unpriced when there are tokens, else unknown).
    """
    identity = next(_numbers) if number is None else number
    tokens: tuple[int, int, int] | None = facts.pop("tokens", (100, 20, 30))
    usd: tuple[str, str] | None = facts.pop("usd", ("0.001", "0.002"))
    named = {name: facts.pop(name) for name in (*NAMED, "tags") if name in facts}
    base: dict[str, Any] = {
        "trace_id": facts.pop("trace", identity).to_bytes(16, "big"),
        "span_id": identity.to_bytes(8, "big"),
        "start_ns": start_ns,
        "duration_ns": 1_500_000_000,
        "dialect": "test",
        "provider": "openai",
        "request_model": "gpt-4o",
        "usage": _usage(tokens),
        "attribution": Attribution(**named),
    }
    return PricedCall(Call(**base | facts), _cost(tokens, usd))


def write(engine: Engine, project_id: str, calls: Sequence[PricedCall]) -> int:
    """Store calls as settling does, under a revision that is higher than all before it; which one."""
    revision = next(_revisions)
    engine.insert("calls", span_rows.numbered([call_rows.table(project_id, calls)], "revision", revision))
    return revision


def starts(calls: Iterable[PricedCall]) -> set[int]:
    """What settling touches."""
    return {priced.call.start_ns for priced in calls}


def failed(call: PricedCall, error_type: str) -> PricedCall:
    """The same call, ended by an error, its usage not reported."""
    ended = msgspec.structs.replace(call.call, status=Status.ERROR, error_type=error_type, usage=MISSING)
    return PricedCall(ended, Cost(CostStatus.UNKNOWN))


def _usage(tokens: tuple[int, int, int] | None) -> Usage:
    if tokens is None:
        return MISSING
    buckets = {Bucket.INPUT: tokens[0] - tokens[1], Bucket.CACHE_READ: tokens[1], Bucket.OUTPUT: tokens[2]}
    return Usage({bucket.value: number for bucket, number in buckets.items()}, UsageSource.PROVIDER)


def _cost(tokens: tuple[int, int, int] | None, usd: tuple[str, str] | None) -> Cost:
    if tokens is None:
        return Cost(CostStatus.UNKNOWN)
    if usd is None:
        lines = (Line(Bucket.INPUT, tokens[0], "token", None, 1_000_000, None, Grade.UNPRICED),)
        return Cost(CostStatus.UNPRICED, lines)
    sides = ((Bucket.INPUT, tokens[0], usd[0]), (Bucket.OUTPUT, tokens[2], usd[1]))
    # One line each, at a rate for all of it: what is asked about here is never the arithmetic of prices.
    lines = tuple(
        Line(bucket, 1, "token", money.to_units(amount), 1, money.to_units(amount), Grade.COMPUTED)
        for bucket, _, amount in sides
    )
    return Cost(CostStatus.COMPUTED, lines, "2026-11", "catalogue", "exact", "gpt-4o")
