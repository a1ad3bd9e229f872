"""What applications said, sent to the real server with keys that keep it and keys that don't; read back, and gone when it should be."""

import base64
import json
import os
import time
from collections.abc import Generator
from typing import Any

import httpx
import pytest
from corpus.recording import LONG_AFTER_NS, RECORDINGS
from e2e import wire
from e2e.waiting import wait_until_settled
from server_process import ServerProcess

from farthing.intake import otlp

PAIR = ("pk-lf-shop", "sk-lf-shop-secret")
BASIC = {"Authorization": "Basic " + base64.b64encode(":".join(PAIR).encode()).decode()}
ANSWER = "Observability tells you why a café ☕ costs $0.0042 per answer."
NEVER = "tell-nobody-about-this"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    pair = {"FARTHING_INIT_PUBLIC_KEY": PAIR[0], "FARTHING_INIT_SECRET_KEY": PAIR[1]}
    running = ServerProcess(tmp_path_factory.mktemp("content"), pair)
    running.start()
    yield running
    running.kill()


def post(server: ServerProcess, body: bytes, headers: dict[str, str], path: str = "/v1/traces") -> None:
    told = {"Content-Type": wire.PROTOBUF, **headers}
    answer = httpx.post(server.url + path, content=body, headers=told, timeout=60)
    assert answer.status_code == 200, answer.text


def recorded(case: str) -> tuple[bytes, list[str]]:
    """A body, and the ids of its spans' calls."""
    body = next((RECORDINGS / case).glob("*-traces.pb")).read_bytes()
    spans = otlp.decode_protobuf(body, LONG_AFTER_NS).spans
    return body, [f"{one.trace_id.hex()}-{one.span_id.hex()}" for one in spans]


def calls(server: ServerProcess, ids: list[str]) -> list[dict[str, Any]]:
    answers = [httpx.get(f"{server.url}/api/v1/calls/{one}", headers=server.headers, timeout=30) for one in ids]
    return [answer.json() for answer in answers if answer.status_code == 200]


def one_span(said: str) -> tuple[str, bytes]:
    """Trace and body of one call in which this was said."""
    trace_id = os.urandom(16)
    asked = wire.chat(
        21, 17, **{"gen_ai.prompt.0.content": said, "langfuse.observation.input": json.dumps({"q": said})}
    )
    return trace_id.hex(), wire.request(
        [wire.span(trace_id, b"12345678", time.time_ns() - 10**9, asked)]
    ).SerializeToString()


def test_what_a_pair_sends_is_read_back_also_after_a_crash(server: ServerProcess) -> None:
    body, ids = recorded("langfuse-v5/chat")
    post(server, body, BASIC, "/api/public/otel/v1/traces")
    server.kill()
    server.start()
    wait_until_settled(server)
    (call,) = calls(server, ids)
    assert call["messages"]["input"][-1]["role"] == "user"
    assert call["messages"]["output"] == [{"role": "assistant", "parts": [{"type": "text", "text": ANSWER}]}]
    assert json.loads(call["attributes"]["langfuse.observation.output"])["content"] == ANSWER
    trace = server.get(f"/api/v1/traces/{call['trace_id']}")
    assert trace["messages"]["output"][-1]["parts"][0]["text"] == ANSWER
    assert "messages" not in trace["spans"][0]


def test_a_call_tells_what_another_sighting_of_it_heard(server: ServerProcess) -> None:
    body, ids = recorded("langchain_openai-openllmetry/anthropic_cached_stream")
    post(server, body, BASIC)
    wait_until_settled(server)
    (owner,) = [call for call in calls(server, ids) if not call["restated"]]
    assert (owner["dialect"], len(owner["duplicates"])) == ("anthropic_sdk", 1)
    assert owner["messages"]["output"][0]["parts"][0]["text"].strip() == ANSWER


def test_what_other_keys_send_is_not_kept_and_the_answer_says_how_it_would_be(server: ServerProcess) -> None:
    trace_id, body = one_span(NEVER)
    post(server, body, server.headers)
    wait_until_settled(server)
    (call,) = calls(server, [f"{trace_id}-{b'12345678'.hex()}"])
    assert call["messages"] is None
    key = call["no_messages_because"].split("farthing keys change ")[1].split()[0]
    assert server.get(f"/api/v1/traces/{trace_id}")["no_messages_because"] == call["no_messages_because"]
    listed = {one["id"]: one["content"] for one in server.get("/api/v1/keys")["data"]}
    assert listed[key] is False
    assert sorted(listed.values()) == [False, False, True]


def test_a_key_is_changed_by_command_and_holds_at_once(server: ServerProcess) -> None:
    made = server.run_cli("keys", "create", "app", "--content").split()
    key = {"Authorization": "Bearer " + next(word for word in made if word.startswith("fk_"))}
    told: list[Any] = []
    for keeps in (True, False):
        if not keeps:
            assert " is not kept from now on" in server.run_cli("keys", "change", made[1], "--no-content")
        trace_id, body = one_span("Why?")
        post(server, body, key)
        told.append(server.get(f"/api/v1/spans/{trace_id}/{b'12345678'.hex()}")["messages"])
    assert [one is not None for one in told] == [True, False]


def test_what_is_refused_is_not_kept_in_the_quarantine_either(server: ServerProcess) -> None:
    asked = wire.chat(1, 1, **{"gen_ai.prompt.0.content": NEVER})
    post(server, wire.request([wire.span(os.urandom(16), b"12345678", 1, asked)]).SerializeToString(), BASIC)
    wait_until_settled(server)
    held = server.get("/api/v1/quarantine")["data"]
    assert held
    assert NEVER not in json.dumps([server.get(f"/api/v1/quarantine/{one['id']}") for one in held])


def test_wiping_test_data_wipes_what_was_said(server: ServerProcess) -> None:
    trace_id = os.urandom(16)
    asked = wire.chat(21, 17, **{"gen_ai.prompt.0.content": "Why?", "dataMode": "test"})
    span = wire.span(trace_id, b"12345678", time.time_ns() - 10**9, asked)
    body = wire.request([span]).SerializeToString()
    post(server, body, BASIC)
    wait_until_settled(server)
    path = f"/api/v1/spans/{trace_id.hex()}/{b'12345678'.hex()}"
    assert server.get(path)["messages"]["input"]
    answer = httpx.delete(f"{server.url}/v1/ingest/test-data", headers=BASIC, timeout=30)
    assert answer.status_code == 200, answer.text
    # The span comes again, with a key that keeps nothing: what was said the first time is not there any more.
    post(server, body, server.headers)
    assert server.get(path)["messages"] is None
