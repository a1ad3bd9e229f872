"""Requests as releases of Langfuse's SDKs make them that are not installed here, and lists asked in every way, against the real server."""

import json
from collections.abc import Generator
from typing import Any

import httpx
import pytest
from server_process import ServerProcess

from farthing.query.pivots import AGGREGATIONS, VIEWS

PUBLIC, SECRET = "pk-lf-former", "sk-lf-former-releases"

Json = dict[str, Any]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Generator[httpx.Client]:
    pair = {"FARTHING_INIT_PUBLIC_KEY": PUBLIC, "FARTHING_INIT_SECRET_KEY": SECRET}
    server = ServerProcess(tmp_path_factory.mktemp("former"), pair)
    server.start()
    with httpx.Client(base_url=f"{server.url}/api/public", auth=(PUBLIC, SECRET), timeout=60) as made:
        yield made
    server.kill()


def get(client: httpx.Client, path: str, **asked: Any) -> Json:
    return client.get(path, params=asked).raise_for_status().json()


def post(client: httpx.Client, path: str, told: Json) -> Json:
    return client.post(path, json=told).raise_for_status().json()


def send(client: httpx.Client, **bodies: Json) -> None:
    batch = [
        {
            "id": f"{body['id']} {kind}",
            "type": kind.replace("_", "-"),
            "timestamp": "2026-11-20T10:00:00Z",
            "body": body,
        }
        for kind, body in bodies.items()
    ]
    told = post(client, "/ingestion", {"batch": batch})
    assert not told["errors"]


def test_datasets_as_before_2_37(client: httpx.Client) -> None:
    name = "set/1"
    made = post(client, "/datasets", {"name": name, "metadata": {"a": 1}})
    assert (made["name"], made["items"], made["runs"]) == (name, [], [])
    for number in (1, 2):
        post(client, "/dataset-items", {"datasetName": name, "id": f"i{number}", "input": number})
    post(client, "/dataset-items", {"datasetName": name, "id": "i2", "status": "ARCHIVED"})
    post(client, "/dataset-run-items", {"runName": "run/1", "datasetItemId": "i1", "traceId": "t"})
    whole = get(client, f"/datasets/{name}")
    assert (whole["metadata"], [one["input"] for one in whole["items"]], whole["runs"]) == ({"a": 1}, [1], ["run/1"])
    (listed,) = get(client, "/datasets")["data"]
    assert (listed["name"], listed["items"], listed["runs"]) == (name, ["i1"], ["run/1"])
    (case,) = get(client, f"/datasets/{name}/runs/run/1")["datasetRunItems"]
    assert case["datasetItemId"] == "i1"
    assert client.get("/datasets/none").json()["message"].startswith("There is no run")


def test_a_session_s_score_as_4_0_posts_it(client: httpx.Client) -> None:
    send(client, score_create={"id": "s", "session_id": "spoken", "name": "n", "value": "good"})
    (score,) = get(client, "/v2/scores", sessionId="spoken")["data"]
    assert (score["id"], score["stringValue"]) == ("s", "good")


def test_only_kinds_of_scores_that_a_release_can_parse_are_told(client: httpx.Client) -> None:
    for kind in ("TEXT", "CORRECTION", "CATEGORICAL"):
        post(client, "/scores", {"traceId": "judged", "name": "n", "value": "words", "dataType": kind})
    send(client, trace_create={"id": "judged"})

    def kinds(path: str, version: str) -> list[str]:
        headers = {"X-Langfuse-Sdk-Name": "python", "X-Langfuse-Sdk-Version": version} if version else {}
        told = client.get(path, headers=headers).raise_for_status().json()
        return sorted(one["dataType"] for one in told.get("data") or told["scores"])

    both, all_three = ["CATEGORICAL", "TEXT"], ["CATEGORICAL", "CORRECTION", "TEXT"]
    for version, of_trace, listed in (
        ("2.60.10", ["CATEGORICAL"], ["CATEGORICAL"]),
        ("3.15.0", both, all_three),
        ("4.0.0", ["CATEGORICAL"], ["CATEGORICAL", "CORRECTION"]),
        ("4.18.0", both, all_three),
        ("", both, all_three),
    ):
        assert kinds("/traces/judged", version) == of_trace
        assert kinds("/scores?name=n&value=words", version) == of_trace
        assert kinds("/v2/scores?traceId=judged", version) == listed


def test_a_trace_s_own_word_goes_before_an_observation_s(client: httpx.Client) -> None:
    """However early the observation began; and what is counted in characters is no tokens."""
    send(
        client,
        generation_create={
            "id": "g", "traceId": "own", "startTime": "2026-11-20T09:00:00Z", "version": "of g", "environment": "there",
            "usage": {"input": 30, "output": 40, "unit": "CHARACTERS"},
        },
        trace_create={"id": "own", "timestamp": "2026-11-20T10:00:00Z", "version": "of t", "environment": "here"},
    )  # fmt: skip
    trace = get(client, "/traces/own")
    assert (trace["version"], trace["environment"], trace["observations"][0]["version"]) == ("of t", "here", "of g")
    usage = trace["observations"][0]["usage"]
    assert [usage[name] for name in ("input", "output", "total", "unit")] == [30, 40, 70, "CHARACTERS"]
    assert trace["observations"][0]["usageDetails"] == {}


@pytest.mark.parametrize("text", ['a "quoted" one', "back\\slash", "ünï/☕", "two\nlines"])
def test_texts_are_found_whatever_letters_they_have(client: httpx.Client, text: str) -> None:
    send(client, trace_create={"id": f"odd {text}", "userId": text, "sessionId": text, "tags": [text], "name": text})
    for asked in ({"userId": text}, {"sessionId": text}, {"tags": text}, {"name": text}):
        assert [one["id"] for one in get(client, "/traces", **asked)["data"]] == [f"odd {text}"]
    assert [one["id"] for one in get(client, "/sessions")["data"] if one["id"] == text] == [text]


def test_tags_and_a_status_message_that_a_span_tells(client: httpx.Client) -> None:
    """The drop-in leaves tags among its metadata; a level other than ERROR is none of OpenTelemetry's states."""
    told = {
        "langfuse.observation.metadata.langfuse_tags": json.dumps(["x", "café"]),
        "langfuse.observation.level": "WARNING",
        "langfuse.observation.status_message": "hm",
    }
    attributes = [{"key": key, "value": {"stringValue": value}} for key, value in told.items()]
    span = {
        "traceId": "a" * 32, "spanId": "b" * 16, "name": "drop-in", "attributes": attributes,
        "startTimeUnixNano": "1795168800000000000", "endTimeUnixNano": "1795168801000000000",
    }  # fmt: skip
    scope = {"scope": {"name": "langfuse-sdk", "version": "4.0.0"}, "spans": [span]}
    post(client, "/otel/v1/traces", {"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [scope]}]})
    trace = get(client, f"/traces/{'a' * 32}")
    (observation,) = trace["observations"]
    assert (trace["tags"], observation["level"], observation["statusMessage"]) == (["x", "café"], "WARNING", "hm")
    for tag in trace["tags"]:
        assert get(client, "/traces", tags=tag)["meta"]["totalItems"] == 1


def test_traces_are_found_and_ordered_by_what_they_tell(client: httpx.Client) -> None:
    for number, (name, user, tags) in enumerate(
        (("alpha", "x", ["s"]), ("beta", "y", []), ("alphabet", "", ["s", "t"]))
    ):
        told = {"id": f"found-{number}", "name": name, "tags": tags, "sessionId": "found"} | (
            {"userId": user} if user else {}
        )
        send(client, trace_create=told)
        part = {"id": f"part-{number}", "traceId": f"found-{number}", "name": f"part {number}"}
        send(client, span_create=part)

    def found(path: str, column: str, operator: str, value: Any, **asked: Any) -> list[str]:
        conditions = [
            {"column": "sessionId", "operator": "=", "value": "found"},
            {"column": column, "operator": operator, "value": value},
        ]
        return sorted(one["name"] for one in get(client, path, filter=json.dumps(conditions), **asked)["data"])

    assert found("/traces", "name", "starts with", "alpha") == ["alpha", "alphabet"]
    assert found("/traces", "name", "does not contain", "bet") == ["alpha"]
    assert found("/traces", "userId", "none of", ["x"]) == ["alphabet", "beta"]
    assert found("/traces", "tags", "any of", ["t", "other"]) == ["alphabet"]
    assert found("/traces", "tags", "none of", ["t", "other"]) == ["alpha", "beta"]
    assert found("/v2/observations", "name", "ends with", "2") == ["part 2"]
    assert found("/observations", "userId", "contains", "y") == ["part 1"]
    assert (
        client.get(
            "/traces", params={"filter": '[{"column": "tags", "operator": "contains", "value": "t"}]'}
        ).status_code
        == 400
    )
    for order, names in (("name.asc", ["alpha", "alphabet", "beta"]), ("userId.desc", ["beta", "alpha", "alphabet"])):
        listed = get(client, "/traces", sessionId="found", orderBy=order)["data"]
        assert [one["name"] for one in listed] == names
    assert client.get("/traces", params={"orderBy": "name; DROP"}).status_code == 400


@pytest.mark.parametrize("view", VIEWS)
def test_metrics_can_be_asked_by_all_that_a_view_has(client: httpx.Client, view: str) -> None:
    held = VIEWS[view]
    measured = [
        {"measure": measure, "aggregation": aggregation}
        for measure in held.measures
        for aggregation in (("uniq", "count") if measure in held.ids else AGGREGATIONS)
    ]
    conditions = [{"column": name, "operator": "is null"} for name in (*held.dimensions, *held.measures)]
    conditions += [{"column": name, "operator": ">=", "value": 0} for name in held.measures if name not in held.ids]
    conditions += [
        {"column": name, "operator": operator, "value": "a"}
        for name in held.dimensions
        for operator in (("any of", "none of", "all of") if name in held.lists else ("contains", "none of", "!="))
    ]
    asked = {
        "view": view,
        "metrics": measured,
        "dimensions": [{"field": name} for name in held.dimensions],
        "timeDimension": {"granularity": "day"},
        "filters": conditions,
    }
    assert get(client, "/v2/metrics", query=json.dumps(asked))["data"] == []
    del asked["filters"]
    assert isinstance(get(client, "/metrics", query=json.dumps(asked))["data"], list)
