"""Calls that ended in all kinds of ways in; those that may have cost what nobody knows are told by every total."""

from stored_calls import failed, new_project, stored_call, write

from farthing.model.call import CUT_OFF
from farthing.query import run, shapes, tree
from farthing.query.traces import traces
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

START = 1_790_000_000
NOW = (START + 86_400) * 10**9
RANGE = (("from", str(START)), ("to", str(START + 3600)))


def test_calls_cut_off_are_of_unknown_usage_and_refused_ones_are_free(telemetry_engine: Engine) -> None:
    project = new_project()
    refused = ("429", "rate_limit_exceeded", "upstream_unreachable")
    calls = [failed(stored_call(START * 10**9 + at, trace=7), error) for at, error in enumerate((*CUT_OFF, *refused))]
    calls += [stored_call(START * 10**9, trace=7, tokens=None, usd=None), stored_call(START * 10**9, trace=7)]
    write(telemetry_engine, project, calls)
    unknown = len(CUT_OFF) + 1
    assert sum(priced.call.may_be_charged and priced.cost.amount is None for priced in calls) == unknown

    total = run.spend(telemetry_engine, Rollup(telemetry_engine), project, RANGE, NOW)["total"]
    (trace,) = traces(telemetry_engine, project, RANGE, NOW)["data"]
    asked = f"SELECT {', '.join(shapes.CALL)} FROM calls FINAL WHERE project_id = {{project:String}}"
    rows = shapes.rows(telemetry_engine.query(asked, {"project": project}))
    summed = tree.Sums()
    for row in rows:
        summed.add(tree.sums_of(row))
    for told in (total, trace, summed.shape()):
        assert told["calls"] == len(calls)
        assert told["unknown_usage_calls"] == unknown
