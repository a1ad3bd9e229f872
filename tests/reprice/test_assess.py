"""Recorded calls priced again by their shapes: to the last digit what the engine says of each alone, and back again."""

import itertools
import random
from typing import Any

import pytest
from drawn_calls import AGREED, END, START, columns, drawn, override, stored
from msgspec.structs import replace

from farthing.model import money
from farthing.model.call import Call
from farthing.model.ledger import CostStatus
from farthing.model.usage import Usage, UsageSource
from farthing.pricing import base
from farthing.pricing.catalog import Catalog
from farthing.pricing.cost import price
from farthing.pricing.overrides import OverrideRate
from farthing.reprice.assess import Assessed, assess
from farthing.reprice.batch import reprice
from farthing.store.telemetry import call_rows, repriced, repriced_shapes
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.repriced import Calls, Span

RANGE = Span(START, END)
_revisions = itertools.count(2)
_jobs = itertools.count(1)


def assessed(engine: Engine, asked: Calls, catalog: Catalog) -> Assessed:
    return assess(repriced_shapes.survey(engine, asked, RANGE), lambda _: catalog)


def rows(engine: Engine, asked: Calls) -> dict[bytes, dict[str, Any]]:
    told = repriced.load(engine, asked, RANGE).drop_columns(["start_time"]).to_pylist()
    return {row["trace_id"]: {name: row[name] for name in call_rows.COSTS} for row in told}


def quill(count: int, *, output: int = 1, at_ns: int = START, **more: Any) -> Call:
    usage = Usage({"input": count, "output": output}, UsageSource.PROVIDER)
    return Call(
        next(_revisions).to_bytes(16, "big"), bytes(8), at_ns, 1, "test", "acme", "quill-9", usage=usage, **more
    )


def change(engine: Engine, asked: Calls, found: Assessed) -> str:
    job = f"job-{next(_jobs)}"
    repriced_shapes.change(engine, job, asked, found.changes, next(_revisions), RANGE)
    return job


@pytest.mark.parametrize("seed", range(3))
def test_shapes_come_out_as_each_call_alone_and_go_back(telemetry_engine: Engine, seed: int) -> None:
    chance = random.Random(seed)
    before = base.load()
    after = before.overridden(AGREED)
    calls = [drawn(number, chance) for number in range(1, 1_500)]
    asked = stored(telemetry_engine, calls, before)
    found = assessed(telemetry_engine, asked, after)
    apart = repriced.load(telemetry_engine, asked, RANGE, found.apart)
    outcome = reprice(apart, lambda _: after)
    alone = set(apart.column("trace_id").to_pylist())
    assert found.changes
    assert len(alone) < len(calls) * 0.8
    old = rows(telemetry_engine, asked)

    job = change(telemetry_engine, asked, found)
    new = rows(telemetry_engine, asked)
    priced_again = 0
    for call in calls:
        told = new[call.trace_id]
        if told == old[call.trace_id]:
            if call.trace_id not in alone:
                assert told["cost"] == columns(call, after)["cost"], call
        else:
            assert call.trace_id not in alone
            assert told == columns(call, after), call
            priced_again += 1
    assert priced_again > 200

    found.tally.add(outcome.tally)
    owners = [call for call in calls if call.owner is None]
    for catalog, total in ((before, found.tally.total.old_cost), (after, found.tally.total.new_cost)):
        assert total is not None
        assert money.to_units(total) == sum(price(call, catalog).amount or 0 for call in owners)
    unpriced = [sum(price(c, of).status is CostStatus.UNPRICED for c in owners) for of in (before, after)]
    assert [found.tally.total.old_unpriced, found.tally.total.new_unpriced] == unpriced
    assert found.tally.total.calls == len(owners)

    revision = next(_revisions)
    repriced_shapes.restore(telemetry_engine, job, asked.project_id, revision, RANGE)
    assert rows(telemetry_engine, asked) == old
    assert repriced.written(telemetry_engine, asked.project_id, revision, RANGE) == priced_again


def test_the_same_prices_change_nothing(telemetry_engine: Engine) -> None:
    chance = random.Random(11)
    catalog = base.load()
    asked = stored(telemetry_engine, [drawn(number, chance) for number in range(1, 1_000)], catalog)
    found = assessed(telemetry_engine, asked, catalog)
    assert not found.changes
    assert found.tally.touched == 0
    assert found.tally.total.old_cost == found.tally.total.new_cost


def test_a_repeated_step_changes_and_restores_once(telemetry_engine: Engine) -> None:
    before = base.load()
    after = before.overridden([override("quill-9", "acme", {"input": "3", "output": "9"})])
    asked = stored(telemetry_engine, [quill(n) for n in range(1, 100)], before)
    old = rows(telemetry_engine, asked)
    found = assessed(telemetry_engine, asked, after)
    assert len(found.changes) == 1
    job = change(telemetry_engine, asked, found)
    # Killed after it had written but before it could note so: the same again, under a later revision.
    repriced_shapes.change(telemetry_engine, job, asked, found.changes, next(_revisions), RANGE)
    assert not assessed(telemetry_engine, asked, after).changes
    revision = next(_revisions)
    repriced_shapes.restore(telemetry_engine, job, asked.project_id, revision, RANGE)
    assert rows(telemetry_engine, asked) == old
    assert repriced.written(telemetry_engine, asked.project_id, revision, RANGE) == 99


def test_what_was_priced_otherwise_since_is_not_restored(telemetry_engine: Engine) -> None:
    before = base.load()
    first = before.overridden([override("quill-9", "acme", {"input": "3", "output": "9"})])
    second = before.overridden([override("quill-9", "acme", {"input": "4", "output": "9"})])
    asked = stored(telemetry_engine, [quill(n) for n in range(1, 10)], before)
    job = change(telemetry_engine, asked, assessed(telemetry_engine, asked, first))
    change(telemetry_engine, asked, assessed(telemetry_engine, asked, second))
    later = rows(telemetry_engine, asked)
    repriced_shapes.restore(telemetry_engine, job, asked.project_id, next(_revisions), RANGE)
    assert rows(telemetry_engine, asked) == later


AGREED_LATE = override("quill-9", "acme", {"input": "3", "output": "9"})
THIRDS = replace(AGREED_LATE, rates={"input": OverrideRate("1", per=3), "output": OverrideRate("1")})
LATER = override("quill-9", "acme", {"input": "3", "output": "9"}, valid_from=START + 5)


@pytest.mark.parametrize(
    ("calls", "agreed"),
    [
        pytest.param([quill(0, output=0)], AGREED_LATE, id="nothing but zeros"),
        pytest.param([quill(1), quill(1, at_ns=START + 9)], LATER, id="another price from then on"),
        pytest.param([quill(7)], THIRDS, id="a rate that does not divide"),
    ],
)
def test_what_one_call_does_not_tell_of_all_is_looked_at_call_by_call(
    telemetry_engine: Engine, calls: list[Call], agreed: Any
) -> None:
    before = base.load()
    asked = stored(telemetry_engine, calls, before)
    found = assessed(telemetry_engine, asked, before.overridden([agreed]))
    assert (found.changes, found.tally.touched) == ([], 0)
    assert repriced.load(telemetry_engine, asked, RANGE, found.apart).num_rows == len(calls)
