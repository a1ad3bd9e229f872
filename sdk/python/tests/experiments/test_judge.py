"""A model that judges: what it is asked, through which door, and what is made of its words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from stub_farthing import status

from farthing_sdk import context
from farthing_sdk.experiments import JudgeError, judge, run_experiment

if TYPE_CHECKING:
    from stub_farthing import Reply, Sent, StubFarthing


def says(content: str, heard: list[Sent] | None = None) -> Reply:
    def reply(sent: Sent) -> tuple[int, dict[str, str], bytes]:
        if heard is not None:
            heard.append(sent)
        return 200, {}, json.dumps({"choices": [{"message": {"content": content}}]}).encode()

    return reply


def test_the_gateway_is_asked_on_the_evaluator_s_own_line(stub: StubFarthing) -> None:
    heard: list[Sent] = []
    stub.replies += [says('{"reason": "near enough", "score": 0.8}', heard)]
    ask = judge(
        "Is it right?", "gpt-4o-mini", name="right", endpoint=stub.url, api_key="fk_x", options={"temperature": 0}
    )
    with context(tenant="acme"):
        said = ask("Paris", "paris", "Capital of France?")
    assert (said.value, said.comment) == (0.8, "near enough")
    [sent] = heard
    headers = {name.lower(): value for name, value in sent.headers.items()}
    assert (sent.path, headers["x-api-key"]) == ("/v1/chat/completions", "fk_x")
    assert headers["x-farthing-feature"] == "evaluator"
    assert (headers["x-farthing-tags"], headers["x-farthing-tenant"]) == ("evaluator=right", "acme")
    assert (sent.body["model"], sent.body["temperature"]) == ("gpt-4o-mini", 0)
    system, user = (message["content"] for message in sent.body["messages"])
    assert "a number from 0 to 1" in system
    assert "Is it right?" in system
    assert (
        user
        == "<<<INPUT\nCapital of France?\nINPUT>>>\n\n<<<EXPECTED\nparis\nEXPECTED>>>\n\n<<<OUTPUT\nParis\nOUTPUT>>>"
    )


@pytest.mark.parametrize(
    ("told", "content", "value"),
    [
        ({}, 'Sure! ```json\n{"score": 1, "reason": ""}\n```', 1.0),
        ({"scale": (1, 5)}, '{"score": "4"}', 4.0),
        ({"choices": ["Good", "bad"]}, '{"score": "good"}', "Good"),
        ({}, '{"score": 7}', None),
        ({}, '{"score": "high"}', None),
        ({"choices": ["good"]}, '{"score": "fine"}', None),
        ({}, "I would say it is fine.", None),
        ({}, "[1]", None),
    ],
)
def test_what_a_model_says(stub: StubFarthing, told: dict[str, Any], content: str, value: Any) -> None:
    stub.replies += [says(content)]
    ask = judge("Is it right?", "m", endpoint=stub.url, **told)
    if value is None:
        with pytest.raises(JudgeError):
            ask("Paris")
    else:
        assert ask("Paris").value == value


def test_a_judge_that_fails_leaves_a_gap(stub: StubFarthing) -> None:
    stub.replies += [status(429, body=b'{"error": {"message": "budget"}}')]
    ask = judge("Is it right?", "m", endpoint=stub.url)
    [one] = run_experiment([{"input": "x"}], str, [ask], name="t", report=False).results
    assert (one.scores, one.error) == ([], "")
    assert one.evaluator_errors is not None
    assert "429" in one.evaluator_errors["judge"]


def test_versions() -> None:
    same = {judge("c", "m").version, judge("c", "m", endpoint="http://elsewhere").version}
    assert len(same) == 1
    others = {judge("d", "m").version, judge("c", "n").version, judge("c", "m", choices=["a"]).version}
    assert len(same | others | {judge("c", "m", scale=(1, 5)).version}) == 5
