"""Prices over HTTP at a running server: explained, listed, overridden; what is priced afterwards, to the last digit."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from typing import Any

import httpx
import pytest
from api.conftest import value
from server_process import ServerProcess

USAGE = {"input_tokens": 1000, "cached_input_tokens": 200, "output_tokens": 100, "reasoning_tokens": 40}
NOW = int(time.time())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Any:
    server = ServerProcess(tmp_path_factory.mktemp("prices"))
    server.start()
    yield server
    server.kill()


def call(server: ServerProcess, method: str, path: str, body: Any = None, key: str = "") -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"} if key else server.headers
    return httpx.request(method, f"{server.url}/api/v1/prices{path}", json=body, headers=headers, timeout=30)


def explain(server: ServerProcess, **asked: Any) -> dict[str, Any]:
    answer = call(server, "POST", "/explain", {"model": "gpt-4o-mini", "provider": "openai", "usage": USAGE} | asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_cost_explains_itself(running: ServerProcess) -> None:
    found = explain(running)
    # 800 x 0.15 + 200 x 0.075 + 100 x 0.6 dollars per million
    assert found["cost_usd"] == "0.000195"
    assert sum(Decimal(line["amount_usd"]) for line in found["lines"]) == Decimal("0.000195")
    assert found["cost_status"] == "computed"
    assert (found["input_cost_usd"], found["output_cost_usd"]) == ("0.000135", "0.00006")
    assert found["matched_model"] == "gpt-4o-mini"
    assert {line["bucket"] for line in found["lines"]} == {"input", "cache_read", "output", "reasoning"}
    assert all(line["source"] and line["price_version"] for line in found["lines"])


def test_batch_is_a_tier_and_an_unknown_model_is_no_zero(running: ServerProcess) -> None:
    batch = explain(running, batch=True)
    assert batch == explain(running, service_tier="batch")
    unknown = explain(running, model="quill-9")
    assert (unknown["cost_usd"], unknown["cost_status"]) == (None, "unpriced")
    assert all(line["amount_usd"] is None for line in unknown["lines"])


def test_a_contradiction_is_refused(running: ServerProcess) -> None:
    wrong = {"model": "gpt-4o-mini", "usage": {"input_tokens": 1, "cached_input_tokens": 2}}
    answer = call(running, "POST", "/explain", wrong)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert call(running, "POST", "/explain", {"model": "x", "usage": {"hats": 1}}).status_code == 400
    assert call(running, "POST", "/explain", {"model": "x", "usage": {}, "hat": 1}).status_code == 422


def test_prices_are_listed_page_by_page(running: ServerProcess) -> None:
    pages: list[dict[str, Any]] = []
    cursor = ""
    while not pages or cursor:
        page = call(running, "GET", f"?provider=openai&q=gpt-4o&limit=20&cursor={cursor}").json()
        pages.append(page)
        cursor = page["next_cursor"] or ""
    rows = [row for page in pages for row in page["data"]]
    whole = call(running, "GET", "?provider=openai&q=gpt-4o&limit=5000").json()
    assert rows == whole["data"]
    assert len(pages) > 1
    assert all("gpt-4o" in row["model"] and row["provider"] == "openai" for row in rows)
    [rate] = [
        r
        for r in rows
        if (r["model"], r["bucket"], r["tier"], r["region"]) == ("gpt-4o-mini", "input", "standard", None)
    ]
    assert (Decimal(rate["usd"]) / rate["per"], rate["unit"]) == (Decimal("0.00000015"), "token")
    assert call(running, "GET", "?limit=0").status_code == 400


def test_a_model_has_its_history(running: ServerProcess) -> None:
    found = call(running, "GET", "/openai/gpt-4o-mini-2024-07-18").json()
    assert found["matched_model"] == "openai/gpt-4o-mini"
    assert found["data"]
    missing = call(running, "GET", "/openai/quill-9")
    assert missing.status_code == 404


def deal(usd: str, **more: Any) -> dict[str, Any]:
    rates = {"input": {"usd": usd}, "output": {"usd": "0"}}
    return {"kind": "rates", "provider": "openai", "model": "gpt-4o-mini", "rates": rates} | more


def test_an_override_holds_at_once_is_audited_and_goes(running: ServerProcess) -> None:
    before = explain(running)["cost_usd"]
    made = call(running, "POST", "/overrides", deal("1", source="contract 7", note="until the summer"))
    assert made.status_code == 201, made.text
    name = made.json()["id"]
    found = explain(running)
    # 1000 input, the cached 200 of them at the list's rate, and output for nothing
    assert found["cost_usd"] == "0.000815"
    assert "contract 7" in next(line["source"] for line in found["lines"] if line["bucket"] == "input")
    assert call(running, "PUT", f"/overrides/{name}", deal("2")).json()["id"] == name
    assert explain(running)["cost_usd"] == "0.001615"
    assert [o["id"] for o in call(running, "GET", "/overrides").json()["data"]] == [name]
    assert call(running, "GET", f"/overrides/{name}").json()["rates"]["input"]["usd"] == "2"
    assert call(running, "DELETE", f"/overrides/{name}").status_code == 204
    assert explain(running)["cost_usd"] == before
    changes = call(running, "GET", f"/overrides/history?override_id={name}").json()["data"]
    assert [(c["action"], c["before"] is None, c["after"] is None) for c in changes] == [
        ("removed", False, True),
        ("changed", False, False),
        ("created", True, False),
    ]
    assert changes[1]["before"]["rates"]["input"]["usd"] == "1"
    assert changes[1]["after"]["rates"]["input"]["usd"] == "2"
    assert all(c["actor"].startswith("key ") for c in changes)
    assert call(running, "GET", f"/overrides/{name}").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        deal("1", rates={}),
        deal("1", rates={"hats": {"usd": "1"}}),
        deal("1", valid_from="2026-02-01T00:00:00Z", valid_until="2026-01-01T00:00:00Z"),
        deal("1", scope={"level": "project", "key": "nobody's"}),
        deal("1", scope={"level": "organisation", "key": "any"}),
        {"kind": "discount", "provider": "openai", "discount_percent": "101"},
        {"kind": "alias", "provider": "openai", "model": "ours"},
    ],
)
def test_an_override_that_cannot_be_is_refused(running: ServerProcess, wrong: dict[str, Any]) -> None:
    answer = call(running, "POST", "/overrides", wrong)
    assert answer.status_code == 400, answer.text
    assert not call(running, "GET", "/overrides").json()["data"]


def test_only_admins_change_prices(running: ServerProcess) -> None:
    made = httpx.post(
        f"{running.url}/api/v1/keys", json={"name": "reader", "scopes": ["read"]}, headers=running.headers
    ).json()
    assert call(running, "GET", "/overrides", key=made["secret"]).status_code == 200
    assert call(running, "POST", "/overrides", deal("1"), key=made["secret"]).status_code == 403
    assert httpx.get(f"{running.url}/api/v1/prices").status_code == 401


def spans(numbers: range) -> bytes:
    facts: dict[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.usage.input_tokens": 1_000_000,
        "gen_ai.usage.output_tokens": 10,
    }
    told = [
        {
            "traceId": f"{number + 1:032x}",
            "spanId": f"{number + 1:016x}",
            "name": "chat",
            "startTimeUnixNano": str(NOW * 10**9 - number),
            "endTimeUnixNano": str(NOW * 10**9),
            "attributes": [{"key": key, "value": value(of)} for key, of in facts.items()],
        }
        for number in numbers
    ]
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": told}]}]}).encode()


def send(server: ServerProcess, numbers: range, key: str = "") -> None:
    headers = {"Content-Type": "application/json", "X-API-Key": key or server.key}
    answer = httpx.post(f"{server.url}/v1/traces", content=spans(numbers), headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text


def send_some(server: ServerProcess, count: int, start: int) -> None:
    send(server, range(start, start + count))


def wait_for(server: ServerProcess, calls: int) -> None:
    cursor = server.get("/api/v1/calls/tail", cursor="1")["next_cursor"]
    deadline = time.monotonic() + 60
    while server.get("/api/v1/spend")["total"]["calls"] < calls and time.monotonic() < deadline:
        cursor = server.get("/api/v1/calls/tail", cursor=cursor)["next_cursor"]


def test_under_load_nothing_sent_after_a_change_is_priced_by_the_old_prices(server: ServerProcess) -> None:
    """Six senders keep the process of its own busy while the price of a million tokens goes from 1 to 12 dollars."""
    name = call(server, "POST", "/overrides", deal("1", scope={"level": "organisation"})).json()["id"]
    per_request, rounds, senders = 40, 12, 6
    sent: list[tuple[int, int]] = []
    for dollars in range(1, rounds + 1):
        assert call(server, "PUT", f"/overrides/{name}", deal(str(dollars))).status_code == 200
        first = (dollars - 1) * senders * per_request * 2
        starts = range(first, first + 2 * senders * per_request, per_request)
        with ThreadPoolExecutor(senders) as threads:
            list(threads.map(partial(send_some, server, per_request), starts))
        sent.append((dollars, senders * 2 * per_request))
    total = sum(count for _, count in sent)
    wait_for(server, total)
    answer = server.get("/api/v1/spend")["total"]
    assert answer["calls"] == total
    assert Decimal(answer["cost_usd"]) == sum(dollars * count for dollars, count in sent)


def test_a_key_has_its_own_price_also_when_its_trace_is_read_again(server: ServerProcess) -> None:
    made = httpx.post(f"{server.url}/api/v1/keys", json={"name": "batch jobs"}, headers=server.headers).json()
    cheap = deal("3", scope={"level": "project", "key": made["id"]})
    assert call(server, "POST", "/overrides", cheap).status_code == 201
    assert call(server, "POST", "/overrides", deal("5")).status_code == 201
    send(server, range(1), made["secret"])
    send(server, range(1, 2))
    wait_for(server, 2)
    assert server.get("/api/v1/spend")["total"]["cost_usd"] == "8"
    server.restart()
    # The same spans again: their traces are read whole from the store.
    send(server, range(1), made["secret"])
    send(server, range(1, 2))
    wait_for(server, 2)
    total = server.get("/api/v1/spend")["total"]
    assert (total["calls"], total["cost_usd"]) == (2, "8")
