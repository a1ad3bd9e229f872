"""What a record becomes on its way out."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from farthing_sdk import Record, hash_user_id
from farthing_sdk._record import FIELDS
from farthing_sdk._settings import Settings
from farthing_sdk._wire import body_of, encode

PLAIN = Settings("http://127.0.0.1:1", "fk")


def body(settings: Settings = PLAIN, **fields: Any) -> dict[str, Any]:
    """A record's body, as JSON carries it."""
    given: dict[str, Any] = {"external_request_id": "x", "created_at": 1_700_000_000.25, **fields}
    made = body_of(Record(**given), settings)
    assert made is not None
    return json.loads(encode(made))


def test_a_record_has_every_field_that_can_be_told() -> None:
    assert set(Record.__annotations__) - {"attributed", "attempts_at", "unread", "web_request"} == FIELDS


def test_everything_under_the_server_s_names() -> None:
    told = body(
        provider="anthropic", model="claude", response_model="claude-4", operation="chat", input_tokens=10,
        cached_input_tokens=1, cache_write_tokens=2, cache_write_30m_tokens=0, cache_write_1h_tokens=3,
        cache_write_12h_tokens=1, region="eu-west-1", audio_input_tokens=4, output_tokens=5,
        reasoning_tokens=6, audio_output_tokens=7, total_tokens=15, web_searches=8, latency_ms=9, ttft_ms=2,
        streaming=False, status="error", error_code="429", service_tier="flex", cost_usd=Decimal("1E-7"), attempts=3,
        feature="f", user_id="u", session_id="s", team="t", tenant="a", environment="dev", prompt_version="v",
        data_mode="test", traceparent="00-x", metadata={"a": "b", "n": 1.5, "t": True, "none": None},
    )  # fmt: skip
    assert told == {
        "externalRequestId": "x", "provider": "anthropic", "model": "claude", "responseModel": "claude-4",
        "operation": "chat", "inputTokens": 10, "cachedInputTokens": 1, "cacheWriteTokens": 2, "cacheWrite1hTokens": 3,
        "cacheWrite30mTokens": 0, "cacheWrite12hTokens": 1, "region": "eu-west-1",
        "audioInputTokens": 4, "outputTokens": 5, "reasoningTokens": 6, "audioOutputTokens": 7, "totalTokens": 15,
        "webSearches": 8, "latencyMs": 9, "ttftMs": 2, "streaming": False, "status": "error", "errorCode": "429",
        "serviceTier": "flex", "costUsd": "0.0000001", "attempts": 3, "endpointTag": "f", "userId": "u",
        "sessionId": "s", "team": "t", "tenantId": "a", "environment": "dev", "promptVersion": "v", "dataMode": "test",
        "traceparent": "00-x", "metadata": {"a": "b", "n": 1.5, "t": True}, "createdAt": "2023-11-14T22:13:20.250+00:00",
    }  # fmt: skip


@pytest.mark.parametrize("odd", [-1, 1.5, float("nan"), True, "many", 2**60, [1]])
def test_a_count_that_can_t_be_is_unknown(odd: Any) -> None:
    assert "inputTokens" not in body(input_tokens=odd)


def test_a_whole_float_is_a_count() -> None:
    assert body(latency_ms=12.0)["latencyMs"] == 12


@pytest.mark.parametrize("odd", ["-1", "NaN", "Infinity", "free", float("inf"), Decimal(10) ** 13, Decimal("1e-50")])
def test_a_cost_that_can_t_be_is_unknown(odd: Any) -> None:
    assert "costUsd" not in body(cost_usd=odd)


@pytest.mark.parametrize(
    ("told", "sent"),
    [
        (datetime(2026, 11, 22, 1, tzinfo=timezone(timedelta(hours=1))), "2026-11-22T00:00:00.000+00:00"),
        (1_700_000_000, "2023-11-14T22:13:20.000+00:00"),
    ],
)
def test_a_moment_is_seconds_or_a_datetime(told: Any, sent: str) -> None:
    assert body(created_at=told)["createdAt"] == sent


@pytest.mark.parametrize("odd", ["yesterday", float("nan"), 1e300, None, object()])
def test_no_moment_is_now(odd: Any) -> None:
    before = datetime.now(timezone.utc) - timedelta(seconds=1)
    assert datetime.fromisoformat(body(created_at=odd)["createdAt"]) > before


def test_nobody_s_provider_and_model_is_made_up() -> None:
    told = body()
    assert (told["provider"], told["model"]) == ("unknown", "unknown")


def test_texts_are_cut_and_mended_rather_than_refused() -> None:
    told = body(
        feature="f" * 1000, provider="p" * 1000, user_id=7, team="\ud800ü", metadata={"k" * 999: "v" * 99_999, 1: 2**70}
    )
    assert (len(told["endpointTag"]), len(told["provider"]), told["userId"]) == (300, 100, "7")
    assert told["team"] == "?ü"
    assert "region" not in body(region="r" * 64)
    assert sorted(len(key) for key in told["metadata"]) == [1, 300]
    assert len(body(metadata={f"k{number}": number for number in range(500)})["metadata"]) == 190


def test_a_long_id_stays_one_of_its_own() -> None:
    first, second = body(external_request_id="a" * 300 + "1"), body(external_request_id="a" * 300 + "2")
    assert first["externalRequestId"] != second["externalRequestId"]
    assert len(first["externalRequestId"]) <= 200


def test_user_ids_are_hashed_when_asked() -> None:
    settings = PLAIN._replace(hash_user_ids=True, user_id_salt="pepper")
    assert body(settings, user_id="ada@example.org")["userId"] == hash_user_id("ada@example.org", "pepper")


def test_a_hash_is_stable_and_depends_on_the_salt(monkeypatch: pytest.MonkeyPatch) -> None:
    # HMAC-SHA256 with key "pepper", as any other implementation computes it.
    assert hash_user_id("ada", "pepper") == hash_user_id("ada", b"pepper")
    assert hash_user_id("ada", "pepper") != hash_user_id("ada", "salt") != hash_user_id("ada")
    monkeypatch.setenv("FARTHING_USER_ID_SALT", "pepper")
    assert hash_user_id("ada") == hash_user_id("ada", "pepper")
    assert len(hash_user_id("ada")) == 34


def test_content_stays_unless_asked_for() -> None:
    assert "hello" not in str(body(input_content="hello", output_content="hello"))
    told = body(PLAIN._replace(capture_content=True), input_content="hello", output_content="there")
    assert (told["input"], told["output"]) == ("hello", "there")


def test_a_redaction_has_the_last_word() -> None:
    def redact(told: dict[str, Any]) -> dict[str, Any] | None:
        if told["endpointTag"] == "secret":
            return None
        told.pop("userId")
        return told

    settings = PLAIN._replace(redact=redact)
    assert "userId" not in body(settings, feature="f", user_id="u")
    assert body_of(Record(feature="secret"), settings) is None


def test_a_redaction_that_fails_lets_only_numbers_out() -> None:
    def redact(_: dict[str, Any]) -> dict[str, Any] | None:
        raise RuntimeError("no")

    told = body(PLAIN._replace(redact=redact), feature="f", user_id="u", metadata={"a": "b"}, input_tokens=3, model="m")
    assert told.keys() == {"externalRequestId", "provider", "model", "status", "inputTokens", "createdAt"}
