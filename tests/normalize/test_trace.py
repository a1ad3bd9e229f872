"""Hand-made traces: inheritance, owners, and that neither order nor repetition matters."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farthing.model import money
from farthing.model.call import Call, Status
from farthing.model.span import Resource, Scope, Span
from farthing.normalize.trace import calls_of

TRACE = b"t" * 16
CHAT = {"gen_ai.operation.name": "chat", "gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o-mini"}
USED = {"gen_ai.usage.input_tokens": 21, "gen_ai.usage.output_tokens": 17}


def span(number: int, parent: int = 0, scope: str = "my.app", **more: Any) -> Span:
    return Span(
        TRACE,
        bytes([0] * 7 + [number]),
        bytes([0] * 7 + [parent]) if parent else b"",
        more.get("name", "work"),
        1,
        1_700_000_000_000_000_000 + number,
        1_700_000_001_000_000_000,
        more.get("status", 0),
        "",
        Scope(scope),
        Resource(more.get("resource", {})),
        more.get("attributes", {}),
    )


def only(spans: list[Span]) -> Call:
    owners = [call for call in calls_of(spans) if call.owner is None]
    assert len(owners) == 1
    return owners[0]


def test_values_of_an_ancestor_are_inherited_the_nearest_first() -> None:
    spans = [
        span(1, attributes={"user.id": "ada", "team": "search", "plan": "gold"}, resource={"service.name": "shop"}),
        span(2, 1, attributes={"feature": "rank", "team": "ranking"}),
        span(3, 2, attributes=CHAT | USED | {"order": 7}),
    ]
    found = only(spans).attribution
    assert (found.user_id, found.feature, found.team) == ("ada", "rank", "ranking")
    assert found.tags == {"plan": "gold", "order": "7"}


def test_the_resource_says_what_no_span_says() -> None:
    found = only(
        [span(1, attributes=CHAT | USED, resource={"service.name": "shop", "deployment.environment.name": "prod"})]
    ).attribution
    assert found.environment == "prod"
    assert found.tags == {"service.name": "shop"}


def test_the_first_name_of_a_dimension_wins_whatever_the_order_of_attributes() -> None:
    for names in (("feature", "endpointTag"), ("endpointTag", "feature")):
        attributes = CHAT | USED | {name: name for name in names}
        assert only([span(1, attributes=attributes)]).attribution.feature == "feature"


def test_an_applications_own_spelling_stays_a_tag() -> None:
    found = only([span(1, attributes=CHAT | USED | {"tenantSlug": "acme", "metadata": '{"priority": 3}'})]).attribution
    assert found.tenant == "acme"
    assert found.tags == {"tenantSlug": "acme", "priority": "3"}


def test_a_hand_written_span_around_an_instrumented_call_restates_it() -> None:
    hand = {
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "feature": "summary",
        "gen_ai.usage.cost_usd": 0.00001335,
        "gen_ai.latency.ttft_ms": 120.5,
        "gen_ai.latency.duration_ms": 900.25,
    } | USED
    inner = CHAT | USED | {"gen_ai.response.id": "chatcmpl-1"}
    calls = calls_of([span(1, attributes=hand), span(2, 1, attributes=inner)])
    owner = next(call for call in calls if call.owner is None)
    assert len(calls) == 2
    assert owner.response_id == "chatcmpl-1"
    assert owner.attribution.feature == "summary"
    assert owner.reported_cost == money.to_units("0.00001335")
    assert owner.ttft_ns == 120_500_000


def test_hand_written_attributes_alone_make_a_call() -> None:
    attributes = {
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.streaming": True,
        "gen_ai.response.error.type": "rate_limit_exceeded",
        "gen_ai.latency.duration_ms": 900.25,
        "user_id": "u1",
    }
    call = only([span(1, attributes=attributes)])
    assert (call.status, call.error_type, call.streaming) == (Status.ERROR, "rate_limit_exceeded", True)
    assert call.duration_ns == 900_250_000
    assert call.usage.input_tokens is None


def test_one_response_seen_twice_counts_once_and_a_wrapper_never() -> None:
    response = CHAT | USED | {"gen_ai.response.id": "r1"}
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.request.model": "gpt-4o-mini"}
    calls = calls_of(
        [
            span(1, attributes=agent | {"gen_ai.usage.input_tokens": 42, "gen_ai.usage.output_tokens": 34}),
            span(2, 1, attributes=response),
            span(3, 1, attributes=response, scope="other.library"),
            span(4, 1, attributes=CHAT | USED | {"gen_ai.response.id": "r2"}),
        ]
    )
    owners = [call for call in calls if call.owner is None]
    assert sorted(call.response_id for call in owners) == ["r1", "r2"]
    assert sum(call.usage.input_tokens or 0 for call in owners) == 42


def test_the_same_id_from_two_providers_is_two_calls() -> None:
    one = CHAT | USED | {"gen_ai.response.id": "r1"}
    calls = calls_of([span(1, attributes=one), span(2, attributes=one | {"gen_ai.system": "mistral_ai"})])
    assert [call.owner for call in calls] == [None, None]


@pytest.mark.parametrize(
    ("reported", "tokens"), [(float("nan"), None), (-1, None), ("21", 21), (21.0, 21), ("", None), (True, None)]
)
def test_odd_counts_are_unknown_never_zero(reported: Any, tokens: int | None) -> None:
    assert only([span(1, attributes=CHAT | {"gen_ai.usage.input_tokens": reported})]).usage.input_tokens == tokens


def test_a_cycle_of_parents_ends() -> None:
    assert only([span(1, 2), span(2, 1), span(3, 1, attributes=CHAT | USED)]).usage.input_tokens == 21


@given(st.integers(0, 10**6))
def test_the_result_depends_on_the_set_alone(seed: int) -> None:
    chance = random.Random(seed)
    spans = [span(1, attributes={"user_id": "ada"})]
    for number in range(2, chance.randint(3, 12)):
        attributes: dict[str, Any] = {}
        if chance.random() < 0.7:
            attributes = CHAT | (USED if chance.random() < 0.8 else {})
            if chance.random() < 0.6:
                attributes = attributes | {"gen_ai.response.id": f"r{chance.randint(1, 4)}"}
        spans.append(span(number, chance.randint(1, number - 1), chance.choice(["a", "b"]), attributes=attributes))
    expected = calls_of(spans)
    shuffled = spans + chance.sample(spans, 2)
    chance.shuffle(shuffled)
    assert calls_of(shuffled) == expected
    owners = {call.span_id for call in expected if call.owner is None}
    assert all(call.owner in owners for call in expected if call.owner is not None)
