"""Events and scores over HTTP, in any order, again, together and around a crash, against the real server: nothing is lost, nothing twice."""

import json
import random
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from server_process import ServerProcess

PUBLIC, SECRET = "pk-lf-ingestion", "sk-lf-ingestion-of-tests"
RECORDINGS = Path(__file__).parents[1] / "corpus" / "recordings"

Json = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    pair = {"FARTHING_INIT_PUBLIC_KEY": PUBLIC, "FARTHING_INIT_SECRET_KEY": SECRET}
    running = ServerProcess(tmp_path_factory.mktemp("ingestion"), pair)
    running.start()
    yield running
    running.kill()


@pytest.fixture
def client(server: ServerProcess) -> Generator[httpx.Client]:
    with httpx.Client(base_url=f"{server.url}/api/public", auth=(PUBLIC, SECRET), timeout=60) as made:
        yield made


def event(name: str, kind: str, second: int, body: Json) -> Json:
    return {"id": name, "type": kind, "timestamp": f"2026-11-20T10:00:{second:02d}.000Z", "body": body}


def send(client: httpx.Client, *events: Json) -> Json:
    told = {"batch": list(events), "metadata": {"sdk_name": "python", "sdk_version": "2.60.10"}}
    answer = client.post("/ingestion", json=told)
    assert answer.status_code == 207, answer.text
    return answer.json()


def get(client: httpx.Client, path: str, **asked: Any) -> Json:
    return client.get(path, params=asked).raise_for_status().json()


def story(name: str) -> list[Json]:
    """A trace and a generation, told in several events each."""
    mine = {"id": f"{name}/generation", "traceId": name}
    return [
        event(f"{name} 1", "trace-create", 1, {"id": name, "name": "t", "tags": ["a"], "metadata": {"k": {"x": 1}}}),
        event(f"{name} 2", "trace-create", 4, {"id": name, "userId": "u", "tags": ["b"], "metadata": {"k": {"y": 2}}}),
        event(
            f"{name} 3",
            "generation-create",
            2,
            {
                **mine,
                "name": "g",
                "model": "gpt-4o",
                "input": "hello",
                "startTime": "2026-11-20T10:00:02Z",
                "metadata": {"deep": {"a": 1}},
            },
        ),
        event(
            f"{name} 4",
            "generation-update",
            3,
            {
                **mine,
                "name": None,
                "output": {"text": "hi"},
                "endTime": "2026-11-20T10:00:03Z",
                "metadata": {"deep": {"b": 2}},
                "usage": {"input": 10, "output": 5, "total": 15, "unit": "TOKENS"},
                "usageDetails": {"input": 10, "output": 5, "total": 15},
            },
        ),
    ]


def whole(client: httpx.Client, name: str) -> Json:
    """What is told of a story."""
    trace = get(client, f"/traces/{name}")
    [generation] = trace["observations"]
    return {
        **{field: trace[field] for field in ("id", "name", "userId", "tags", "metadata", "totalCost")},
        "observation": {
            field: generation[field]
            for field in ("id", "name", "model", "input", "output", "metadata", "usageDetails", "startTime", "latency")
        },
    }


def expected(name: str) -> Json:
    return {
        "id": name,
        "name": "t",
        "userId": "u",
        "tags": ["a", "b"],
        "metadata": {"k": {"x": 1, "y": 2}},
        "totalCost": 7.5e-05,
        "observation": {
            "id": f"{name}/generation",
            "name": "g",
            "model": "gpt-4o",
            "input": "hello",
            "output": {"text": "hi"},
            "metadata": {"deep": {"a": 1, "b": 2}},
            "usageDetails": {"input": 10, "output": 5, "total": 15},
            "startTime": "2026-11-20T10:00:02.000Z",
            "latency": 1.0,
        },
    }


def test_any_order_in_any_batches_and_again(client: httpx.Client) -> None:
    drawn = random.Random(7)
    for number in range(3):
        name = f"order-{number}"
        events = story(name)
        drawn.shuffle(events)
        cut = drawn.randrange(1, 4)
        for batch in (events[:cut], events[cut:], drawn.sample(events, 2)):
            assert send(client, *batch)["errors"] == []
        assert whole(client, name) == expected(name)


def test_calls_are_counted_once_and_belong_to_whom_the_trace_says(server: ServerProcess, client: httpx.Client) -> None:
    for one in reversed(story("counted")):
        send(client, {**one, "body": {**one["body"], "environment": "counting"}})
    whole(client, "counted")
    spent = server.get(
        "/api/v1/spend", **{"from": "2026-11-20", "to": "2026-11-21", "environment": "counting", "by": "user"}
    )
    assert [(one["user"], one["calls"], one["cost_usd"]) for one in spent["groups"]] == [("u", 1, "0.000075")]
    assert client.request("DELETE", "/traces", json={"traceIds": ["counted"]}).status_code == 200
    assert client.get("/traces/counted").status_code == 404
    # What was spent was spent.
    left = server.get("/api/v1/calls", **{"from": "2026-11-20", "to": "2026-11-21", "environment": "counting"})["data"]
    assert [one["cost_usd"] for one in left] == ["0.000075"]


def test_one_bad_event_rejects_one(client: httpx.Client) -> None:
    told = send(
        client,
        event("good", "span-create", 1, {"id": "s", "traceId": "bad ones", "name": "kept"}),
        event("unknown", "nothing-create", 1, {}),
        event("no body", "span-create", 1, "text"),  # type: ignore[arg-type]
        event("no id", "trace-create", 1, {"name": "x"}),
        event("no time", "span-create", 1, {"id": "x", "startTime": "yesterday"}),
        event(
            "no number", "score-create", 1, {"traceId": "bad ones", "name": "q", "value": "a", "dataType": "NUMERIC"}
        ),
        event("log", "sdk-log", 1, {"log": "x"}),
    )
    assert [one["id"] for one in told["successes"]] == ["good", "log"]
    assert [one["id"] for one in told["errors"]] == ["unknown", "no body", "no id", "no time", "no number"]
    assert all(one["status"] == 400 and one["message"] for one in told["errors"])
    assert [one["name"] for one in get(client, "/traces/bad ones")["observations"]] == ["kept"]
    assert client.post("/ingestion", content=b"{").status_code == 400
    assert client.post("/ingestion", json={"batch": 1}).json()["error"] == "InvalidRequestError"


def test_nothing_that_was_acknowledged_is_lost_when_many_tell_of_one_span_and_the_server_is_killed(
    server: ServerProcess, client: httpx.Client
) -> None:
    def tell(number: int) -> None:
        body = {"id": "crowd/span", "traceId": "crowd", "metadata": {f"k{number}": number, "all": {f"n{number}": True}}}
        send(client, event(f"crowd {number}", "span-update", number, body))

    with ThreadPoolExecutor(8) as several:
        list(several.map(tell, range(12)))
    server.kill()
    server.start()
    send(client, event("crowd late", "span-create", 1, {"id": "crowd/span", "traceId": "crowd", "name": "late"}))
    [span] = get(client, "/traces/crowd")["observations"]
    assert span["name"] == "late"
    wanted = {f"k{number}": number for number in range(12)} | {"all": {f"n{number}": True for number in range(12)}}
    assert span["metadata"] == wanted


def test_a_key_that_keeps_no_content_leaves_none(server: ServerProcess, client: httpx.Client) -> None:
    name = "in private"
    with httpx.Client(base_url=f"{server.url}/api/public", headers=server.headers, timeout=60) as careful:
        for one in story(name):
            send(careful, one)
    [generation] = get(client, f"/traces/{name}")["observations"]
    assert generation["usageDetails"] == {"input": 10, "output": 5, "total": 15}
    assert "hello" not in json.dumps(generation)


def test_credentials_within_metadata_are_not_kept(client: httpx.Client) -> None:
    metadata = {"call": {"headers": [{"api_key": "sk-of-nobody", "n": 1}]}, "password": "open"}
    send(client, event("secret", "span-create", 1, {"id": "s", "traceId": "secrets", "metadata": metadata}))
    [span] = get(client, "/traces/secrets")["observations"]
    assert span["metadata"] == {"call": {"headers": [{"api_key": "[secret removed]", "n": 1}]}}


def test_scores_replace_themselves_and_go(server: ServerProcess, client: httpx.Client) -> None:
    first = {"id": "mine", "traceId": "judged", "name": "q", "value": 0.5, "metadata": {"a": 1}}
    assert client.post("/scores", json=first).json() == {"id": "mine"}
    assert client.post("/scores", json={**first, "value": 0.75, "comment": "c"}).status_code == 200
    moved = {"id": "mine", "traceId": "judged", "observationId": "o", "name": "q", "value": 1}
    listed = [
        moved,
        {"name": "q", "value": True, "sessionId": "s"},
        {"name": "q", "value": "good", "datasetRunId": "r"},
    ]
    assert client.post("/scores", json=listed).status_code == 202
    assert client.post("/scores", json=[*listed[:1], {"name": "q", "value": 1}]).json()["rejected"] == 1
    found = get(client, "/v2/scores", name="q")
    assert found["meta"]["totalItems"] == 3
    assert {(one["id"] == "mine", one["value"], one["observationId"]) for one in found["data"]} == {
        (True, 1.0, "o"), (False, 1.0, None), (False, 0, None),
    }  # fmt: skip
    third = get(client, "/v3/scores", name="q", limit=2)
    rest = get(client, "/v3/scores", name="q", limit=2, cursor=third["meta"]["cursor"])
    assert rest["meta"]["cursor"] is None
    told = {(one["subject"]["kind"], one["value"]) for one in (*third["data"], *rest["data"])}
    assert told == {("observation", 1.0), ("session", True), ("experiment", "good")}
    assert get(client, "/v2/scores", name="q", operator=">", value=2)["data"] == []
    assert [one["id"] for one in get(client, "/v2/scores", traceId="judged", observationId="o")["data"]] == ["mine"]
    ours = server.get("/api/v1/scores", name="q", limit="2")
    assert len(ours["data"]) == 2
    assert len(server.get("/api/v1/scores", name="q", cursor=ours["next_cursor"])["data"]) == 1
    assert client.delete("/scores/mine").status_code == 202
    assert client.get("/scores/mine").status_code == 404
    assert get(client, "/v2/scores", name="q")["meta"]["totalItems"] == 2


def test_scores_of_our_own_api(server: ServerProcess) -> None:
    def post(told: Any) -> httpx.Response:
        return httpx.post(f"{server.url}/api/v1/scores", json=told, headers=server.headers, timeout=60)

    trace, span = "a" * 32, "b" * 16
    [made] = post(
        {"name": "ours", "value": 3, "trace_id": trace, "span_id": span, "time": "2026-11-20T10:00:00Z"}
    ).json()["data"]
    assert (made["data_type"], made["value"], made["target"], made["time"]) == (
        "NUMERIC", 3.0, "observation", "2026-11-20T10:00:00Z",
    )  # fmt: skip
    several = [{"name": "ours", "value": value, "trace_id": trace} for value in (True, "fine", 0.5)]
    assert post(several).status_code == 201
    assert [one["value"] for one in server.get("/api/v1/scores", trace_id=trace, max_value="0.9")["data"]] == [0.5]
    assert len(server.get("/api/v1/scores", trace_id=trace, target="trace")["data"]) == 3
    assert server.get(f"/api/v1/scores/{made['id']}")["id"] == made["id"]
    for wrong in (
        {"name": "ours", "value": 1},
        {"name": "ours", "value": 1, "trace_id": trace, "session_id": "s"},
        {"name": "ours", "value": "x", "data_type": "NUMERIC", "trace_id": trace},
        {"name": "ours", "value": 1, "trace_id": trace, "config_id": "none"},
    ):
        assert post(wrong).status_code == 400, wrong
    assert post({"name": "ours", "value": 1, "trace_id": "short"}).status_code == 422
    path = f"{server.url}/api/v1/scores/{made['id']}"
    assert httpx.delete(path, headers=server.headers, timeout=60).status_code == 204
    assert httpx.get(path, headers=server.headers, timeout=60).status_code == 404


def test_recorded_posts_of_two_releases_are_taken(client: httpx.Client) -> None:
    for case in ("langfuse-v3/scores", "langfuse-v3/remote_parent", "langfuse-v5/scores"):
        file = RECORDINGS / case / "rest.json"
        for sent in json.loads(file.read_text(encoding="utf-8")):
            if sent["method"] == "POST" and sent["path"].endswith(("/ingestion", "/scores")):
                path = sent["path"].removeprefix("/api/public")
                told = client.post(path, content=sent["body"], headers={"Content-Type": "application/json"})
                assert told.status_code == sent["status"], told.text
                assert told.json() == json.loads(sent["response"])
    idempotent = get(client, "/v2/scores/my-idempotent-id")
    assert (idempotent["name"], idempotent["stringValue"], idempotent["observationId"]) == ("obs", "True", "b" * 16)


@pytest.mark.parametrize("case", ["langfuse-v5/cached", "langfuse-v5/reasoning", "langfuse-v3/responses"])
def test_usage_that_a_provider_told_is_given_back_in_parts_that_add_up(client: httpx.Client, case: str) -> None:
    folder = RECORDINGS / case
    [truth] = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["llm_calls"]
    body, kind = (folder / "00-traces.pb").read_bytes(), {"Content-Type": "application/x-protobuf"}
    client.post("/otel/v1/traces", content=body, headers=kind).raise_for_status()
    found = get(client, "/v2/observations", type="GENERATION", fields="core,usage,model", limit=100)["data"]
    [usage] = [one["usageDetails"] for one in found if one["model"] == truth["response_model"]]
    parts = {
        "input": truth["input_tokens_including_cache"] - truth["cached_input_tokens"],
        "input_cached_tokens": truth["cached_input_tokens"],
        "output": truth["output_tokens_including_reasoning"] - truth["reasoning_tokens"],
        "output_reasoning_tokens": truth["reasoning_tokens"],
    }
    assert usage == {name: tokens for name, tokens in parts.items() if tokens} | {"total": sum(parts.values())}


def test_who_may_not_and_what_is_not_there(server: ServerProcess, client: httpx.Client) -> None:
    assert httpx.get(f"{server.url}/api/public/projects", timeout=60).json()["error"] == "UnauthorizedError"
    assert client.get("/nothing").json()["error"] == "LangfuseNotFoundError"
    assert client.get("/organizations/projects").status_code == 501
    assert client.get("/traces", params={"filter": "[{}]"}).status_code == 400
    shown = httpx.get(f"{server.url}/project/default/traces/{'a' * 32}", timeout=60)
    assert (shown.status_code, shown.headers["location"]) == (307, f"/traces/{'a' * 32}")


def test_lists_are_narrowed_by_conditions(client: httpx.Client) -> None:
    for one in story("narrow"):
        send(client, one)
    condition = json.dumps([
        {"type": "string", "column": "name", "operator": "=", "value": "g"},
        {"type": "string", "column": "traceId", "operator": "=", "value": "narrow"},
        {"type": "datetime", "column": "startTime", "operator": ">=", "value": "2026-11-20T10:00:02Z"},
    ])  # fmt: skip
    found = get(client, "/v2/observations", filter=condition, fields="core,io")
    assert [one["input"] for one in found["data"]] == ["hello"]
    assert get(client, "/observations", traceId="narrow", fromStartTime="2026-11-20T10:00:03Z")["data"] == []
    old = {"id": "old", "traceId": "narrow", "name": "g", "startTime": "2024-01-01T00:00:00Z"}
    send(client, event("old", "span-create", 1, old))
    seen, cursor = list[str](), ""
    while cursor is not None:
        page = get(client, "/v2/observations", name="g", limit=5, **({"cursor": cursor} if cursor else {}))
        seen += [f"{one['traceId']} {one['id']}" for one in page["data"]]
        cursor = page["meta"]["cursor"]
    assert seen[-1] == "narrow old"
    assert len(seen) == len(set(seen)) == get(client, "/observations", name="g")["meta"]["totalItems"]
    assert get(client, "/v2/observations", name="g", userId="u", sessionId="none")["data"] == []
    of_user = get(client, "/traces", userId="u", tags="b", fromTimestamp="2026-11-20T10:00:00Z", limit=1)
    assert of_user["meta"]["totalItems"] >= 1


def test_metrics_of_what_was_sent(client: httpx.Client) -> None:
    for number in (1, 2):
        for one in story(f"measured-{number}"):
            send(client, {**one, "body": {**one["body"], "environment": "measured"}})
    score = {"name": "m", "traceId": "measured-1", "environment": "measured"}
    client.post("/scores", json=[{**score, "value": 1.0}, {**score, "value": 2.0}, {**score, "value": "good"}])

    def ask(path: str, **query: Any) -> list[Json]:
        measured = [{"column": "environment", "operator": "=", "value": "measured", "type": "string"}]
        whole = {"fromTimestamp": "2026-11-20T00:00:00Z", "toTimestamp": "2030-01-01T00:00:00Z", "filters": measured}
        return get(client, path, query=json.dumps(whole | query))["data"]

    costs = [{"measure": "totalCost", "aggregation": "sum"}, {"measure": "count", "aggregation": "count"}]
    more = [{"measure": "latency", "aggregation": "p95"}, {"measure": "totalTokens", "aggregation": "avg"}]
    by_model = [{"field": "providedModelName"}, {"field": "userId"}]
    assert ask("/v2/metrics", view="observations", dimensions=by_model, metrics=[*costs, *more]) == [
        {
            "providedModelName": "gpt-4o", "userId": "u", "sum_totalCost": 0.00015, "count_count": 2,
            "p95_latency": 1000.0, "avg_totalTokens": 15.0,
        }
    ]  # fmt: skip
    by_day = ask("/metrics", view="traces", metrics=costs, timeDimension={"granularity": "day"})
    assert by_day == [{"time_dimension": "2026-11-20T00:00:00Z", "sum_totalCost": 0.00015, "count_count": 2}]
    averages = [{"measure": "value", "aggregation": "avg"}]
    assert ask("/v2/metrics", view="scores-numeric", dimensions=[{"field": "name"}], metrics=averages) == [
        {"name": "m", "avg_value": 1.5}
    ]
    counts = ask("/v2/metrics", view="scores-categorical", dimensions=[{"field": "stringValue"}], metrics=costs[1:])
    assert counts == [{"stringValue": "good", "count_count": 1}]
    [day] = get(client, "/metrics/daily", environment="measured")["data"]
    assert (day["date"], day["countTraces"], day["countObservations"], day["totalCost"]) == (
        "2026-11-20",
        2,
        2,
        0.00015,
    )
    assert [one["totalUsage"] for one in day["usage"]] == [30]
    for wrong in ({"view": "nothing"}, {"view": "traces", "metrics": [{"measure": "x", "aggregation": "sum"}]}):
        assert client.get("/v2/metrics", params={"query": json.dumps(wrong)}).status_code == 400
    unpriced = {"id": "unpriced", "traceId": "measured-1", "environment": "measured"}
    send(client, event("unpriced", "span-create", 1, unpriced))
    (bins,) = ask("/v2/metrics", view="observations", metrics=[{"measure": "totalCost", "aggregation": "histogram"}])
    assert sum(height for _, _, height in bins["histogram_totalCost"]) == 2
