"""A part of what applications were answered, judged by the real server while it comes: by a pattern, and by a model behind the gateway."""

import base64
import os
import time
from collections import Counter
from collections.abc import Generator
from decimal import Decimal
from typing import Any

import httpx
import pytest
import stub_provider.openai
from e2e import wire
from e2e.gateway_accounts import accounts_with
from e2e.waiting import until
from server_process import ServerProcess
from stub_provider import StubProvider

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
    until(lambda: standing(server, "polite")["judged"] == 2 and standing(server, "please")["no_content"] == 1, WITHIN_S)

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
    assert "keep" in standing(server, "please")["reasons"][0]["reason"] or standing(server, "please")["no_content"] == 1


def test_who_is_killed_judges_the_rest_and_nothing_twice(server: ServerProcess) -> None:
    judge = {"kind": "judge", "model": "gpt-4o-mini", "prompt": PROMPT}
    where: dict[str, Any] = {"filters": {"feature": "killed"}, "sample": "1", "calls_per_day": 1000}
    evaluation(server, name="killed", evaluator=judge, **where)
    spans = answered(server, "killed", [f"Please {number}" for number in range(40)])
    until(lambda: len(scores(server, "killed")) > 0, WITHIN_S)
    server.kill()
    server.start()
    spans += answered(server, "killed", ["Please go on."])
    until(lambda: standing(server, "killed")["judged"] == 41, WITHIN_S)
    assert Counter(one["span_id"] for one in scores(server, "killed")) == Counter(spans)
    assert standing(server, "killed")["scores"] == 41
