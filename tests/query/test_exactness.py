"""Whatever was written, replaced, forgotten by a crash or recomputed before: an answer equals plain addition, exactly."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import hypothesis
from hypothesis import strategies as st
from query.plain_answer import VALUE, begins, grouped, measures, quantile_bounds
from stored_calls import failed, new_project, starts, stored_call, write

from farthing.model.call import PricedCall
from farthing.query import run
from farthing.query.moments import rfc3339
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Density, Rollup

# Two days around the night in which Berlin's clocks go back; there, the next week begins before they are over.
FIRST = int(datetime(2026, 10, 24, tzinfo=UTC).timestamp())
LAST = FIRST + 2 * 86_400
NOW = LAST * 10**9
HALF_HOUR = 1_800

LONG = "é" * 30
"""A value that the short texts beside the tags have no room for."""

Json = dict[str, Any]
Strategy = st.SearchStrategy[Any]

EVERYTHING, SOME, USUAL = Density(0, 0, 0), Density(3, 1, 1), Density()

# Few moments, mostly right on an edge, and few identities: so that rows are replaced and groups vanish.
MOMENTS = [
    (FIRST + half_hour * HALF_HOUR) * 10**9 + offset
    for half_hour, offset in (
        (0, 0),
        (0, HALF_HOUR * 10**9 - 1),
        (43, 1),
        (44, 0),
        (47, HALF_HOUR * 10**9 - 1),
        (48, 0),
        (50, 900 * 10**9),
        (94, 999_999_999),
    )
]


def _identified(slot: int, number: int, facts: Json) -> Json:
    return {"start_ns": MOMENTS[slot], "number": 10 * slot + number, **facts}


calls: Strategy = st.builds(
    _identified,
    slot=st.integers(0, len(MOMENTS) - 1),
    number=st.integers(1, 2),
    facts=st.fixed_dictionaries(
        {
            "request_model": st.sampled_from(["gpt-4o", "claude", ""]),
            "response_model": st.sampled_from(["", "gpt-4o-2025"]),
            "duration_ns": st.integers(0, 90 * 10**9),
            "feature": st.sampled_from(["", "search", "chat"]),
            "user_id": st.sampled_from(["", "ann", "bob"]),
            "environment": st.sampled_from(["production", ""]),
            "tokens": st.sampled_from([(100, 20, 30), (7, 0, 1), None]),
            "usd": st.sampled_from([("0.000000000000000000000001", "12.5"), ("0", "0"), None]),
            "tags": st.sampled_from(
                [{}, {"region": "eu"}, {"region": "us", "it's": "?"}, {"region": "eu", "it's": "!"}, {"it's": LONG}]
            ),
        }
    ),
)
FILTERS = {
    "environment": ["production", "", "!production"],
    "model": ["gpt-4o", "!claude", "gpt-4o-2025"],
    "feature": ["search", ""],
    "status": ["ok", "error"],
    "tag.region": ["eu", "!eu", ""],
    "tag.it's": ["?", "!!", LONG, "!" + LONG],
    "user": ["ann", "!ann"],
}
WHOLE = (FIRST * 10**9, 2 * 86_400 * 10**9)
questions: Strategy = st.fixed_dictionaries(
    {
        "by": st.lists(st.sampled_from(sorted(VALUE)), max_size=2, unique=True),
        "granularity": st.sampled_from(["none", "none", "hour", "day", "day", "week", "month"]),
        "tz": st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu"]),
        "filters": st.lists(
            st.sampled_from([(k, v) for k, vs in FILTERS.items() for v in vs]),
            max_size=3,
            unique_by=lambda chosen: chosen[0],
        ),
        "range": st.one_of(
            st.just(WHOLE),
            st.tuples(
                st.sampled_from(MOMENTS), st.sampled_from([1, 3_600 * 10**9, 86_400 * 10**9, 2 * 86_400 * 10**9])
            ),
        ),
    }
)
SIMPLE = {"by": ["model"], "granularity": "none", "tz": "UTC", "filters": [], "range": WHOLE}
batches: Strategy = st.lists(calls, min_size=1, max_size=6)
rounds: Strategy = st.tuples(
    st.one_of(
        st.tuples(st.just("write"), batches),
        st.tuples(st.just("fail"), batches),
        st.tuples(st.just("crash"), batches),
        st.tuples(st.just("restart"), st.just([])),
    ),
    st.sampled_from(["refresh", "refresh what is due", "leave"]),
    st.one_of(st.just(SIMPLE), questions),
)


class Story:
    """A store of one project, and beside it the truth."""

    def __init__(self, engine: Engine, density: Density) -> None:
        self.engine, self.density = engine, density
        self.project = new_project()
        self.truth: dict[tuple[int, bytes, bytes], PricedCall] = {}
        self.rollup = self._started()

    def _started(self) -> Rollup:
        rollup = Rollup(self.engine, self.density)
        rollup.recover()
        return rollup

    def write(self, made: Sequence[PricedCall], *, touch: bool = True) -> None:
        """Later ones replace earlier ones of the same identity, within a batch too."""
        last = {(p.call.start_ns, p.call.trace_id, p.call.span_id): p for p in made}
        write(self.engine, self.project, list(last.values()))
        self.truth |= last
        if touch:
            self.rollup.touch(self.project, starts(last.values()))

    def restart(self, made: Sequence[PricedCall]) -> None:
        """After a crash, when there is a batch that nobody was told of; in good order otherwise."""
        if made:
            self.write(made, touch=False)
        else:
            self.rollup.save()
        self.rollup = self._started()

    def refresh(self, how: str) -> None:
        """The clock of this store is of no matter: an hour from now everything has been left alone long enough."""
        if how != "leave":
            self.rollup.refresh(time.time() + 3_600, everything=how == "refresh")

    def ask(self, asked: Json) -> None:
        start, end = asked["range"][0], sum(asked["range"])
        pairs = [("from", rfc3339(start)), ("to", rfc3339(end)), ("tz", asked["tz"])]
        pairs += [("granularity", asked["granularity"]), ("by", ",".join(asked["by"]))]
        pairs += asked["filters"]
        answer = run.spend(self.engine, self.rollup, self.project, pairs, NOW)
        chosen = [
            priced
            for priced in self.truth.values()
            if start <= priced.call.start_ns < end and all(passes(priced, *chosen) for chosen in asked["filters"])
        ]
        assert_measures(answer["total"], chosen)
        assert_groups(answer["groups"], chosen, asked["by"])
        if asked["granularity"] == "none":
            assert answer["series"] == []
            return
        by_step: dict[str, list[PricedCall]] = {}
        for priced in chosen:
            begun = begins(asked["granularity"], priced.call.start_ns, asked["tz"])
            if asked["granularity"] == "hour" and asked["tz"] in ("Asia/Kolkata", "Asia/Kathmandu"):
                shift = 1_800 if asked["tz"] == "Asia/Kolkata" else 2_700
                begun = (priced.call.start_ns // 10**9 + shift) // 3_600 * 3_600 - shift
            by_step.setdefault(rfc3339(begun * 10**9), []).append(priced)
        assert by_step.keys() <= {step["time"] for step in answer["series"]}
        for step in answer["series"]:
            assert_measures(step["total"], by_step.get(step["time"], []))
            assert_groups(step["groups"], by_step.get(step["time"], []), asked["by"])


def passes(priced: PricedCall, name: str, value: str) -> bool:
    negated, wanted = value.startswith("!"), value.removeprefix("!")
    held = [VALUE[name](priced), *([priced.call.response_model] if name == "model" else [])]
    return (wanted in held) != negated


def assert_measures(found: Json, chosen: Sequence[PricedCall]) -> None:
    latency = dict(found["latency_ms"])
    for name, q in (("p50", 0.5), ("p95", 0.95)):
        value = latency.pop(name)
        if chosen:
            low, high = quantile_bounds(chosen, q)
            assert low <= value <= high, (name, value, low, high)
        else:
            assert value is None
    assert {**found, "latency_ms": latency} == measures(chosen)


def assert_groups(found: Sequence[Json], chosen: Sequence[PricedCall], by: Sequence[str]) -> None:
    wanted = grouped(chosen, by)
    told = {tuple(group.pop(name) for name in by): group for group in map(dict, found)}
    assert told.keys() == wanted.keys()
    for key, group in told.items():
        assert_measures(group, [p for p in chosen if tuple(VALUE[n](p) or None for n in by) == key])


@hypothesis.settings(max_examples=15, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
@hypothesis.given(
    density=st.sampled_from([EVERYTHING, EVERYTHING, SOME, USUAL]), story=st.lists(rounds, min_size=2, max_size=6)
)
def test_every_answer_is_plain_addition(
    telemetry_engine: Engine, density: Density, story: list[tuple[tuple[str, list[Json]], str, Json]]
) -> None:
    told = Story(telemetry_engine, density)
    for (what, facts), refresh, question in story:
        made = [stored_call(**fact) for fact in facts]
        if what == "write":
            told.write(made)
        elif what == "fail":
            told.write([failed(call, "upstream_cut" if call.call.duration_ns % 2 else "429") for call in made])
        else:
            told.restart(made)
        told.refresh(refresh)
        told.ask(question)
