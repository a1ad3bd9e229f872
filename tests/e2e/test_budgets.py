"""Budgets of a real server: exact within two seconds of ingest, over boundaries, prices that came late, and SIGKILL."""

import itertools
import time
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from e2e import wire
from e2e.otlp_client import OtlpClient, accepted
from e2e.waiting import until, wait_until_settled
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from server_process import ServerProcess

from farthing.model.money import decimal_text

PATH = "/api/v1/budgets"
BERLIN = ZoneInfo("Europe/Berlin")
FRESH_S = 2

_numbers = itertools.count(1)

Json = dict[str, Any]


def make(server: ServerProcess, **fields: Any) -> Json:
    body = {"name": "b", "limit_usd": "1", "period": "month", **fields}
    answer = httpx.post(server.url + PATH, json=body, headers=server.headers, timeout=30)
    assert answer.status_code == 201, answer.text
    return answer.json()


def once(server: ServerProcess, start: str, end: str, **fields: Any) -> Json:
    return make(server, period="once", starts_at=start, ends_at=end, timezone="Europe/Berlin", **fields)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp() * 10**6) * 1_000


def send(server: ServerProcess, *moments: int, model: str = wire.MODEL, **attributes: Any) -> Decimal:
    """Calls that begin at these moments, each a trace of its own; what they cost together."""
    spans: list[Span] = []
    for moment in moments:
        number = next(_numbers)
        told = wire.chat(1_000, 10, **attributes) | {"gen_ai.request.model": model}
        spans.append(wire.span(number.to_bytes(16, "big"), number.to_bytes(8, "big"), moment, told))
    with OtlpClient(server) as client:
        accepted(client.send(*spans), wire.PROTOBUF)
    return len(moments) * wire.cost(1_000, 10)


def standing(server: ServerProcess, budget: Json) -> Json:
    return server.get(f"{PATH}/{budget['id']}")


def spent(server: ServerProcess, budget: Json) -> Decimal | None:
    told = standing(server, budget)["spent_usd"]
    return None if told is None else Decimal(told)


def test_spend_is_exact_within_two_seconds_of_ingest(server: ServerProcess) -> None:
    limit = str(5 * wire.cost(1_000, 10))
    everything = make(server, limit_usd=limit)
    chat = make(server, limit_usd=limit, filters={"feature": "chat"}, period="rolling", window="24h")
    for count, status in ((3, "ok"), (4, "warning"), (5, "exceeded")):
        send(server, time.time_ns(), *[time.time_ns()] * (2 if count == 3 else 0), feature="chat")
        until(lambda count=count: spent(server, everything) == count * wire.cost(1_000, 10), FRESH_S)
        for budget in (everything, chat):
            now = standing(server, budget)
            assert (now["status"], now["calls"]) == (status, count)
    assert standing(server, chat)["thresholds_reached"] == [0.5, 0.8, 1.0]
    assert standing(server, chat)["remaining_usd"] == "0"
    send(server, time.time_ns(), feature="search")
    until(lambda: spent(server, everything) == 6 * wire.cost(1_000, 10), FRESH_S)
    assert spent(server, chat) == 5 * wire.cost(1_000, 10)


def test_calls_fall_on_the_right_side_of_every_boundary(server: ServerProcess) -> None:
    # The day on which clocks go back: it lasts 25 hours.
    before = once(server, "2025-10-25", "2025-10-26")
    long_day = once(server, "2025-10-26", "2025-10-27")
    after = once(server, "2025-10-27", "2025-10-28")
    midnight, end = at("2025-10-26T00:00"), at("2025-10-27T00:00")
    assert end - midnight == 25 * 3_600 * 10**9
    send(server, midnight - 1, midnight, midnight + 90_000 * 10**9 - 1, end, end + 1)
    wait_until_settled(server)
    each = wire.cost(1_000, 10)
    assert [spent(server, b) for b in (before, long_day, after)] == [each, 2 * each, 2 * each]
    # Late spans, days afterwards, on both sides.
    send(server, midnight - 5, midnight + 5, midnight + 6)
    wait_until_settled(server)
    assert [spent(server, b) for b in (before, long_day, after)] == [2 * each, 4 * each, 2 * each]
    assert standing(server, long_day)["forecast_usd"] == decimal_text(4 * each)


def test_what_nobody_can_price_is_told_and_priced_later(server: ServerProcess) -> None:
    budget = once(server, "2025-11-01", "2025-12-01", limit_usd="0.01")
    priced = send(server, at("2025-11-02T12:00"))
    send(server, at("2025-11-03T12:00"), at("2025-11-04T12:00"), model="quill-9")
    wait_until_settled(server)
    now = standing(server, budget)
    assert (Decimal(now["spent_usd"]), now["calls"], now["unpriced_calls"]) == (priced, 3, 2)
    alone = once(server, "2025-11-03", "2025-12-01")
    assert standing(server, alone)["spent_usd"] is None
    rates = {"input": {"usd": "2"}, "output": {"usd": "6"}}
    override = {"kind": "rates", "provider": "openai", "model": "quill-9", "rates": rates}
    post(server, "/api/v1/prices/overrides", override)
    job = post(server, "/api/v1/prices/reprice", {"from": "2025-11-01", "to": "2025-12-01", "dry_run": False})
    until(lambda: server.get(f"/api/v1/prices/reprice/{job['id']}")["state"] == "done", 30)
    quill = 2 * (1_000 * Decimal(2) + 10 * Decimal(6)) / 10**6
    now = standing(server, budget)
    assert (Decimal(now["spent_usd"]), now["unpriced_calls"]) == (priced + quill, 0)
    assert spent(server, alone) == quill
    undo = post(server, f"/api/v1/prices/reprice/{job['id']}/undo")
    until(lambda: server.get(f"/api/v1/prices/reprice/{undo['id']}")["state"] == "undone", 30)
    assert spent(server, budget) == priced


def post(server: ServerProcess, path: str, body: Any = None) -> Any:
    answer = httpx.post(server.url + path, json=body, headers=server.headers, timeout=30)
    assert answer.is_success, answer.text
    return answer.json()


def test_a_killed_server_knows_all_of_it_again(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path)
    server.start()
    try:
        month = once(server, "2025-11-01", "2025-12-01")
        chat = once(server, "2025-11-01", "2025-12-01", filters={"feature": "chat"}, limit_usd="0.0003")
        first = send(server, at("2025-11-02T12:00"), at("2025-11-30T23:59:59"), feature="chat")
        wait_until_settled(server)
        # Acknowledged, and perhaps not yet settled.
        second = send(server, at("2025-11-03T12:00"), at("2025-12-01T00:00"))
        server.kill()
        server.start()
        until(lambda: spent(server, month) == first + second / 2, 10)
        assert spent(server, chat) == first
        assert standing(server, chat)["status"] == "exceeded"
        assert [row["id"] for row in server.get(PATH)["data"]] == [month["id"], chat["id"]]
        assert server.stop() == 0
    finally:
        server.kill()


def test_posted_calls_are_told_of_the_budgets_that_count_them(server: ServerProcess) -> None:
    make(server, limit_usd="0.0001", filters={"feature": "chat"})
    numbers = itertools.count()

    def exceeded(**more: Any) -> bool:
        call: Json = {"provider": "openai", "model": wire.MODEL, "inputTokens": 1_000, "outputTokens": 10}
        call |= {"totalTokens": 1_010, "latencyMs": 5, "status": "success"}
        call |= {"externalRequestId": f"r{next(numbers)}", "endpointTag": "chat", **more}
        return post(server, "/v1/ingest/llm-request", call)["budgetExceeded"]

    assert not exceeded(dataMode="test")
    assert not exceeded()
    until(exceeded, FRESH_S)
    assert not exceeded(endpointTag="search")
    assert not exceeded(dataMode="test")
