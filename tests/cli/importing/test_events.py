"""Rows as servers of several versions list them in; what the events made of them tell, and what they leave out."""

from typing import Any

import pytest

from farthing.cli.importing.events import of_observation, of_score, of_trace

Json = dict[str, Any]
NOBODY_KNOWS: Json = {"input": 0, "output": 0, "total": 0, "unit": "TOKENS"}


def row(**told: Any) -> Json:
    return {"id": "o", "traceId": "t", "type": "GENERATION", "startTime": "2026-11-20T10:00:00Z", **told}


@pytest.mark.parametrize(
    ("told", "usage", "cost"),
    [
        ({"usageDetails": {"input": 1}, "usage": NOBODY_KNOWS}, {"input": 1}, None),
        ({"usageDetails": {}, "usage": NOBODY_KNOWS, "costDetails": {}, "calculatedTotalCost": 0}, None, None),
        ({"usage": NOBODY_KNOWS, "calculatedTotalCost": 0}, None, None),
        ({"usage": {"input": 3, "output": None, "total": 3}}, {"input": 3, "total": 3}, None),
        ({"usage": {"input": 3, "unit": "CHARACTERS"}}, None, None),
        ({"calculatedInputCost": 0.5, "calculatedTotalCost": 0.75}, None, {"input": 0.5, "total": 0.75}),
        ({"costDetails": {"total": 0}}, None, {"total": 0}),
    ],
)
def test_unknown_is_never_zero(told: Json, usage: Json | None, cost: Json | None) -> None:
    body = of_observation(row(**told))["body"]
    assert (body.get("usageDetails"), body.get("costDetails")) == (usage, cost)


def test_an_event_is_the_same_until_what_it_tells_changes() -> None:
    first = of_trace({"id": "t", "timestamp": "2026-11-20T10:00:00Z", "updatedAt": "2026-11-20T11:00:00Z", "tags": []})
    later = of_trace(
        {"id": "t", "timestamp": "2026-11-20T10:00:00Z", "updatedAt": "2026-11-20T12:00:00Z", "public": False}
    )
    other = of_trace({"id": "t", "timestamp": "2026-11-20T10:00:00Z", "updatedAt": "2026-11-20T12:00:00Z", "name": "n"})
    assert first["id"] == later["id"] != other["id"]
    assert (first["timestamp"], first["body"]) == (
        "2026-11-20T11:00:00Z",
        {"id": "t", "timestamp": "2026-11-20T10:00:00Z"},
    )
    assert of_observation(row(metadata={"big": 2**70}))["body"]["metadata"] == {"big": 2**70}


@pytest.mark.parametrize(
    ("told", "value", "judged"),
    [
        ({"dataType": "NUMERIC", "value": 0, "traceId": "t", "observationId": "o"}, 0, {"traceId": "t", "observationId": "o"}),
        ({"dataType": "BOOLEAN", "value": 1, "stringValue": "True", "traceId": "t"}, 1, {"traceId": "t"}),
        ({"stringValue": "x", "value": None, "sessionId": "s"}, "x", {"sessionId": "s"}),
        ({"dataType": "CATEGORICAL", "value": 0, "stringValue": "x", "sessionId": "s"}, "x", {"sessionId": "s"}),
        ({"dataType": "CORRECTION", "value": "better", "subject": {"kind": "trace", "id": "t"}}, "better", {"traceId": "t"}),
        (
            {"dataType": "TEXT", "value": "x", "subject": {"kind": "observation", "id": "o", "traceId": "t"}},
            "x",
            {"traceId": "t", "observationId": "o"},
        ),
        ({"dataType": "BOOLEAN", "value": False, "subject": {"kind": "experiment", "id": "r"}}, 0, {"datasetRunId": "mine"}),
    ],
)  # fmt: skip
def test_a_score_judges_one_thing_and_has_a_value_of_its_kind(told: Json, value: Any, judged: Json) -> None:
    body = of_score({"id": "s", "name": "n", "configId": "theirs", **told}, {"theirs": "here"}, {"r": "mine"})["body"]
    assert (body["value"], body["configId"]) == (value, "here")
    ids = ("traceId", "observationId", "sessionId", "datasetRunId")
    assert {name: body[name] for name in ids if name in body} == judged


def test_a_score_of_a_run_that_is_not_here_can_not_be_told() -> None:
    with pytest.raises(LookupError, match="import datasets"):
        of_score({"id": "s", "name": "n", "value": 1, "datasetRunId": "r"}, {}, {})
