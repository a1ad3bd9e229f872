"""Two whole servers on one PostgreSQL, and the one that judges killed as it tells of an incident, in: it is opened once and told of once out."""

from collections.abc import Generator, Mapping
from contextlib import closing

import httpx
import pytest
from alerts.receivers import HttpReceiver
from e2e.waiting import metric, until
from postgres import PostgresServer
from server_process import ServerProcess

ALERTS = "/api/v1/alerts"
CALL = {
    "externalRequestId": "r1",
    "provider": "openai",
    "model": "gpt-4o-mini",
    "endpointTag": "chat",
    "inputTokens": 9,
    "outputTokens": 5,
    "totalTokens": 14,
    "latencyMs": 20,
    "status": "success",
}
PATIENCE_S = 60


@pytest.fixture
def servers(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer
) -> Generator[list[ServerProcess]]:
    environment = {
        "FARTHING_META_URL": postgres_server.new_database(),
        "FARTHING_ALERTS_ALLOW_PRIVATE": "127.0.0.1",
        # Either may send what the other stored.
        "FARTHING_SECRET_KEY": "a" * 43 + "=",
    }
    running = [ServerProcess(tmp_path_factory.mktemp(name), environment) for name in ("one", "other")]
    try:
        for server in running:
            server.start()
        yield running
    finally:
        for server in running:
            server.kill()


def rounds(server: ServerProcess) -> float:
    return metric(server, "farthing_alert_round_seconds_count")


def post(server: ServerProcess, path: str, body: Mapping[str, object]) -> None:
    answer = httpx.post(server.url + path, json=body, headers=server.headers, timeout=60, verify=False)
    assert answer.status_code in (200, 201), answer.text


def all_sent(server: ServerProcess) -> bool:
    return {one["status"] for one in server.get(f"{ALERTS}/deliveries")["data"]} == {"sent"}


def test_an_incident_is_opened_and_told_of_once(servers: list[ServerProcess]) -> None:
    with closing(HttpReceiver()) as receiver:
        receiver.goes_on.clear()
        post(servers[0], f"{ALERTS}/channels", {"name": "hook", "kind": "webhook", "settings": {"url": receiver.url}})
        for server in servers:
            post(server, "/v1/ingest/llm-request", CALL)
            # A round that comes before it is there is followed by the next one only in the next minute.
            until(lambda server=server: bool(server.get("/api/v1/calls")["data"]), within=PATIENCE_S)
        rule = {"name": "calls", "kind": "threshold", "measure": "calls", "window": "1h", "limit": "1"}
        post(servers[0], f"{ALERTS}/rules", {**rule, "channels": ["hook"]})
        told = receiver.next()
        until(lambda: any(map(rounds, servers)), within=PATIENCE_S)
        other, judge = sorted(servers, key=rounds)
        judge.kill()
        receiver.goes_on.set()
        judge.start()
        # It has its own lease at once, and judges again; the other never did.
        until(lambda: rounds(judge) > 0, within=PATIENCE_S)
        until(lambda: all_sent(other), within=PATIENCE_S)
        assert rounds(other) == 0
        (incident,) = other.get(f"{ALERTS}/incidents")["data"]
        assert incident["status"] == "open"
        assert len(other.get(f"{ALERTS}/deliveries")["data"]) == 1
        # What a kill caught in the act comes again, with the id it had.
        while not receiver.got.empty():
            assert receiver.next().headers["webhook-id"] == told.headers["webhook-id"]
