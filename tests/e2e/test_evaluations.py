"""A part of what applications were answered, judged by the real server while it comes: by a pattern, and by a model behind the gateway."""

import base64
import json
import os
import time
from collections import Counter
from collections.abc import Generator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import stub_provider.openai
from e2e import wire
from e2e.gateway_accounts import accounts_with
from e2e.waiting import until
from server_process import ServerProcess
from stub_provider import StubProvider
from typer.testing import CliRunner

from farthing.cli.evaluations import app

PAIR = ("pk-lf-shop", "sk-lf-shop-secret")
KEEPS = {"Authorization": "Basic " + base64.b64encode(":".join(PAIR).encode()).decode()}
PROMPT = "Is this polite?\nQuestion: {input}\nAnswer: {output}"
WITHIN_S = 60


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    with pytest.MonkeyPatch.context() as patch, StubProvider() as provider:
        patch.setattr(stub_provider.openai, "TEXT", '{"score": 0.75, "reason": "it says please"}')
        environment = {"FARTHING_INIT_PUBLIC_KEY": PAIR[0], "FARTHING_INIT_SECRET_KEY": PAIR[1]}
        running = ServerProcess(tmp_path_factory.mktemp("evaluations"), environment | accounts_with(provider))
        running.start()
        yield running
        running.kill()


def evaluation(server: ServerProcess, **wanted: Any) -> dict[str, Any]:
    answer = httpx.post(f"{server.url}/api/v1/evaluations", json=wanted, headers=server.headers, timeout=30)
    assert answer.status_code == 201, answer.text
    return answer.json()


def answered(server: ServerProcess, feature: str, answers: list[str], headers: dict[str, str] = KEEPS) -> list[str]:
    """Calls that were answered so; the ids of their spans."""
    spans: list[Any] = []
    for number, answer in enumerate(answers):
        said = {"gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": f"Question {number}?"}
        said |= {"gen_ai.completion.0.role": "assistant", "gen_ai.completion.0.content": answer}
        told = wire.chat(21, 17, feature=feature, **said)
        spans.append(wire.span(os.urandom(16), os.urandom(8), time.time_ns(), told))
    body = wire.request(spans).SerializeToString()
    told = {"Content-Type": wire.PROTOBUF, **headers}
    assert httpx.post(f"{server.url}/v1/traces", content=body, headers=told, timeout=60).status_code == 200
    return [one.span_id.hex() for one in spans]


def standing(server: ServerProcess, name: str) -> dict[str, Any]:
    return server.get(f"/api/v1/evaluations/{name}")["standing"]


def scores(server: ServerProcess, name: str) -> list[dict[str, Any]]:
    return server.get("/api/v1/scores", name=name, limit="1000")["data"]


def test_answers_are_judged_as_they_come_and_the_judge_stands_on_its_own_line(server: ServerProcess) -> None:
    where = {"filters": {"feature": "support.reply"}, "sample": "1"}
    please = evaluation(server, name="please", evaluator={"kind": "regex", "pattern": "(?i)please"}, **where)
    judge = {"kind": "judge", "model": "gpt-4o-mini", "prompt": PROMPT}
    evaluation(server, name="polite", evaluator=judge, usd_per_day="1", **where)
    with_it, without = answered(server, "support.reply", ["Please wait.", "Wait."])
    answered(server, "other", ["Please."])
    answered(server, "support.reply", ["Please go."], server.headers)
    for name in ("please", "polite"):
        until(lambda name=name: (s := standing(server, name))["judged"] == 2 and s["no_content"] == 1, WITHIN_S)
    # The ledger has the last call a moment after its score.
    until(lambda: standing(server, "polite")["judge_calls"] == 2, WITHIN_S)

    told = {one["span_id"]: one for one in scores(server, "please")}
    assert {span: (one["value"], one["label"], one["source"]) for span, one in told.items()} == {
        with_it: (1.0, "True", "EVAL"),
        without: (0.0, "False", "EVAL"),
    }
    assert told[with_it]["metadata"] == {"evaluation_id": please["id"], "evaluation_version": 1, "evaluator": "regex"}
    polite = scores(server, "polite")
    assert [(one["value"], one["comment"]) for one in polite] == [(0.75, "it says please")] * 2

    spent = server.get("/api/v1/spend", **{"from": "now-1h", "by": "feature"})
    lines = {one["feature"]: one for one in spent["groups"]}
    stands = standing(server, "polite")
    assert stands["judge_calls"] == lines["evaluator"]["calls"] == 2
    assert stands["judge_cost_usd"] == lines["evaluator"]["cost_usd"]
    assert Decimal(stands["judge_cost_usd"]) > 0
    asked = server.get("/api/v1/calls", feature="evaluator")["data"]
    assert {one["external_request_id"] for one in asked} == {one["metadata"]["judge_request_id"] for one in polite}
    assert asked[0]["tags"]["evaluator"] == "polite"
    assert standing(server, "please")["mean"] == 0.5
    assert standing(server, "please")["reasons"] == [{"outcome": "no_content", "reason": "no content kept", "calls": 1}]


def test_who_is_killed_judges_the_rest_and_nothing_twice(server: ServerProcess) -> None:
    judge = {"kind": "judge", "model": "gpt-4o-mini", "prompt": PROMPT}
    where: dict[str, Any] = {"filters": {"feature": "killed"}, "sample": "1", "calls_per_day": 1000}
    evaluation(server, name="killed", evaluator=judge, **where)
    spans = answered(server, "killed", [f"Please {number}" for number in range(24)])
    until(lambda: len(scores(server, "killed")) > 0, WITHIN_S)
    server.kill()
    server.start()
    spans += answered(server, "killed", ["Please go on."])
    until(lambda: standing(server, "killed")["judged"] == 25, WITHIN_S)
    assert Counter(one["span_id"] for one in scores(server, "killed")) == Counter(spans)
    assert standing(server, "killed")["scores"] == 25


def test_by_words_of_the_command_line(server: ServerProcess, tmp_path: Path) -> None:
    def said(*words: str) -> str:
        done = CliRunner().invoke(app, [*words, "--url", server.url, "--key", server.key], env={"COLUMNS": "200"})
        return done.output + str(done.exception or "")

    answered(server, "typed", ['{"id": 1}', "no"])
    where = ("-w", "feature=typed")
    until(lambda: len(server.get("/api/v1/calls", feature="typed")["data"]) == 2, WITHIN_S)
    told = json.loads(said("try", "is-json", "--json-answer", *where, "--last", "10", "--json"))["data"]
    assert {(one["output"], one["label"], one["input"]) for one in told} == {
        ('{"id": 1}', "True", "Question 0?"),
        ("no", "False", "Question 1?"),
    }
    prompt = tmp_path / "prompt.txt"
    prompt.write_text(PROMPT)
    judged = said("try", "polite-2", "--judge", str(prompt), "--model", "gpt-4o-mini", *where, "--last", "1")
    assert "0.75" in judged
    assert "it says please" in judged
    assert "No call" in said("try", "x", "--json-answer", "-w", "feature=nothing")
    assert scores(server, "is-json") == scores(server, "polite-2") == []

    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object", "required": ["id"]}')
    assert "0.05" in said("add", "is-order", "--sample", "0.05", *where, "--json-schema", str(schema))
    assert "already" in said("add", "is-order", "--sample", "1", "--json-answer")
    assert "one of --contains" in said("add", "both", "--sample", "1", "--json-answer", "--regex", "x")
    assert "evaluator.pattern: it is no pattern" in said("add", "bad", "--sample", "1", "--regex", "(")
    assert "paused" in said("pause", "is-order")
    assert "(paused)" in said("list")
    assert "is-order judges" in said("resume", "is-order")
    assert {one["label"] for one in json.loads(said("try", "is-order", "--json"))["data"]} == {"True", "False"}
    assert "is gone" in said("remove", "is-order")
    assert "There is no evaluation 'is-order'" in said("try", "is-order")
    odd = {"name": "odd", "sample": "1", "evaluator": {"kind": "contains", "texts": ["\ud800"]}}
    refused = httpx.post(
        f"{server.url}/api/v1/evaluations", content=json.dumps(odd), headers=server.headers, timeout=30
    )
    assert refused.status_code in (400, 422)
