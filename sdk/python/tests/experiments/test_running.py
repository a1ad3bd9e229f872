"""Experiments that tell no server: how items are tried, judged, retried and named."""

from __future__ import annotations

import asyncio
import re
import threading
from typing import Any

import pytest

import farthing_sdk
from farthing_sdk._context import here
from farthing_sdk.experiments import (
    Experiment,
    Item,
    Score,
    ServerError,
    arun_experiment,
    contains,
    evaluator,
    exact,
    run_experiment,
)
from farthing_sdk.experiments._running import local_items

CAPITALS = [
    {"id": "fr", "input": "France", "expected": "Paris"},
    {"id": "it", "input": "Italy", "expected": "Rome"},
    {"id": "de", "input": "Germany", "expected": "Berlin"},
]


def same(country: str) -> str:
    return country


def run(task: Any, *judges: Any, **more: Any) -> Experiment:
    return run_experiment(CAPITALS, task, judges, name="trial", report=False, **more)


def test_a_function_a_coroutine_and_what_they_take() -> None:
    answers = {"France": "Paris", "Italy": "Milan", "Germany": "Berlin"}

    def by_place(country: str) -> str:
        return answers[country]

    def by_name(*, input: str) -> str:  # noqa: A002 - what is tested
        return answers[input]

    async def coroutine(item: Item) -> str:
        await asyncio.sleep(0)
        return answers[item.input]

    tasks: list[Any] = [by_place, by_name, coroutine]
    for task in tasks:
        found = run(task, exact())
        assert found.means() == {"exact": pytest.approx(2 / 3)}
        assert [one.item.id for one in found.results] == ["fr", "it", "de"]
        assert found.results[0].scores == [Score("exact", True, "", "exact", exact().version)]


def test_what_fails_is_a_result_and_no_pass() -> None:
    tries: dict[str, int] = {}

    def task(item: Item) -> str:
        tries[item.id] = tries.get(item.id, 0) + 1
        if item.id == "it":
            raise TimeoutError("the provider is away")
        if item.id == "de" and tries["de"] == 1:
            raise ConnectionError
        return str(item.expected)

    found = run(task, exact(), retries=1)
    [failed] = found.errors
    assert (failed.item.id, failed.error, failed.attempts, failed.scores) == (
        "it", "TimeoutError: the provider is away", 2, [],
    )  # fmt: skip
    assert found.results[2].attempts == 2
    assert found.means() == {"exact": 1.0}
    assert "1 errors" in str(found)


def test_evaluators_of_every_kind() -> None:
    def asking(country: str) -> str:
        return f"{country} please"

    def length(output: str) -> int:
        return len(output)

    async def polite(output: str, expected: str, metadata: Any) -> Score:
        assert (expected, metadata) == ("Paris", None)
        return Score("polite", "yes" if "please" in output else "no", "looked for please")

    @evaluator("several", version="7")
    def several(item: Item) -> Any:
        return {"a": item.id == "fr", "b": None, "c": 2}

    def broken(output: str) -> None:
        raise ValueError(output)

    found = run_experiment(CAPITALS[:1], asking, [length, polite, several, broken], name="t", report=False)
    [one] = found.results
    assert {score.name: (score.value, score.evaluator) for score in one.scores} == {
        "length": (13.0, "length"), "polite": ("yes", "polite"), "a": (True, "several"), "c": (2.0, "several"),
    }  # fmt: skip
    assert one.evaluator_errors == {"broken": "ValueError: France please"}
    assert found.labels() == {"polite": {"yes": 1}}
    assert {score.version for score in one.scores if score.name == "a"} == {"7"}


def test_calls_are_booked_on_the_item_s_own_trace_and_judging_apart() -> None:
    told: list[tuple[str, Any]] = []

    def task(country: str) -> str:
        told.append((country, dict(here().fields)))
        return country

    async def judge(output: str) -> bool:
        told.append(("judge " + output, dict(here().fields)))
        return True

    with farthing_sdk.context(team="search"):
        found = run(task, judge, concurrency=3)
    by = dict(told)
    for one in found.results:
        fields = by[one.item.input]
        assert fields["traceparent"] == f"00-{one.trace_id}-{one.span_id}-01"
        assert (fields["team"], fields["metadata"]) == ("search", {"experiment": "trial"})
        judged = by["judge " + one.item.input]
        assert (judged["traceparent"], judged["feature"]) == (fields["traceparent"], "evaluator")
        assert judged["metadata"] == {"experiment": "trial", "evaluator": "judge"}
    assert len({one.trace_id for one in found.results}) == 3
    assert not here().fields


def test_headers_for_the_gateway() -> None:
    assert farthing_sdk.gateway_headers() == {}
    with farthing_sdk.context(feature="f", traceparent="00-1-2-01", metadata={"plan": "a,b"}, tenant="Łódź"):
        assert farthing_sdk.gateway_headers() == {
            "x-farthing-feature": "f", "x-farthing-tenant": "d", "traceparent": "00-1-2-01", "x-farthing-tags": "plan=a b",
        }  # fmt: skip


def test_so_many_at_once_and_no_more() -> None:
    both = threading.Barrier(2, timeout=20)
    now, most = [0], [0]
    lock = threading.Lock()

    def task(country: str) -> str:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        if country != "Germany":
            both.wait()
        with lock:
            now[0] -= 1
        return country

    run(task, concurrency=2)
    assert most == [2]


def test_within_a_loop_that_goes_on() -> None:
    async def notebook() -> Experiment:
        return run(same, contains("a"))

    assert asyncio.run(notebook()).means() == {"contains": 1.0}

    async def straight() -> Experiment:
        return await arun_experiment(CAPITALS, same, name="t", report=False, limit=2)

    assert [one.output for one in asyncio.run(straight()).results] == ["France", "Italy"]


def test_a_task_that_takes_too_long() -> None:
    async def never(country: str) -> None:
        await asyncio.sleep(60 if country == "Italy" else 0)

    [failed] = run(never, timeout=0.05).errors
    assert failed.item.id == "it"
    assert failed.error.startswith("TimeoutError")


def test_items_without_an_id_are_named_after_what_is_in_them() -> None:
    one, two, again = local_items([{"input": "x"}, {"input": "x", "expected": 1}, {"input": "x"}])
    assert one.id != two.id
    assert again.id == f"{one.id}-2"
    assert local_items([{"input": "x", "metadata": {"later": 1}}])[0].id == one.id
    with pytest.raises(ValueError, match="no input"):
        local_items([{"question": "x"}])


@pytest.mark.parametrize("name", ["", "  ", None])
def test_a_run_without_a_name_is_refused_before_anything_is_tried(name: Any) -> None:
    def task(_: str) -> str:
        raise AssertionError

    with pytest.raises(ValueError, match="a run has one"):
        run_experiment(CAPITALS, task, [], name=name, report=False)


def test_a_dataset_by_name_needs_a_server() -> None:
    with pytest.raises(ServerError, match="capitals"):
        run_experiment("capitals", str, name="t", report=False)


def test_what_is_missing_is_said_beside_what_is_there() -> None:
    def task(number: int) -> int:
        return 1 // number

    def odd(output: int) -> float:
        return float("nan") if output else 0.5

    items = [{"id": str(number), "input": number} for number in (0, 1, 2)]
    told = str(run_experiment(items, task, [odd], name="t", report=False))
    assert "t: 3 items, 1 errors" in told
    assert "the first error, of item 0: ZeroDivisionError" in told
    assert re.search(r"odd +0\.5000  of 1 of 3 items", told)
    assert "odd gave no score 1 times: TypeError: odd gave back nan" in told
