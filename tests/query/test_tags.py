"""Which tags calls carry, asked of a real store."""

import pytest
from stored_calls import new_project, stored_call, write

from farthing.query.errors import ParameterError
from farthing.query.tags import tags
from farthing.store.telemetry.engine import Engine

NS = 10**9
START = 1_790_000_000
NOW = (START + 86_400) * NS
RANGE = [("from", str(START)), ("to", str(START + 3600))]


def test_the_most_frequent_keys_come_first_and_filters_narrow_them(telemetry_engine: Engine) -> None:
    project = new_project()
    at = START * NS
    calls = [
        stored_call(at, feature="chat", tags={"plan": "free", "region": "eu"}),
        stored_call(at, feature="chat", tags={"region": "us"}),
        stored_call(at, feature="search", tags={"index": "docs"}),
        stored_call((START + 7200) * NS, tags={"later": "1"}),
    ]
    write(telemetry_engine, project, calls)
    answer = tags(telemetry_engine, project, RANGE, NOW)
    assert answer == {"data": [{"key": "region"}, {"key": "index"}, {"key": "plan"}], "truncated": False}
    of_search = tags(telemetry_engine, project, [*RANGE, ("feature", "search")], NOW)
    assert of_search["data"] == [{"key": "index"}]
    assert tags(telemetry_engine, project, [*RANGE, ("limit", "1")], NOW)["truncated"] is True
    assert tags(telemetry_engine, new_project(), RANGE, NOW)["data"] == []


def test_mistakes_are_named(telemetry_engine: Engine) -> None:
    with pytest.raises(ParameterError):
        tags(telemetry_engine, new_project(), [("by", "model")], NOW)
