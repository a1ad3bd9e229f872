"""Calls posted as JSON to the real server: counted once whatever happens, priced, told apart, refused by name."""

import gzip
import json
import subprocess
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from e2e.node import need
from e2e.waiting import wait_until_settled
from server_process import ServerProcess

ONE, MANY = "/v1/ingest/llm-request", "/v1/ingest/llm-requests"
CALL: dict[str, Any] = {
    "externalRequestId": "req-1",
    "provider": "openai",
    "model": "gpt-4o-mini",
    "promptVersion": "summarizer_v3",
    "endpointTag": "checkout.ai_summary",
    "inputTokens": 1200,
    "cachedInputTokens": 1000,
    "outputTokens": 300,
    "totalTokens": 1500,
    "latencyMs": 820,
    "status": "success",
    "userId": "u_1",
    "tenantId": "acme",
    "environment": "prod",
}
CLIENTS: list[httpx.Client] = []
COST = "0.000285"  # 200 x 0.15 + 1000 x 0.075 + 300 x 0.6, by the million

SEED_JAVASCRIPT = """
const llmCall = async () => ({ usage: { prompt_tokens: 1200, completion_tokens: 300, total_tokens: 1500 } });
const existingId = undefined;
(async () => {
const ctx = { externalRequestId: existingId ?? null };
const externalRequestId = ctx.externalRequestId ?? crypto.randomUUID();
ctx.externalRequestId = externalRequestId;
const start = Date.now();
const once = async () => {
for (let attempt = 0; attempt < 3; attempt++) {
try {
return await llmCall();
} catch (err) {
if (attempt === 2) throw err;
}
}
};
const answer = await once();
const latencyMs = Date.now() - start;
const response = await fetch(process.env.URL + "/v1/ingest/llm-request", {
  method: "POST",
  headers: { "Content-Type": "application/json", "X-API-Key": process.env.KEY },
  body: JSON.stringify({
    externalRequestId: ctx.externalRequestId, provider: "openai", model: "gpt-4o-mini",
    promptVersion: "summarizer_v3", endpointTag: "checkout.ai_summary",
    inputTokens: answer.usage.prompt_tokens, outputTokens: answer.usage.completion_tokens,
    totalTokens: answer.usage.total_tokens, latencyMs, status: "success", errorCode: null, userId: null,
    dataMode: "real", environment: "prod",
  }),
});
console.log(response.status, JSON.stringify(await response.json()));
})();
"""


def post(server: ServerProcess, body: Any, path: str = ONE, **more: Any) -> httpx.Response:
    headers = {"X-API-Key": server.key, **more.pop("headers", {})}
    content = {"json": body} if not isinstance(body, bytes) else {"content": body}
    return client().post(server.url + path, headers=headers, **content, **more)


def client() -> httpx.Client:
    """One for all: each would read all certificates of this machine anew."""
    return CLIENTS[-1]


@pytest.fixture(autouse=True, scope="module")
def a_client() -> Generator[None]:
    with httpx.Client(timeout=30) as opened:
        CLIENTS.append(opened)
        yield


def posted(server: ServerProcess, **fields: Any) -> dict[str, Any]:
    answer = post(server, CALL | fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def total(server: ServerProcess, **filters: str) -> dict[str, Any]:
    wait_until_settled(server)
    return server.get("/api/v1/spend", granularity="none", **filters)["total"]


def test_a_call_is_kept_priced_and_listed(server: ServerProcess) -> None:
    answer = posted(server, color="red", metadata={"plan": "pro"}, costUsd="0.0003")
    assert (answer["ok"], answer["duplicate"], answer["costUsd"], answer["costStatus"]) == (
        True,
        False,
        COST,
        "computed",
    )
    assert (answer["telemetryPaused"], answer["providerCallsContinue"], answer["planTier"]) == (
        False,
        True,
        "self-hosted",
    )
    wait_until_settled(server)
    (row,) = server.get("/api/v1/calls")["data"]
    assert row["id"] == answer["requestId"]
    assert row["external_request_id"] == "req-1"
    assert (row["cost_usd"], row["reported_cost_usd"], row["latency_ms"]) == (COST, "0.0003", 820)
    assert (row["input_tokens"], row["cached_input_tokens"], row["output_tokens"]) == (1200, 1000, 300)
    assert (row["feature"], row["tenant"], row["user_id"]) == ("checkout.ai_summary", "acme", "u_1")
    assert row["tags"] == {"color": "red", "plan": "pro"}


def test_it_counts_once_with_the_first_answer(server: ServerProcess) -> None:
    first = posted(server)
    assert posted(server) == first | {"duplicate": True}
    other = posted(server, inputTokens=9)
    assert (other["duplicate"], other["costUsd"]) == (True, COST)
    assert "another body" in other["warnings"][0]
    server.restart()
    assert posted(server) == first | {"duplicate": True}
    assert total(server)["calls"] == 1


def test_replays_around_a_kill_are_one_row_and_one_answer(server: ServerProcess) -> None:
    began = threading.Event()

    def replay(_: int) -> dict[str, Any] | None:
        began.set()
        try:
            answer = post(server, CALL)
        except httpx.TransportError:
            return None
        return answer.json() if answer.status_code == 200 else None

    with ThreadPoolExecutor(64) as pool:
        answers = [pool.submit(replay, number) for number in range(64)]
        began.wait()
        server.kill()
        told = [found for answer in answers if (found := answer.result())]
        server.start()
        told += [found for found in pool.map(replay, range(64)) if found]
    assert len(told) >= 64
    assert len({json.dumps(one | {"duplicate": True}) for one in told}) == 1
    assert sum(not one["duplicate"] for one in told) <= 1
    assert total(server)["calls"] == 1


def test_replays_at_once_are_one_row_and_one_answer(server: ServerProcess) -> None:
    with ThreadPoolExecutor(64) as pool:
        told = [one.result() for one in [pool.submit(posted, server) for _ in range(64)]]
    assert sum(not one["duplicate"] for one in told) == 1
    assert len({json.dumps(one | {"duplicate": True}) for one in told}) == 1
    assert total(server)["calls"] == 1


def test_a_batch_answers_each_in_order(server: ServerProcess) -> None:
    batch = [
        CALL,
        CALL | {"inputTokens": -1},
        CALL | {"externalRequestId": "req-2", "provider": "acme", "model": "zeta"},
        CALL,
        CALL | {"externalRequestId": "req-3", "status": "error", "errorCode": "timeout", "totalTokens": None},
    ]
    for left_out in ("inputTokens", "outputTokens", "cachedInputTokens"):
        del batch[4][left_out]
    answer = post(server, {"requests": batch}, MANY).json()
    assert (answer["ok"], answer["accepted"], answer["duplicates"], answer["rejected"]) == (False, 3, 1, 1)
    results = answer["results"]
    assert [one["ok"] for one in results] == [True, False, True, True, True]
    assert results[1]["errors"][0]["field"] == "inputTokens"
    assert [one["costStatus"] for one in results] == ["computed", None, "unpriced", "computed", "unknown"]
    assert total(server)["calls"] == 3
    for wrong in ([], [CALL] * 1001, None):
        assert post(server, {"requests": wrong}, MANY).status_code == 400


def test_a_total_that_contradicts_is_flagged(server: ServerProcess) -> None:
    answer = posted(server, totalTokens=7)
    assert answer["warnings"][0].startswith("totalTokens")
    wait_until_settled(server)
    assert server.get(f"/api/v1/calls/{answer['requestId']}")["usage_flags"] == ["total_disagrees"]


WRONG: list[tuple[str, Any]] = [
    ("externalRequestId", ""),
    ("externalRequestId", "x" * 201),
    ("provider", None),
    ("status", "ok"),
    ("inputTokens", 1.5),
    ("outputTokens", 2**70),
    ("latencyMs", -1),
    ("dataMode", "prod"),
    ("createdAt", "yesterday"),
    ("createdAt", "2999-01-01T00:00:00Z"),
    ("createdAt", "0001-01-01T00:00:00+23:59"),
    ("costUsd", "-1"),
    ("metadata", [1]),
    ("streaming", "yes"),
]


def test_an_error_names_the_field(server: ServerProcess) -> None:
    for field, value in WRONG:
        answer = post(server, CALL | {field: value})
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["errors"][0]["field"] == field, answer.text
        assert not answer.json()["ok"]


def test_odd_bodies_are_refused_and_harm_nobody(server: ServerProcess) -> None:
    good = json.dumps(CALL).encode()
    deep = b'{"externalRequestId":"d","metadata":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001
    bomb = gzip.compress(b" " * (80 << 20) + good)
    odd: list[tuple[bytes, dict[str, str], set[int]]] = [
        (b"", {}, {400}),
        (b"NaN", {}, {400}),
        (good[:-5], {}, {400}),
        (good.replace(b"1200", b"NaN"), {}, {400}),
        (good.replace(b"1200", b"1" * 400), {}, {400}),
        (good.replace(b"u_1", b"\\ud800"), {}, {200, 400}),
        (good.replace(b"u_1", b"\xff"), {}, {400}),
        (deep, {}, {400}),
        (b'{"inputTokens":1,' + good[1:], {}, {200}),
        (good, {"Content-Type": "text/html"}, {415}),
        (good, {"Content-Encoding": "br"}, {415}),
        (good, {"Content-Encoding": "gzip"}, {400}),
        (bomb, {"Content-Encoding": "gzip"}, {413}),
        (good + b" " * (1 << 20), {}, {413}),
    ]
    for body, headers, wanted in odd:
        answer = post(server, body, headers={"Content-Type": "application/json", **headers})
        assert answer.status_code in wanted, (body[:80], answer.text)
    assert httpx.post(server.url + ONE, json=CALL).status_code == 401
    assert httpx.get(server.url + ONE).status_code == 405
    assert total(server)["calls"] == 1
    assert "Traceback" not in server.output()


def test_an_allowance_pauses_telemetry_and_replays_go_on(server: ServerProcess) -> None:
    limits = {"plan": "Starter", "requests": 1}
    assert httpx.put(f"{server.url}/api/v1/allowance", json=limits, headers=server.headers).status_code == 200
    assert posted(server)["isPlanLimitReached"]
    paused = post(server, CALL | {"externalRequestId": "req-2"})
    told = paused.json()
    assert (paused.status_code, told["reason"]) == (402, "plan_limit_reached")
    assert (told["telemetryPaused"], told["providerCallsContinue"], told["planTier"]) == (True, True, "Starter")
    assert posted(server)["duplicate"]
    batch = post(server, {"requests": [CALL, CALL | {"externalRequestId": "req-3"}]}, MANY)
    assert [one["ok"] for one in batch.json()["results"]] == [True, False]
    status = server.get("/v1/diagnostics/workspace-status")
    assert (status["severity"], status["plan"]["remainingRequestCount"]) == ("critical", 0)
    server.restart()
    assert post(server, CALL | {"externalRequestId": "req-2"}).status_code == 402
    assert total(server)["calls"] == 1


def test_who_posts_too_fast_is_told_when_to_come_again(server: ServerProcess) -> None:
    httpx.put(f"{server.url}/api/v1/allowance", json={"per_minute": 1}, headers=server.headers)
    first = post(server, CALL)
    assert (first.headers["X-RateLimit-Limit"], first.headers["X-RateLimit-Remaining"]) == ("1", "0")
    second = post(server, CALL | {"externalRequestId": "req-2"})
    assert (second.status_code, second.json()["reason"]) == (429, "throttled")
    assert 0 < int(second.headers["Retry-After"]) <= 60


def test_test_and_demo_calls_are_off_the_totals_and_can_be_wiped(server: ServerProcess) -> None:
    posted(server)
    posted(server, externalRequestId="req-2", dataMode="test")
    assert post(server, b"", "/v1/ingest/demo").json()["accepted"] == 25
    assert total(server)["calls"] == 1
    assert total(server, data_mode="test")["calls"] == 1
    by = server.get("/api/v1/spend", granularity="none", by="data_mode")["groups"]
    assert {one["data_mode"]: one["calls"] for one in by} == {"real": 1, "test": 1, "demo": 25}
    for mode, count in (("demo", 25), ("test", 1)):
        answer = httpx.delete(f"{server.url}/v1/ingest/{mode}-data?scope=workspace", headers=server.headers, timeout=30)
        assert answer.json() == {"ok": True, "dataMode": mode, "scope": "workspace", "deleted": count}
    server.restart()
    by = server.get("/api/v1/spend", granularity="none", by="data_mode")["groups"]
    assert {one["data_mode"]: one["calls"] for one in by} == {"real": 1}
    assert not posted(server, externalRequestId="req-2", dataMode="test")["duplicate"]


def test_budgets_are_told_with_the_answer(server: ServerProcess) -> None:
    wanted = {"name": "all", "limit_usd": "0.0003", "period": "day", "filters": {"feature": "checkout.ai_summary"}}
    made = httpx.post(f"{server.url}/api/v1/budgets", json=wanted, headers=server.headers)
    assert made.status_code == 201, made.text
    assert not posted(server)["budgetWarning"]
    total(server)
    budget = server.get(f"/api/v1/budgets/{made.json()['id']}")
    assert budget["status"] == "warning"
    answer = posted(server, externalRequestId="req-2")
    assert (answer["budgetWarning"], answer["budgetExceeded"]) == (True, False)
    assert not posted(server, externalRequestId="req-3", endpointTag="other")["budgetWarning"]


def test_the_models_that_have_a_price_are_public(server: ServerProcess) -> None:
    models = httpx.get(f"{server.url}/v1/public/pricing-models?limit=5000", timeout=30).json()["data"]
    (mini,) = [one for one in models if (one["provider"], one["model"]) == ("openai", "gpt-4o-mini")]
    assert (mini["inputPricePer1M"], mini["outputPricePer1M"]) == ("0.15", "0.6")


def test_javascripts_fetch_works_as_printed(server: ServerProcess, tmp_path: Path) -> None:
    need("node")
    script = tmp_path / "seed.js"
    script.write_text(SEED_JAVASCRIPT)
    done = subprocess.run(
        ["node", script], env={"PATH": "/usr/bin:/bin:/usr/local/bin", "URL": server.url, "KEY": server.key},
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    status, _, body = done.stdout.partition(" ")
    assert (status, json.loads(body)["costStatus"]) == ("200", "computed")
