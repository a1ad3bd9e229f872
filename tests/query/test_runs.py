"""Cases of experiments told by spans, links and posts in; runs with exact cost, evaluators apart, and scores, out."""

import itertools
import random
from decimal import Decimal
from typing import Any

import msgspec
from stored_calls import new_project, stored_call, write

from farthing.model import money
from farthing.model.run import Outcome, RunItem, case_id, run_id_of
from farthing.model.score import Score, ScoreSource
from farthing.model.span import NO_PARENT, Resource, Scope, Span
from farthing.normalize import experiments
from farthing.query import case_calls, case_columns, runs
from farthing.query.case_calls import NOTHING
from farthing.store.telemetry import run_rows, score_rows, span_rows
from farthing.store.telemetry.engine import Engine

START = 1_790_000_000_000_000_000
_ids = itertools.count(0x1234)


def span(trace: int, number: int, parent: int = 0, **facts: Any) -> Span:
    plain: dict[str, Any] = {
        "trace_id": trace.to_bytes(16, "big"),
        "span_id": number.to_bytes(8, "big"),
        "parent_span_id": parent.to_bytes(8, "big") if parent else NO_PARENT,
        "name": "step",
        "kind": 1,
        "start_ns": START + number,
        "end_ns": START + number + 2_000_000_000,
        "status": 0,
        "status_message": "",
        "scope": Scope("langfuse-sdk", "5.0.4"),
        "resource": Resource(),
        "attributes": {},
    }
    return Span(**(plain | facts))


def told(run: str, item: str, root: int, **more: object) -> dict[str, object]:
    e = "langfuse.experiment."
    return {
        f"{e}id": run,
        f"{e}name": "first try",
        f"{e}dataset.id": "set",
        f"{e}item.id": item,
        f"{e}item.root_observation_id": root.to_bytes(8, "big").hex(),
        f"{e}metadata": '{"model": "gpt-4o"}',
        **more,
    }


def keep(engine: Engine, project: str, *items: RunItem) -> None:
    run_rows.keep(engine, project, items, 1)


def cases(engine: Engine, project: str, *names: str) -> list[runs.Case]:
    """As pages read them; and what columns of them say is held to that."""
    told = runs.items(engine, project, names)
    found = runs.of_items(engine, project, told)
    columns = case_columns.of_runs(engine, project, names)
    assert columns.told.items == [one.item_id for one in told]
    assert [columns.told.runs[int(run)] for run in columns.told.run] == [one.run_id for one in told]
    for at, one in enumerate(found):
        assert (columns.own.of(at), columns.judges.of(at)) == (one.spent, one.evaluators)
        assert (columns.errors[at], int(columns.started_ns[at])) == (one.error, one.started_ns)
        assert int(columns.latency_ns[at]) == (-1 if one.latency_ns is None else one.latency_ns)
    return found


def test_a_run_has_the_id_that_the_sdk_reckons() -> None:
    assert run_id_of("prj_mock", "ds_f7da81ad5228", "exp-1 run") == "4d3cb0f42e4f826b"
    assert len(case_id("a", "b", bytes(16))) == 32


def test_spans_tell_the_same_case_in_any_order_and_however_often(telemetry_engine: Engine) -> None:
    trace, root = next(_ids), 7
    spans = [
        span(trace, 6, attributes=told("r", "one", root, **{"langfuse.experiment.description": "why"})),
        span(trace, root, 6, attributes=told("r", "one", root), status=2, status_message="no answer"),
        span(trace, 8, root, attributes=told("r", "one", root)),
        span(trace, 9, 6, attributes={"langfuse.experiment.id": "r"}),
    ]
    whole = experiments.of_spans(spans)
    assert whole == [
        RunItem(
            "r", "one", trace.to_bytes(16, "big"), "set", "first try", "why", '{"model": "gpt-4o"}', 0, "",
            root.to_bytes(8, "big"), "", START + root, START + root + 2_000_000_000, Outcome.ERROR, "no answer", "", True,
        )
    ]  # fmt: skip
    for order in itertools.islice(itertools.permutations(spans), 0, None, 7):
        assert experiments.of_spans(order) == whole
        project = new_project()
        for one in (*order, order[0]):
            keep(telemetry_engine, project, *experiments.of_spans([one]))
        assert runs.items(telemetry_engine, project, ["r"]) == whole


def test_a_case_costs_its_own_calls_exactly_and_its_evaluators_apart(telemetry_engine: Engine) -> None:
    project, trace, root = new_project(), next(_ids), 3
    keep(telemetry_engine, project, *experiments.of_spans([span(trace, root, attributes=told("r", "one", root))]))
    write(
        telemetry_engine,
        project,
        [
            stored_call(START, trace=trace, usd=("0.000000000000000000000001", "0.1")),
            stored_call(START, trace=trace, usd=("1", "2")),
            stored_call(START, trace=trace, usd=("5", "0"), tags={"evaluator_kind": "item"}),
        ],
    )
    (case,) = cases(telemetry_engine, project, "r")
    assert case.spent.cost is not None
    assert case.evaluators.cost is not None
    assert money.to_decimal(case.spent.cost) == Decimal("3.100000000000000000000001")
    assert money.to_text(case.evaluators.cost) == "5"
    assert (case.spent.calls, case.spent.input_tokens, case.spent.output_tokens) == (2, 200, 60)
    assert (case.outcome, case.latency_ns) == (Outcome.OK, 2_000_000_000)

    write(telemetry_engine, project, [stored_call(START, trace=trace, usd=None)])
    (case,) = cases(telemetry_engine, project, "r")
    assert case.spent.cost is None
    assert (case.spent.unpriced, money.to_decimal(case.spent.known)) == (1, Decimal("3.100000000000000000000001"))


def test_a_case_linked_to_a_span_is_what_is_below_it(telemetry_engine: Engine) -> None:
    project, trace = new_project(), next(_ids)
    tree = [span(trace, 1), span(trace, 2, 1), span(trace, 3, 2), span(trace, 4, 1)]
    telemetry_engine.insert("spans", span_rows.numbered([span_rows.table(project, tree)], "commit", 1))
    write(
        telemetry_engine,
        project,
        [stored_call(START, number, trace=trace, usd=(str(number), "0")) for number in (1, 2, 3, 4)],
    )
    linked = RunItem("r", "part", trace.to_bytes(16, "big"), "set", span_id=(2).to_bytes(8, "big"), started_ns=START)
    root = msgspec.structs.replace(linked, item_id="root", span_id=(1).to_bytes(8, "big"))
    whole = msgspec.structs.replace(linked, item_id="whole", span_id=bytes(8))
    early = msgspec.structs.replace(linked, item_id="early", trace_id=(1 << 60).to_bytes(16, "big"))
    posted = RunItem(
        "r", "posted", dataset_id="set", started_ns=START, ended_ns=START, outcome=Outcome.ERROR, error="no"
    )
    keep(telemetry_engine, project, linked, root, whole, early, posted)
    scores = [
        Score(linked.trace_id, number.to_bytes(8, "big"), "good", number, "", "", ScoreSource.LOG, START + number)
        for number in (1, 2, 3, 4)
    ]
    telemetry_engine.insert("scores", span_rows.numbered([score_rows.table(project, scores)], "commit", 1))

    found = {case.item.item_id: case for case in cases(telemetry_engine, project, "r")}
    costs = {name: case.spent.cost and money.to_text(case.spent.cost) for name, case in found.items()}
    assert costs == {"part": "5", "root": "10", "whole": "10", "early": None, "posted": None}
    assert found["early"].spent == NOTHING
    assert (found["early"].outcome, found["posted"].outcome) == (Outcome.UNKNOWN, Outcome.ERROR)
    assert {name: case.scores["good"].value for name, case in found.items() if case.scores} == {
        "part": 2.0,
        "root": 1.0,
        "whole": 4.0,
    }


def test_the_call_that_a_gateway_owns_costs_the_case_that_made_it(telemetry_engine: Engine) -> None:
    project, trace, other = new_project(), next(_ids), next(_ids)
    keep(telemetry_engine, project, *experiments.of_spans([span(trace, 3, attributes=told("r", "one", 3))]))
    owner = stored_call(START, trace=other, usd=("0.5", "0.25"))
    again: dict[str, Any] = {"owner": owner.call.span_id, "owner_trace": owner.call.trace_id}
    write(telemetry_engine, project, [owner, *(stored_call(START, trace=trace, **again) for _ in range(2))])
    (case,) = cases(telemetry_engine, project, "r")
    assert money.to_text(case.spent.cost or 0) == "0.75"


def test_the_latest_case_of_an_item_holds_and_stray_spans_are_none(telemetry_engine: Engine) -> None:
    project = new_project()
    first, second, stray = next(_ids), next(_ids), next(_ids)
    keep(
        telemetry_engine,
        project,
        *experiments.of_spans(
            [
                span(first, 3, attributes=told("r", "one", 3)),
                span(second, 4, attributes=told("r", "one", 4)),
                span(stray, 5, attributes=told("r", "one", 4)),
            ]
        ),
    )
    (one,) = runs.items(telemetry_engine, project, ["r", "nobody's"])
    assert one.trace_id == second.to_bytes(16, "big")


def test_more_cases_than_are_named_one_by_one_are_read_at_once(telemetry_engine: Engine) -> None:
    project, count, names = new_project(), case_calls.ASKED_AT_ONCE // 2, ["a", "b", "c"]
    fill(telemetry_engine, project, names, count)
    found = cases(telemetry_engine, project, *names)
    assert [sum(case.item.run_id == name for case in found) for name in names] == [count] * 3
    assert {case.spent.cost for case in found} == {money.to_units("0.003")}
    assert all(case.scores["good"].value == 1.0 for case in found)
    page = runs.items(telemetry_engine, project, ["b"], "item-1", 2)
    assert [one.item_id for one in page] == ["item-10", "item-100"]


def fill(engine: Engine, project: str, names: list[str], count: int) -> None:
    """Runs of these names, each with a call and a score for each of so many items."""
    drawn = random.Random(9)
    items = [
        RunItem(
            run, f"item-{at}", (drawn.getrandbits(120) + 1).to_bytes(16, "big"), "set", run,
            span_id=(at + 1).to_bytes(8, "big"), started_ns=START + at, ended_ns=START + at + 1, outcome=Outcome.OK, whole=True,
        )
        for run in names
        for at in range(count)
    ]  # fmt: skip
    keep(engine, project, *items)
    one = stored_call(START, usd=("0.001", "0.002"))
    same = msgspec.structs.replace
    calls = [same(one, call=same(one.call, trace_id=item.trace_id, span_id=item.span_id)) for item in items]
    write(engine, project, calls)
    scores = [Score(item.trace_id, item.span_id, "good", 1.0, "", "", ScoreSource.LOG, START) for item in items]
    engine.insert("scores", span_rows.numbered([score_rows.table(project, scores)], "commit", 1))
