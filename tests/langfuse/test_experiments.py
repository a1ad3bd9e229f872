"""Experiments as each release of Langfuse's SDK runs them, against the real server; what they wrote, read back equal, with its cost."""

import json
import subprocess
import time
from collections.abc import Generator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from environments import environment_for
from server_process import ServerProcess, plain_environment

from farthing.model.run import run_id_of

APPS = Path(__file__).parent / "apps"
APPS_AHEAD = [APPS / f"langfuse_{major}" for major in (2, 3, 4, 5)]
PUBLIC, SECRET = "pk-lf-experiments", "sk-lf-experiments"
ONE_CALL = Decimal(1000) * Decimal("0.15") / 1_000_000 + Decimal(100) * Decimal("0.6") / 1_000_000
JUDGED = Decimal(5000) * Decimal("0.15") / 1_000_000 + Decimal(100) * Decimal("0.6") / 1_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    pair = {"FARTHING_INIT_PUBLIC_KEY": PUBLIC, "FARTHING_INIT_SECRET_KEY": SECRET}
    running = ServerProcess(tmp_path_factory.mktemp("experiments"), pair)
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def client(server: ServerProcess) -> Generator[httpx.Client]:
    with httpx.Client(base_url=server.url, auth=(PUBLIC, SECRET), timeout=30) as made:
        yield made


def run(server: ServerProcess, major: int, dataset: str) -> dict[str, Any]:
    """What the script of this release's environment printed."""
    app = APPS / f"langfuse_{major}"
    environment = {
        **plain_environment(),
        "LANGFUSE_BASE_URL": server.url,
        "LANGFUSE_HOST": server.url,
        "LANGFUSE_PUBLIC_KEY": PUBLIC,
        "LANGFUSE_SECRET_KEY": SECRET,
        "DATASET": dataset,
    }
    python = environment_for(app) / "bin" / "python"
    done = subprocess.run(
        [python, app / "experiments.py"], env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def cases(server: ServerProcess, client: httpx.Client, dataset: str, run_id: str) -> dict[str, dict[str, Any]]:
    """Item → its case, as our own API tells of it, once the calls of all are settled."""
    found = next(one for one in client.get("/api/v1/datasets").json()["data"] if one["name"] == dataset)
    deadline = time.monotonic() + 30
    while True:
        told = client.get(f"/api/v1/datasets/{found['id']}/runs/{run_id}/items").raise_for_status().json()["data"]
        if all(one["calls"] for one in told) or time.monotonic() > deadline:
            return {one["item_id"]: one for one in told}
        time.sleep(0.1)  # settling tells nobody outside when it is done


def test_links_of_the_second_version(server: ServerProcess, client: httpx.Client) -> None:
    name = "set 2/a"
    told = run(server, 2, name)
    item = told["cases"][0][1].removeprefix("trace of ")
    assert told == {
        "dataset": [name, "d", {"m": 1}],
        "items": [[{"text": "2+2"}, {"text": "4"}, {"lvl": 1}, "ACTIVE"], ["3+3", None, [1, "x"], "ACTIVE"]],
        "first": [f"{name}-1", name],
        "one": {"text": "2+2"},
        "run": ["by hand", {"model": "gpt-4o-mini"}, "why", name],
        "cases": [[False, f"trace of {item}"], [True, f"trace of {name}-1"]],
        "runs": ["by hand", "observed", "whole traces"],
        "observed": True,
    }
    dataset = client.get("/api/v1/datasets").json()["data"][0]
    for run_name, calls in (("by hand", 1), ("whole traces", 2)):
        found = cases(server, client, name, run_id_of("default", dataset["id"], run_name))
        assert set(found) == {item, f"{name}-1"}
        for case in found.values():
            assert (case["calls"], Decimal(case["cost_usd"])) == (calls, ONE_CALL * calls)
    assert found[item]["scores"] == {"good": {"value": 0.5, "label": None}}
    assert client.delete(f"/api/public/datasets/{name}/runs/by hand").json()["message"]
    left = client.get(f"/api/v1/datasets/{dataset['id']}/runs").json()["data"]
    assert sorted(one["name"] for one in left) == ["observed", "whole traces"]


@pytest.mark.parametrize("major", [3, 4])
def test_experiments_that_link_and_tell(server: ServerProcess, client: httpx.Client, major: int) -> None:
    name = f"set {major}/a"
    told = run(server, major, name)
    run_id = told["run_id"]
    assert told == {
        "dataset": [name, "d", {"m": 1}],
        "items": [[{"text": "2+2"}, "2+2", {"lvl": 1}, "ACTIVE"], [{"text": "3+3"}, "3+3", {"lvl": 2}, "ACTIVE"]],
        "results": 2,
        "run_id": run_id,
        "run": [run_id, "exp-1 run", {"model": "gpt-4o-mini"}, "desc", name],
        "cases": [f"{name}-1", f"{name}-2"],
        "runs": ["exp-1 run", *(["observed"] if major == 3 else [])],
        "local": 1,
        "observed": "x" if major == 3 else "",
    }
    found = cases(server, client, name, run_id)
    assert set(found) == {f"{name}-1", f"{name}-2"}
    for case in found.values():
        assert (case["outcome"], case["scores"]) == ("ok", {"accuracy": {"value": 1.0, "label": None}})
        told_apart = (Decimal(case["cost_usd"]), case["evaluator_cost_usd"] and Decimal(case["evaluator_cost_usd"]))
        # The third version runs evaluators within the case and says nothing of it.
        assert told_apart == ((ONE_CALL + JUDGED, None) if major == 3 else (ONE_CALL, JUDGED))


def test_experiments_that_only_spans_tell(server: ServerProcess, client: httpx.Client) -> None:
    name = "set 5/a"
    told = run(server, 5, name)
    assert "a required property" in told.pop("refused")
    assert told == {
        "dataset": [name, "d", {"m": 1}],
        "items": [[{"text": "2+2"}, "2+2", {"lvl": 1}, "ACTIVE"], [{"text": "4+4"}, "3+3", {"lvl": 2}, "ACTIVE"]],
        "before": [{"text": "2+2"}],
        "picture": ["image/png", "a picture"],
        "results": 2,
        "experiments": [["exp-1 run", "desc", 2, {"model": "gpt-4o-mini"}, [["average", 0.75]]]],
        "cases": [
            [f"{name}-{number}", {"text": text}, text, expected, "DEFAULT", {"lvl": number}, {"model": "gpt-4o-mini"},
             [["accuracy", float(text == expected)]]]
            for number, text, expected in ((1, "2+2", "2+2"), (2, "4+4", "3+3"))
        ],
        "local": 1,
    }  # fmt: skip
    dataset = next(one for one in client.get("/api/v1/datasets").json()["data"] if one["name"] == name)
    (run_shown,) = client.get(f"/api/v1/datasets/{dataset['id']}/runs").json()["data"]
    assert (run_shown["name"], run_shown["items"], run_shown["errors"]) == ("exp-1 run", 2, 0)
    assert run_shown["id"] == run_id_of("default", dataset["id"], "exp-1 run")
    items = client.get(f"/api/v1/datasets/{dataset['id']}/items").json()["data"]
    assert run_shown["version"] == max(one["version"] for one in items)
    found = cases(server, client, name, run_shown["id"])
    for case in found.values():
        assert (Decimal(case["cost_usd"]), case["calls"]) == (ONE_CALL, 1)
        assert (Decimal(case["evaluator_cost_usd"]), case["evaluator_calls"]) == (JUDGED, 1)

    # What a case was given and answered becomes an item of another dataset.
    other = client.post("/api/v1/datasets", json={"name": "picked"}).json()["id"]
    picked = found[f"{name}-2"]
    ids = [f"{picked['trace_id']}-{picked['observation_id']}"]
    put = client.post(f"/api/v1/datasets/{other}/items/from_calls", json={"ids": ids}).json()
    item = client.get(f"/api/v1/datasets/{other}/items/{put['ids'][0]}").json()
    assert (item["input"], item["expected_output"]) == ({"text": "4+4"}, "4+4")
    assert (item["source_trace_id"], item["source_observation_id"]) == (picked["trace_id"], picked["observation_id"])
