"""Log records and data points with content and secrets in them: what of that is left when they may be written."""

from typing import Any

import pytest

from farthing.model.log import LogRecord
from farthing.model.metric import Kind, Metric, Point, Temporality
from farthing.model.span import Resource, Scope
from farthing.privacy.logs import LONGEST_BODY, scrub_point, scrub_record
from farthing.privacy.scrub import CONTENT_MARK, SECRET_MARK


def record(name: str, said: Any, **attributes: Any) -> LogRecord:
    return LogRecord(1, b"", b"", 9, "INFO", name, said, Scope("lib"), Resource({"service.name": "shop"}), attributes)


def test_attributes_pass_the_gate_that_spans_pass() -> None:
    found = scrub_record(record("gen_ai.x", None, **{"gen_ai.input.messages": ["hi"], "api_key": "sk-1", "n": 1}))
    assert found.attributes["gen_ai.input.messages"] == CONTENT_MARK
    assert found.attributes["api_key"] == SECRET_MARK
    assert found.attributes["n"] == 1


@pytest.mark.parametrize("body", ["Tell me a secret", {"content": "Tell me a secret"}, ["Tell me a secret"], b"secret"])
def test_the_body_of_an_event_is_content(body: Any) -> None:
    assert "secret" not in repr(scrub_record(record("gen_ai.user.message", body)).body)


def test_of_a_structured_body_names_and_counts_stay() -> None:
    body = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": "Hello"},
        "role": {"x": "y"},
    }
    assert scrub_record(record("gen_ai.choice", body)).body == {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": CONTENT_MARK},
        "role": {"x": CONTENT_MARK},
    }


def test_an_event_that_repeats_its_name_keeps_it() -> None:
    assert scrub_record(record("api_request", "claude_code.api_request")).body == "claude_code.api_request"


def test_what_agents_log_of_a_conversation_is_taken_out() -> None:
    told = {"prompt": "delete it all", "tool_input": '{"command": "rm"}', "tool_parameters": '{"bash_command": "rm"}'}
    told |= {"arguments": "rm -r", "output": "gone", "body": '{"messages": []}', "response": "done"}
    found = scrub_record(record("codex.tool_result", None, tool_name="shell", duration_ms=3, **told))
    assert found.attributes == {"tool_name": "shell", "duration_ms": 3, **dict.fromkeys(told, CONTENT_MARK)}


def test_a_line_of_an_ordinary_log_is_kept_and_cut() -> None:
    assert scrub_record(record("", "started")).body == "started"
    assert len(scrub_record(record("", "x" * 10**6)).body) == LONGEST_BODY


def test_a_data_point() -> None:
    metric = Metric("m", "", Kind.SUM, Temporality.DELTA, True, Scope(), Resource({"x-api-key": "k"}))
    point = Point(metric, 0, 1, {"model": "gpt-4o", "password": "p"}, 1)
    found = scrub_point(point)
    assert found.attributes == {"model": "gpt-4o", "password": SECRET_MARK}
    assert found.metric.resource.attributes == {"x-api-key": SECRET_MARK}
    plain = Point(Metric("m", "", Kind.SUM, Temporality.DELTA, True, Scope(), Resource()), 0, 1, {"model": "m"}, 1)
    assert scrub_point(plain) is plain
