"""What budgets are told was spent is what plain addition finds, whatever was written again, aggregated or is still stale."""

import itertools
import time
from datetime import UTC, datetime
from typing import Any

import hypothesis
from hypothesis import Phase
from hypothesis import strategies as st
from stored_calls import new_project, starts, stored_call, write

from farthing.budgets import budget, matching
from farthing.budgets.matching import Facts, Index
from farthing.budgets.periods import Stretch
from farthing.budgets.spending import Wanted, spent
from farthing.budgets.state import Sums
from farthing.model.call import PricedCall
from farthing.model.ledger import CostStatus
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Density, Rollup

FIRST = int(datetime(2026, 10, 24, tzinfo=UTC).timestamp())
DAY, HOUR = 86_400, 3_600
NS = 10**9

# Right before, at and after the edges of what is aggregated and of what is asked for.
SECONDS = [FIRST + at for at in (0, 1_799, 1_800, 79_200, DAY - 1, DAY, DAY + 900, 2 * DAY - 1)]
EDGES = [FIRST + at for at in (0, 1_800, 79_200, DAY, DAY + 900, 2 * DAY)] + [FIRST - 9 * DAY, FIRST + 9 * DAY]

Json = dict[str, Any]


def _identified(second: int, nanosecond: int, number: int, facts: Json) -> Json:
    return {"start_ns": second * NS + nanosecond, "number": number, **facts}


calls: st.SearchStrategy[Json] = st.builds(
    _identified,
    second=st.sampled_from(SECONDS),
    nanosecond=st.sampled_from([0, NS - 1]),
    number=st.integers(1, 2),
    facts=st.fixed_dictionaries(
        {
            "request_model": st.sampled_from(["gpt-4o", "claude", ""]),
            "response_model": st.sampled_from(["", "gpt-4o", "gpt-4o-2025"]),
            "feature": st.sampled_from(["", "search", "chat"]),
            "user_id": st.sampled_from(["", "ann", "it's"]),
            "tags": st.sampled_from([{}, {"region": "eu"}, {"region": "us"}]),
            "usd": st.sampled_from([("0.000000000000000000000001", "12.5"), ("0", "0"), ("9999999", "0.1"), None]),
            "tokens": st.sampled_from([(100, 20, 30), (100, 20, 30), None]),
        }
    ),
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "feature": st.sampled_from([["search"], ["search", ""], ["!search"], ["chat", "!search"]]),
        "model": st.sampled_from([["gpt-4o"], ["claude", "gpt-4o-2025"], ["!gpt-4o"]]),
        "user": st.sampled_from([["ann", "it's"], [""]]),
        "tag.region": st.sampled_from([["eu"], ["", "us"], ["!eu"]]),
    },
)
stretches = st.sampled_from(list(itertools.combinations(sorted(EDGES), 2)))


def facts_of(priced: PricedCall) -> Facts:
    call, who = priced.call, priced.call.attribution
    told = {"model": call.model, "response_model": call.response_model, "feature": who.feature, "user": who.user_id}
    return told | {f"tag.{key}": value for key, value in who.tags.items()}


def added_up(kept: list[PricedCall], given: Json, stretch: Stretch) -> Sums:
    """The plain way; which calls count is decided as it is for a call that comes in."""
    index = Index([matching.place(budget.scope(given))])
    total = Sums()
    for priced in kept:
        if stretch.holds(priced.call.start_ns // NS) and index.matching(facts_of(priced)):
            status = priced.cost.status
            unknown = status is CostStatus.UNKNOWN
            total += Sums(1, priced.cost.amount, int(status is CostStatus.UNPRICED), int(unknown))
    return total


# Writing and aggregating take the time, questions hardly any: few stores, each asked much.
@hypothesis.settings(deadline=None, max_examples=10, phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink])
@hypothesis.given(
    batches=st.lists(st.tuples(st.lists(calls, min_size=3, max_size=12), st.booleans()), min_size=2, max_size=3),
    asked=st.lists(st.tuples(filters, stretches), min_size=8, max_size=16),
)
def test_sums_are_those_of_plain_addition(telemetry_engine: Engine, batches: list[Any], asked: list[Any]) -> None:
    engine, project = telemetry_engine, new_project()
    rollup = Rollup(engine, Density(0, 0, 0))
    rollup.recover()
    kept: dict[tuple[int, bytes], PricedCall] = {}
    for batch, refreshed in batches:
        made = {(c.call.start_ns, c.call.span_id): c for c in (stored_call(**facts) for facts in batch)}
        kept |= made
        write(engine, project, list(made.values()))
        rollup.touch(project, starts(made.values()))
        if refreshed:
            rollup.refresh(time.time() + DAY, everything=True)
    wanted = {
        number: Wanted(matching.place(budget.scope(dict(given))), Stretch(*pair))
        for number, (given, pair) in enumerate(asked)
    }
    found = spent(engine, rollup, project, wanted.values())
    for number, (given, pair) in enumerate(asked):
        assert found[wanted[number]] == added_up(list(kept.values()), dict(given), Stretch(*pair))
    assert set(spent(engine, rollup, new_project(), wanted.values()).values()) == {Sums()}


class Counting:
    """An engine that counts questions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.questions = 0

    def __getattr__(self, name: str) -> Any:
        self.questions += name == "query"
        return getattr(self._engine, name)


def test_a_thousand_budgets_of_three_kinds_are_three_questions(telemetry_engine: Engine) -> None:
    engine: Any = Counting(telemetry_engine)
    project = new_project()
    write(telemetry_engine, project, [stored_call(FIRST * NS, feature=f"f{n}", user_id=f"u{n}") for n in range(300)])
    rollup = Rollup(telemetry_engine)
    day, month = Stretch(FIRST, FIRST + DAY), Stretch(FIRST - 20 * DAY, FIRST + 10 * DAY)
    given = [
        {},
        *({"feature": f"f{n}"} for n in range(300)),
        *({"feature": f"f{n}", "user": f"u{n}"} for n in range(300)),
    ]
    wanted = [Wanted(matching.place(budget.scope(dict(one))), s) for one in given for s in (day, month)]
    found = spent(engine, rollup, project, wanted)
    assert engine.questions == 3
    assert [found[one].calls for one in wanted] == [300, 300] + [1] * 1_200


def test_what_lies_between_two_times_is_not_read(telemetry_engine: Engine) -> None:
    engine: Any = Counting(telemetry_engine)
    everything = matching.place(())
    stretches = [Stretch(FIRST, FIRST + HOUR), Stretch(FIRST + 9 * DAY, FIRST + 10 * DAY)]
    wanted = [Wanted(everything, stretch) for stretch in stretches]
    found = spent(engine, Rollup(telemetry_engine), new_project(), wanted)
    assert engine.questions == 2
    assert found == dict.fromkeys(wanted, Sums())
