"""Attempts that ended in some way in; the calls they become, and whether anybody may charge for them, out."""

from typing import Any

import pytest

from farthing.gateway.records import Attempt, Passed, Record, spans
from farthing.model.call import Call
from farthing.normalize.trace import calls_of

PASSED = Passed("1" * 32, "r", "p", "k", "2" * 32, "", 1, "chat", {"gen_ai.request.stream": True})


def call_of(**facts: Any) -> Call:
    attempt = Attempt(PASSED.id, 1, "openai", "openai", "gpt-4o", 1, 5, **facts)
    (found,) = calls_of(spans(Record(PASSED, [attempt])))
    return found


@pytest.mark.parametrize(
    ("facts", "error", "charged"),
    [
        ({"status": 429, "error": "rate_limit_exceeded", "first_ns": 3}, "rate_limit_exceeded", False),
        ({"error": "upstream_unreachable"}, "upstream_unreachable", False),
        ({"error": "upstream_timeout"}, "upstream_timeout", True),
        ({"status": 200, "error": "client_disconnected", "first_ns": 3}, "client_disconnected", True),
        ({"status": 200, "error": "overloaded_error", "first_ns": 3}, "stream_failed", True),
        ({"status": 200, "error": "overloaded_error", "usage": '{"input_tokens":3}'}, "overloaded_error", True),
        ({"status": 200}, "", True),
    ],
)
def test_who_may_charge(facts: dict[str, Any], error: str, charged: bool) -> None:
    call = call_of(**facts)
    assert (call.error_type, call.may_be_charged) == (error, charged)
    assert (call.ttft_ns is not None) == ("first_ns" in facts and facts["status"] == 200)
