"""The OpenAPI document against the real server: whatever it allows, or just doesn't, is answered as it says, never by a 5xx."""

import traceback
from collections import Counter
from typing import Any

import hypothesis
import pytest
import schemathesis
import schemathesis.checks as any_answer
from hypothesis import strategies
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks
from server_process import ServerProcess

ANY_ANSWER: Any = any_answer
OF_ANSWERS: Any = checks
CHECKS: list[Any] = [
    ANY_ANSWER.not_a_server_error,
    OF_ANSWERS.status_code_conformance,
    OF_ANSWERS.content_type_conformance,
    OF_ANSWERS.response_schema_conformance,
]

HEALTH: Any = list(hypothesis.HealthCheck)

LEFT_OUT = {"/api/v1/calls/tail": "it waits for a call to come", "/api/v1/live": "it doesn't end"}
"""Path → why it isn't asked."""

ANSWERED_WITHIN_S = 60


def test_every_answer_is_documented(server: ServerProcess, request: pytest.FixtureRequest) -> None:
    examples: Any = request.config.getoption("--openapi-examples")
    answered: Counter[int] = Counter()
    troubles: list[str] = []
    schema: Any = schemathesis.openapi.from_url(f"{server.url}/openapi.json", timeout=ANSWERED_WITHIN_S)
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path in LEFT_OUT:
            continue
        right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

        @hypothesis.settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=HEALTH,
            phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        )
        @hypothesis.given(case=strategies.one_of(right, wrong))
        def ask(case: Any) -> None:
            response = case.call(headers=server.headers, timeout=ANSWERED_WITHIN_S)
            answered[response.status_code] += 1
            case.validate_response(response, checks=CHECKS)

        try:
            ask()
        except Exception as error:  # noqa: BLE001  all of them are told together
            told = "".join(traceback.format_exception(error, limit=-2))
            troubles.append(f"{operation.label}: {told}")
    assert not troubles, "\n\n".join([*troubles, server.output()[-5_000:]])
    assert answered[200] > examples * 5, answered
    assert "Traceback" not in server.output(), server.output()[-5_000:]
