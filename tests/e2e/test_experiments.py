"""Experiments with the SDK against a running server: results, cost by itself, resuming, comparing, and the command for CI."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import farthing_sdk
import httpx
import pytest
from e2e.gateway_accounts import accounts_with
from farthing_sdk.experiments import Experiment, Item, ServerError, exact, run_experiment, token_f1
from server_process import FARTHING, ServerProcess, plain_environment
from stub_provider import StubProvider

ITEMS = [{"id": f"q{at:02}", "input": f"question {at}", "expected": f"answer {at}"} for at in range(40)]
DEAR, CHEAP = "gpt-4o", "gpt-4o-mini"
FILE = """
import sys
import farthing_sdk
from farthing_sdk.experiments import exact, run_experiment

def task(item):
    farthing_sdk.track(provider="openai", model="gpt-4o-mini", input_tokens=10, output_tokens=1)
    return "no" if item.id in sys.argv[2:] else item.expected

items = [{"id": f"q{at:02}", "input": f"question {at}", "expected": f"answer {at}"} for at in range(40)]
run_experiment(items, task, [exact()], name=sys.argv[1])
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with StubProvider() as provider:
        running = ServerProcess(tmp_path_factory.mktemp("experiments"), accounts_with(provider))
        running.start()
        farthing_sdk.init(running.url, running.key, raise_errors=True)
        yield running
        farthing_sdk.shutdown(0.0)
        running.kill()


def judged(output: str, expected: str) -> bool:
    """Judging costs, too."""
    farthing_sdk.track(provider="openai", model=DEAR, input_tokens=100, output_tokens=0)
    return output == expected


def run(name: str, model: str, *, wrong: tuple[str, ...] = (), failing: tuple[str, ...] = ()) -> Experiment:
    def task(item: Item) -> str:
        farthing_sdk.track(provider="openai", model=model, input_tokens=1000, output_tokens=100)
        if item.id in failing:
            raise TimeoutError("away")
        return "no" if item.id in wrong else str(item.expected)

    return run_experiment(ITEMS, task, [exact(), token_f1(), judged], name=name)


def compared(server: ServerProcess, **asked: str) -> dict[str, Any]:
    """The comparison, as soon as the cost of all cases has arrived."""
    deadline = time.monotonic() + 30
    while True:
        answer = server.get("/api/v1/experiments/compare", **asked)
        if time.monotonic() > deadline or not any(one["unknown_cost_cases"] for one in answer["runs"]):
            return answer
        time.sleep(0.1)


def test_cost_comes_by_itself_and_missing_is_no_pass(server: ServerProcess) -> None:
    base = run("base", DEAR)
    assert (len(base.results), base.errors, base.unsent) == (40, [], 0)
    run("cheap", CHEAP, wrong=("q03", "q04"), failing=("q05",))
    answer = compared(server, runs="base,cheap", delta="0.1")
    one, two = answer["runs"]
    # 1000 at 2.5 and 100 at 10 dollars a million; 0.15 and 0.6.
    assert (one["cost_usd"], two["cost_usd"]) == ("0.14", "0.0084")
    assert (two["cost_change_usd"], two["cost_per_case_usd"], two["errors"]) == ("-0.1316", "0.00021", 1)
    # 39 cases judged with 100 at 2.5 dollars a million, on its own line.
    assert (one["evaluation_cost_usd"], two["evaluation_cost_usd"]) == ("0.01", "0.00975")
    score = next(score for score in answer["scores"] if score["name"] == "exact")
    [difference] = score["differences"]
    assert (difference["wins"], difference["losses"], difference["ties"]) == (0, 2, 37)
    assert difference["missing"] == {"total": 1, "absent": 0, "failed": 1, "unscored": 0}
    assert [item["item_id"] for item in difference["regressions"]] == ["q03", "q04"]
    assert {warned["code"] for warned in answer["warnings"]} == {"missing_cases", "many_tests"}

    page = server.get(
        "/api/v1/experiments/compare/items", runs="base,cheap", only="regressed", score="exact", limit="1"
    )
    assert (page["data"][0]["item_id"], page["total"]) == ("q03", 2)
    asked = {"runs": "base,cheap", "only": "regressed", "score": "exact", "limit": "1", "cursor": page["next_cursor"]}
    rest = server.get("/api/v1/experiments/compare/items", **asked)
    assert (rest["data"][0]["item_id"], rest["next_cursor"]) == ("q04", None)
    cell = rest["data"][0]["runs"][two["id"]]
    assert (cell["scores"]["exact"], cell["changes"]["exact"], cell["cost_change_usd"]) == (False, -1.0, "-0.00329")
    # The trace of the cell has the call and the judge's.
    assert len(server.get(f"/api/v1/traces/{cell['trace_id']}")["spans"]) == 2

    listed = server.get("/api/v1/experiments", limit="1")
    assert listed["data"][0]["name"] == "cheap"
    assert listed["data"][0]["summary"]["cost_usd"] == "0.0084"
    assert server.get("/api/v1/experiments", limit="1", cursor=listed["next_cursor"])["data"][0]["name"] == "base"


def test_what_is_done_is_not_done_again(server: ServerProcess) -> None:
    first = run("resumed", CHEAP, failing=("q01", "q02"))
    assert len(first.errors) == 2
    again = run("resumed", CHEAP)
    assert [one.item.id for one in again.results] == ["q01", "q02"]
    assert (len(again.skipped), again.means()["exact"], again.run_id) == (38, 1.0, first.run_id)
    told = server.get("/api/v1/experiments/results", name="resumed", limit="100")
    assert len(told["data"]) == 40
    assert {(row["error"], row["scores"]["exact"]) for row in told["data"]} == {(None, True)}
    beside = first.compare("base", score="exact")
    assert [one["name"] for one in beside["runs"]] == ["base", "resumed"]


def test_calls_through_the_gateway_are_the_item_s_and_the_judge_s(server: ServerProcess) -> None:
    def ask(text: str) -> str:
        answer = httpx.post(
            f"{server.url}/v1/chat/completions",
            json={"model": CHEAP, "messages": [{"role": "user", "content": text}]},
            headers={**server.headers, **farthing_sdk.gateway_headers()},
            trust_env=False,
        )
        return str(answer.raise_for_status().json()["choices"][0]["message"]["content"])

    def asking_judge(output: str) -> bool:
        return ask(output[:20]) == output

    made = run_experiment([{"id": "a", "input": "hello"}], ask, [asking_judge], name="through")
    assert made.means() == {"asking_judge": 1.0}
    deadline = time.monotonic() + 30
    while True:
        [row] = server.get("/api/v1/experiments", name="through")["data"]
        known = row["summary"]["cost_usd"] and row["summary"]["evaluation_cost_usd"]
        if known or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    calls = server.get("/api/v1/calls", **{"tag.experiment": "through"})["data"]
    costs = {call["tags"].get("evaluator", "task"): call["cost_usd"] for call in calls}
    told = {"task": row["summary"]["cost_usd"], "asking_judge": row["summary"]["evaluation_cost_usd"]}
    assert None not in told.values()
    assert told == costs


def test_the_guide(server: ServerProcess) -> None:
    page = Path(__file__).parents[2] / "docs/experiments.md"
    examples = re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    told = {"FARTHING_ENDPOINT": server.url, "FARTHING_API_KEY": server.key}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(examples)],
        env={**plain_environment(), **told}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "exact                    0.6667" in done.stdout
    assert len(compared(server, runs="gpt-4o,gpt-4o-mini")["scores"]) == 2


def test_a_dataset_of_the_server_as_it_is_and_as_it_was(server: ServerProcess) -> None:
    def post(path: str, **body: Any) -> Any:
        answer = httpx.post(f"{server.url}{path}", json=body, headers=server.headers, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json()

    made = post("/api/v1/datasets", name="geo/capital cities")
    place = f"/api/v1/datasets/{made['id']}/items"
    post(place, items=[{"id": "fr", "input": "France", "expected_output": "Paris"}, {"id": "it", "input": "Italy"}])

    def task(country: str) -> str:
        return "Paris" if country == "France" else ""

    first = run_experiment("geo/capital cities", task, [exact()], name="v1", metadata={"model": DEAR})
    assert [(one.item.id, one.item.expected) for one in first.results] == [("fr", "Paris"), ("it", None)]
    post(place, items=[{"id": "it", "input": "Italy", "expected_output": "Rome"}])
    second = run_experiment(made["id"], task, [exact(ignore_case=True)], name="v2")
    assert second.dataset.version > first.dataset.version
    assert [one.item.expected for one in second.results] == ["Paris", "Rome"]
    then = run_experiment("geo/capital cities", task, name="again", version=first.dataset.version, report=True)
    assert [one.item.expected for one in then.results] == ["Paris", None]
    answer = second.compare("v1")
    assert {"other_dataset_version", "other_evaluator"} <= {warned["code"] for warned in answer["warnings"]}
    assert answer["runs"][0]["metadata"] == {"model": DEAR}
    # Nothing was asked of a model, so nobody knows a cost: that is not the same as none.
    assert (answer["runs"][0]["cost_usd"], answer["runs"][0]["unknown_cost_cases"]) == (None, 2)
    keeping = post("/api/v1/keys", name="keeps", scopes=["ingest", "read"], content=True)["secret"]
    secret = "sk-" + "a1" * 20

    def telling(country: str) -> dict[str, str]:
        return {"said": f"{country} {secret}"}

    for key, name in ((keeping, "kept"), (server.key, "unkept")):
        run_experiment(made["id"], telling, name=name, keep_output=True, api_key=key)
    asked = {"runs": "kept,unkept", "texts": "true", "limit": "1"}
    [item] = server.get("/api/v1/experiments/compare/items", **asked)["data"]
    assert (item["input"], item["expected_output"]) == ("France", "Paris")
    kept, unkept = (cell["output"] for cell in item["runs"].values())
    assert kept["said"].startswith("France ")
    assert secret not in kept["said"]
    assert unkept is None
    listed = server.get("/api/v1/experiments", dataset_id=made["id"])["data"]
    assert sorted(one["name"] for one in listed) == ["again", "kept", "unkept", "v1", "v2"]


def test_a_key_that_may_not_is_told_before_anything_is_spent(server: ServerProcess) -> None:
    tried: list[str] = []
    with pytest.raises(ServerError, match="401"):
        run_experiment(ITEMS, tried.append, name="never", endpoint=server.url, api_key="fk_wrong")
    assert tried == []


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"runs": "base"}, 400, "2 to 6"),
        ({"runs": "base,nobody"}, 404, "nobody"),
        ({"runs": "base,base "}, 400, "2 to 6"),
        ({"runs": "base,cheap", "base": "other"}, 400, "none of the runs"),
        ({"runs": "base,cheap", "delta": "-1"}, 422, "delta"),
    ],
)
def test_what_cannot_be_asked(server: ServerProcess, asked: dict[str, str], status: int, said: str) -> None:
    where = f"{server.url}/api/v1/experiments/compare"
    answer = httpx.get(where, params=asked, headers=server.headers, trust_env=False)
    assert (answer.status_code, said in answer.json()["detail"]) == (status, True)


def test_the_command_stops_a_pipeline(server: ServerProcess, tmp_path: Path) -> None:
    file = tmp_path / "eval.py"
    file.write_text(FILE)

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        known = ("--url", server.url, "--key", server.key)
        environment = {**plain_environment(), "COLUMNS": "160"}
        return subprocess.run(
            [FARTHING, "experiment", words[0], *known, *words[1:]],
            env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    good = command("run", "--base", "base", "--fail-if-regressed", "exact", str(file), "after")
    assert (good.returncode, good.stderr) == (0, "")
    assert "no difference seen" in good.stdout
    lost = [f"q{at:02}" for at in range(12)]
    bad = command("run", "--base", "base", "--fail-if-regressed", "exact", str(file), "broken", *lost)
    assert bad.returncode == 3
    assert "12 items regressed" in bad.stderr
    assert "q00 (1 → 0)" in bad.stdout
