"""OpenLIT beside each release of Langfuse's SDK, as the guide has it, against the real server; each call is counted once, where it belongs."""

import base64
import json
import subprocess
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from environments import environment_for
from server_process import ServerProcess, plain_environment
from stub_provider import StubProvider

from farthing.model.run import run_id_of

APPS = Path(__file__).parent / "apps"
MAJORS = (2, 3, 4, 5)
APPS_AHEAD = [APPS / f"langfuse_{major}" for major in MAJORS]
PUBLIC, SECRET = "pk-lf-notebook", "sk-lf-notebook-of-tests"

FIRST = Decimal("0.005615")
"""86 tokens of input, 1,920 from the cache and 300 of output of gpt-4o."""
SMALL = Decimal("0.00001335")
"""21 tokens of input and 17 of output of gpt-4o-mini."""


ALL = FIRST + 4 * SMALL


@dataclass
class Outcome:
    """What one notebook said and complained of, the traces it named, and its calls as our own API tells of them."""

    said: str
    complained: str
    told: dict[str, Any]
    calls: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def call(self, trace_id: str) -> dict[str, Any]:
        """The one call of this trace."""
        (call,) = [call for call in self.calls if call["trace_id"] == trace_id]
        return call


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    pair = {"FARTHING_INIT_PUBLIC_KEY": PUBLIC, "FARTHING_INIT_SECRET_KEY": SECRET}
    running = ServerProcess(tmp_path_factory.mktemp("notebook"), pair)
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def client(server: ServerProcess) -> Generator[httpx.Client]:
    with httpx.Client(base_url=server.url, auth=(PUBLIC, SECRET), timeout=30) as made:
        yield made


@pytest.fixture(scope="module")
def outcomes(server: ServerProcess, client: httpx.Client) -> Generator[dict[int, Outcome]]:
    """Of each release; they run at the same time."""
    running: dict[int, subprocess.Popen[str]] = {}
    try:
        with StubProvider() as provider:
            for major in MAJORS:
                dataset = f"guide {major}"
                client.post("/api/public/v2/datasets", json={"name": dataset}).raise_for_status()
                for text in ("2+2", "3+3"):
                    item = {"datasetName": dataset, "id": f"{dataset} {text}", "input": {"text": text}}
                    client.post("/api/public/dataset-items", json=item).raise_for_status()
                app = APPS / f"langfuse_{major}"
                running[major] = subprocess.Popen(
                    [environment_for(app) / "bin" / "python", app / "notebook.py"],
                    env={**environment(server, provider), "MAJOR": str(major), "DATASET": dataset,
                         "OTEL_RESOURCE_ATTRIBUTES": f"team=team-{major}"},
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                )  # fmt: skip
            found = {major: outcome(process) for major, process in running.items()}
        for call in settled(client):
            # Events of the second release say nothing of a team.
            found[int((call["team"] or "team-2").removeprefix("team-"))].calls.append(call)
        yield found
    finally:
        for process in running.values():
            process.kill()


def environment(server: ServerProcess, provider: StubProvider) -> dict[str, str]:
    """What the guide sets. OpenLIT looks for its prices on the web, where it must not get."""
    basic = base64.b64encode(f"{PUBLIC}:{SECRET}".encode()).decode()
    return {
        **plain_environment(),
        "LANGFUSE_PUBLIC_KEY": PUBLIC,
        "LANGFUSE_SECRET_KEY": SECRET,
        "LANGFUSE_HOST": server.url,
        "LANGFUSE_BASE_URL": server.url,
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"{server.url}/api/public/otel",
        "OTEL_EXPORTER_OTLP_HEADERS": f"Authorization=Basic%20{basic}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OPENAI_API_KEY": "sk-stub",
        "OPENAI_BASE_URL": f"{provider.url}/v1",
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }


def outcome(process: "subprocess.Popen[str]") -> Outcome:
    said, complained = process.communicate(timeout=120)
    assert process.returncode == 0, complained
    return Outcome(said, complained, json.loads(said.splitlines()[-1]))


def settled(client: httpx.Client) -> list[dict[str, Any]]:
    """The calls that count, once everything is there and understood: of each a span and a log record, of some the SDK's word."""
    calls, told = 5 * len(MAJORS), 11 * len(MAJORS)
    deadline = time.monotonic() + 30
    while True:
        found = [one for one in sightings(client) if one["signal"] != "metric"]
        counted = [one for one in found if not one["restated"]]
        if (len(counted), len(found)) == (calls, told) or time.monotonic() > deadline:
            return counted
        time.sleep(0.1)  # settling tells nobody outside when it is done


def sightings(client: httpx.Client) -> list[dict[str, Any]]:
    """All that was told of calls, what counts and what restates it."""
    asked = {"include": "restated", "limit": 200}
    return client.get("/api/v1/calls", params=asked).raise_for_status().json()["data"]


@pytest.mark.parametrize("major", MAJORS)
def test_each_call_is_counted_once(client: httpx.Client, outcomes: dict[int, Outcome], major: int) -> None:
    found = outcomes[major]
    assert "Langfuse client is authenticated and ready!" in found.said
    assert "total_tokens=2306" in found.said
    assert len(found.calls) == 5
    (spent,) = client.get("/api/v1/spend", params={"by": "team", "team": f"team-{major}"}).json()["groups"]
    assert (spent["calls"], Decimal(spent["cost_usd"])) == (5, ALL)
    assert [Decimal(one["cost_usd"]) for one in found.calls if one["request_model"] == "gpt-4o"] == [FIRST]
    # Of the last one the SDK's own OpenAI client tells as well.
    assert Decimal(found.call(found.told["twice"])["cost_usd"]) == SMALL
    told = [one for one in sightings(client) if one["trace_id"] == found.told["twice"]]
    assert sorted(one["restated"] for one in told) == [False, True, True]


@pytest.mark.parametrize("major", MAJORS)
def test_a_call_belongs_where_it_was_made(client: httpx.Client, outcomes: dict[int, Outcome], major: int) -> None:
    found = outcomes[major]
    call = found.call(found.told["by_hand"])
    assert (call["user_id"], call["session_id"], call["feature"]) == (f"user-{major}", f"session-{major}", "guide")
    assert {call["tags"]["dev"], call["tags"]["test"]} == {"true"}
    assert Decimal(call["cost_usd"]) == SMALL
    trace = client.get(f"/api/public/traces/{found.told['by_hand']}").raise_for_status().json()
    assert (trace["userId"], trace["sessionId"]) == (f"user-{major}", f"session-{major}")
    assert (sorted(trace["tags"]), trace["totalCost"]) == (["dev", "test"], float(SMALL))


@pytest.mark.parametrize("major", MAJORS)
def test_a_run_links_items_and_traces(client: httpx.Client, outcomes: dict[int, Outcome], major: int) -> None:
    traces = outcomes[major].told["cases"]
    listed = client.get("/api/v1/datasets", params={"limit": 100}).json()["data"]
    (dataset,) = [one for one in listed if one["name"] == f"guide {major}"]
    (run,) = client.get(f"/api/v1/datasets/{dataset['id']}/runs").json()["data"]
    assert (run["id"], run["name"]) == (run_id_of("default", dataset["id"], "run-01"), "run-01")
    assert run["metadata"] == {"model": "gpt-4o-mini"}
    cases = client.get(f"/api/v1/datasets/{dataset['id']}/runs/{run['id']}/items").json()["data"]
    assert {one["item_id"]: one["trace_id"] for one in cases} == traces
    assert set(traces) == {f"guide {major} 2+2", f"guide {major} 3+3"}
    for one in cases:
        assert (one["calls"], Decimal(one["cost_usd"])) == (1, SMALL)
        assert one["scores"] == {"<example_eval>": {"value": 1.0, "label": None}}
        assert outcomes[major].call(one["trace_id"])["id"]


def test_metrics_and_logs_are_taken(client: httpx.Client, outcomes: dict[int, Outcome]) -> None:
    """They come at the same address; what they restate counts nowhere."""
    for one in outcomes.values():
        assert "export" not in one.complained.lower()
    counted = client.get("/metrics").text
    assert 'farthing_records_kept_total{table="logs"} 20.0' in counted
    assert {one["team"] for one in sightings(client) if one["signal"] == "metric"} == {f"team-{n}" for n in MAJORS}
