"""Real releases of `openai` and `anthropic` against a provider that knows what it served: the application must notice nothing.

Each release lives in an environment of its own, made once; the script that calls in every way there is runs in it with and
without us.
"""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import environments
import pytest
import stub_provider.anthropic
import stub_provider.openai
from stub_provider import StubProvider
from test_real_server import calls

if TYPE_CHECKING:
    from collections.abc import Generator

    from server_process import ServerProcess
    from stub_farthing import StubFarthing

HERE = Path(__file__).parent
SOURCE = HERE.parent / "src"
RELEASES = ("openai_1_10", "openai_1_109", "openai_2", "openai_3")
APPS_AHEAD = [HERE / "apps" / release for release in RELEASES]
"""Made before they are asked for."""

MINI = {"inputTokens": 21, "outputTokens": 17}
FOUR_O = {"inputTokens": 2006, "cachedInputTokens": 1920, "outputTokens": 300}
O_FOUR = {"inputTokens": 75, "outputTokens": 1186, "reasoningTokens": 1024}
TOOLS = {"inputTokens": 84, "outputTokens": 19}
AUDIO = {"inputTokens": 118, "audioInputTokens": 100, "outputTokens": 77, "audioOutputTokens": 60}
SONNET = {"inputTokens": 3084, "cachedInputTokens": 1024, "cacheWriteTokens": 2048, "outputTokens": 42}
NONE: dict[str, Any] = {}
IMAGE = {"inputTokens": 250, "imageInputTokens": 200, "outputTokens": 1056, "imageOutputTokens": 1056}
HEARD = {"inputTokens": 134, "audioInputTokens": 120, "outputTokens": 25}
SPOKEN = {"inputTokens": 14, "outputTokens": 101, "audioOutputTokens": 101}

TRUTH: dict[str, list[dict[str, Any]]] = {
    "chat": [MINI],
    "chat_cached_audio_reasoning": [FOUR_O, AUDIO, O_FOUR],
    "chat_tools": [TOOLS],
    "chat_stream": [O_FOUR],
    "chat_stream_usage_wanted": [FOUR_O],
    "chat_stream_usage_unwanted": [FOUR_O],
    "chat_stream_tools_with": [TOOLS],
    "chat_stream_to_finish": [MINI],
    "chat_stream_left": [NONE],
    "chat_raw": [MINI],
    "chat_raw_stream": [MINI],
    "chat_streaming_response_lines": [MINI],
    "chat_streaming_response_whole": [MINI],
    "chat_streaming_response_sized": [MINI],
    "chat_copied": [{"status": "error", "errorCode": "404"}],
    "chat_unparsed": [{**MINI, "status": "error", "errorCode": "ValidationError"}],
    "chat_options": [MINI],
    "chat_parse": [MINI],
    "chat_stream_helper": [MINI],
    "post": [MINI],
    "embeddings": [{"inputTokens": 16}],
    "responses": [FOUR_O, TOOLS],
    "responses_stream": [O_FOUR],
    "responses_stream_helper": [MINI],
    "responses_compact": [FOUR_O],
    "not_found": [{"status": "error", "errorCode": "404"}],
    "retried": [{"status": "error", "errorCode": "rate_limit_exceeded", "attempts": 2}],
    "stream_refused": [{"status": "error", "errorCode": "rate_limit_exceeded"}],
    "chat_stream_options_refused": [{"attempts": 2}],
    "nobody_there": [{"status": "error", "errorCode": "APIConnectionError"}],
    "completions": [MINI],
    "completions_stream": [MINI],
    "responses_parse": [MINI],
    "images": [{"images": 1, "imageQuality": "hd", "imageSize": "1024x1792"}, IMAGE],
    "images_edit": [IMAGE],
    "images_stream": [IMAGE],
    "speech": [{"characters": 12}, NONE],
    "speech_streaming_response": [{"characters": 12}],
    "speech_events": [SPOKEN, SPOKEN],
    "transcriptions": [{"audioSeconds": 9.0}, {"audioSeconds": 8.47}, NONE, HEARD],
    "transcriptions_stream": [HEARD],
    "translations": [{"audioSeconds": 8.47}],
    "chat_async": [FOUR_O],
    "chat_async_stream": [FOUR_O],
    "responses_async_stream": [FOUR_O],
    "messages": [SONNET, TOOLS],
    "messages_stream": [SONNET],
    "messages_stream_helper": [SONNET],
    "messages_stream_left": [{name: count for name, count in SONNET.items() if name != "outputTokens"}],
    "messages_raw": [MINI],
    "messages_beta": [MINI],
    "messages_beta_stream": [MINI],
    "messages_streaming_response": [MINI],
    "messages_refused": [{"status": "error", "errorCode": "rate_limit_error"}],
    "messages_async_stream_helper": [SONNET],
}
"""Case → what was used by each call in it. A kind of tokens that isn't named is 0 or not told."""

SINCE = {
    "chat_stream_helper": "openai_1_109",
    "chat_parse": "openai_1_109",
    "chat_unparsed": "openai_1_109",
    "messages_beta": "openai_1_109",
    "messages_beta_stream": "openai_1_109",
    "responses_parse": "openai_1_109",
    "images_stream": "openai_1_109",
    "transcriptions_stream": "openai_1_109",
    "responses": "openai_1_109",
    "responses_stream": "openai_1_109",
    "responses_stream_helper": "openai_1_109",
    "responses_compact": "openai_2",
    "responses_async_stream": "openai_1_109",
}
"""What the oldest releases can't do yet."""
WHOLE = ("chat_streaming_response_whole", "messages_streaming_response", "speech_streaming_response")
COUNTS = (
    "inputTokens",
    "cachedInputTokens",
    "cacheWriteTokens",
    "cacheWrite1hTokens",
    "audioInputTokens",
    "outputTokens",
    "reasoningTokens",
    "audioOutputTokens",
    "imageInputTokens",
    "imageOutputTokens",
    "images",
    "imageQuality",
    "imageSize",
    "characters",
    "audioSeconds",
)


class Ran(NamedTuple):
    """What the script printed, and what the provider was asked."""

    got: Any
    asked: list[tuple[str, dict[str, Any]]]


def same_id(prefix: str) -> str:
    return prefix + "0" * 24


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Generator[StubProvider]:
    """A provider that gives the same ids each time, so that answers can be compared to the last byte."""
    for dialect in (stub_provider.openai, stub_provider.anthropic):
        monkeypatch.setattr(dialect, "_id", same_id)
    running = StubProvider()
    with running:
        yield running


@pytest.mark.parametrize("release", RELEASES)
def test_nothing_is_noticed_and_all_is_told(release: str, provider: StubProvider, stub: StubFarthing) -> None:
    plain = run(release, "plain", provider, stub.url)
    assert not stub.records
    wrapped = run(release, "wrapped", provider, stub.url)
    assert wrapped.got == plain.got
    assert [without_usage_wanted(*one) for one in wrapped.asked] == [without_usage_wanted(*one) for one in plain.asked]
    told: dict[str, list[dict[str, Any]]] = {}
    for record in stub.records:
        told.setdefault(record["endpointTag"], []).append(record)
    # Whether something was sent before it was cancelled is a matter of luck.
    cancelled = told.pop("chat_async_cancelled", [])
    assert [one["errorCode"] for one in cancelled] in ([], ["cancelled"])
    expected = {case: used for case, used in TRUTH.items() if release >= SINCE.get(case, "")}
    assert told.keys() == expected.keys()
    for case, used in expected.items():
        assert len(told[case]) == len(used), case
        for record, truth in zip(told[case], used):
            assert_tells(case, record, truth)
    if release != "openai_1_10":
        assert_types_are_real(plain.got)


def test_all_clients_of_a_process_instrumented(provider: StubProvider, stub: StubFarthing) -> None:
    plain = run("openai_3", "plain", provider, stub.url)
    both = run("openai_3", "instrumented", provider, stub.url)
    assert both.got == plain.got
    told = [record["endpointTag"] for record in stub.records if record["endpointTag"] != "chat_async_cancelled"]
    # The clients are wrapped besides: each call is told of once.
    assert sorted(told) == sorted(case for case, used in TRUTH.items() for _ in used)


def test_cost_on_the_real_server(server: ServerProcess) -> None:
    provider = StubProvider()
    with provider:
        run("openai_3", "wrapped", provider, server.url, server.key)
    by_case: dict[str, list[dict[str, Any]]] = {}
    for call in calls(server, sum(len(used) for used in TRUTH.values())):
        by_case.setdefault(call["feature"], []).append(call)
    assert {case: len(found) for case, found in by_case.items() if case != "chat_async_cancelled"} == {
        case: len(used) for case, used in TRUTH.items()
    }
    costs = {case: sorted(str(call["cost_usd"]) for call in found) for case, found in by_case.items()}
    assert costs["chat"] == costs["chat_stream_to_finish"] == costs["chat_raw_stream"] == ["0.00001335"]
    assert costs["chat_async_stream"] == costs["responses_async_stream"] == ["0.005615"]
    assert costs["chat_stream"] == costs["responses_stream"] == ["0.0053009"]
    assert costs["messages_stream"] == costs["messages_async_stream_helper"] == ["0.0086532"]
    assert costs["images"] == ["0.04449", "0.12"]
    assert costs["speech"] == ["0.00018", "None"]
    assert costs["transcriptions"] == ["0.0009", "0.0009", "0.001005", "None"]
    # What a stream that nobody read to its end has used isn't known, and so isn't 0.
    assert costs["chat_stream_left"] == ["None"]


def test_a_spent_budget_stops_wrapped_calls_before_they_are_made(server: ServerProcess) -> None:
    budget = {"name": "g", "limit_usd": "0.000001", "period": "day", "filters": {"feature": "guarded"}}
    request = urllib.request.Request(
        f"{server.url}/api/v1/budgets",
        json.dumps(budget).encode(),
        {**server.headers, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 201
    provider = StubProvider()
    with provider:
        first, second = run("openai_3", "", provider, server.url, server.key, script="guarded.py").got
    # The first ones of the first round; later ones may already know.
    assert first["sync"] is None
    assert len(second) == len(first)
    assert all("not made" in str(why) for why in second.values()), second
    assert len(provider.requests) == sum(why is None for why in first.values())


def assert_tells(case: str, record: dict[str, Any], truth: dict[str, Any]) -> None:
    for name in COUNTS:
        assert (record.get(name) or 0) == truth.get(name, 0), (case, name, record)
    for name in ("errorCode", "attempts"):
        assert record.get(name) == truth.get(name), (case, name, record)
    assert record["status"] == truth.get("status", "success"), (case, record)
    assert record["provider"] == ("anthropic" if case.startswith("messages") else "openai")
    assert record["streaming"] is ("stream" in case and case not in WHOLE), (case, record)
    if record["streaming"] and "outputTokens" in truth:
        assert 0 <= record["ttftMs"] <= record["latencyMs"]
    if "inputTokens" not in truth:
        assert "inputTokens" not in record
        assert "outputTokens" not in record


def assert_types_are_real(got: dict[str, Any]) -> None:
    assert got["chat_stream"][:3] == ["True", "'Stream'", "200"]
    assert got["messages_stream"][:2] == ["True", "'Stream'"]
    assert all('"usage":null' not in chunk.split("} {")[-1] for chunk in got["chat_stream"])
    assert not any("'usage'" in line or '"usage"' in line for line in got["chat_streaming_response_lines"])


def without_usage_wanted(path: str, body: dict[str, Any]) -> tuple[str, str]:
    """A request, whether or not its usage was asked for where that may be asked."""
    if path.endswith("/completions"):
        body = {name: value for name, value in body.items() if name != "stream_options"}
    return path, json.dumps(body, sort_keys=True)


def run(
    release: str, how: str, provider: StubProvider, farthing: str, key: str = "fk_test", script: str = "every_kind.py"
) -> Ran:
    """Every kind of call, in the environment of that release."""
    before = len(provider.requests)
    done = subprocess.run(
        [environment_for(release) / "bin" / "python", HERE / "apps" / script, how],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(SOURCE),
            "OPENAI_API_KEY": "sk-stub",
            "OPENAI_BASE_URL": provider.url + "/v1",
            "ANTHROPIC_API_KEY": "sk-stub",
            "ANTHROPIC_BASE_URL": provider.url,
            "FARTHING_ENDPOINT": farthing,
            "FARTHING_API_KEY": key,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    # Whether a cancelled request got as far is a matter of luck.
    asked = [one for one in provider.requests[before:] if one[1].get("model") != "cancelled"]
    return Ran(json.loads(done.stdout), asked)


def environment_for(release: str) -> Path:
    """The environment of one release."""
    return environments.environment_for(HERE / "apps" / release)
