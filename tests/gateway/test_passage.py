"""Attempts after attempts: retries, the next target, and what is written down of each."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from e2e.odd_provider import ANSWERS, PACKED_EVENTS, OddProvider
from gateway.open_admission import Open, nothing_late
from starlette.types import Message
from stub_provider import StubProvider

from farthing.access.credentials import Credential
from farthing.access.identity import Identity, Scope
from farthing.gateway.door import Gateway
from farthing.gateway.journal import Journal
from farthing.gateway.records import Record, spans
from farthing.gateway.telling import Told
from farthing.model.span import STATUS_ERROR, STATUS_OK
from farthing.normalize.trace import calls_of
from farthing.routing.plan import Account, Plan, Retries, Strategy, Target, Wish
from farthing.routing.refused import Refusals

BODY = json.dumps({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}).encode()


class Keys:
    def known(self, credential: Credential) -> Identity | None:  # noqa: ARG002  nobody is
        return None

    async def identify(self, credential: Credential) -> Identity:  # noqa: ARG002  any will do
        return Identity("shop", "key", frozenset({Scope.GATEWAY}), "staging")


class Routes:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.wishes: list[Wish] = []

    def plan(self, wish: Wish) -> Plan:
        self.wishes.append(wish)
        return self._plan

    def accounts(self, project_id: str) -> Sequence[Account]:  # noqa: ARG002  likewise
        return [target.account for target in self._plan.targets]


class Heard:
    """Listens instead of telling."""

    is_failing = False

    def __init__(self) -> None:
        self.records: list[Record] = []

    def tell(self, calls: Iterable[Told]) -> None:
        self.records += [one.record for one in calls]


def made(plan: Plan, data: Path, body: bytes = BODY) -> tuple[int, dict[bytes, bytes], bytes, Record]:
    """One call by this plan: status, headers, body, and what was written down."""
    heard = Heard()
    telling: Any = heard
    sent: list[Message] = []

    async def run() -> None:
        gateway = Gateway(
            Keys(),
            Routes(plan),
            Open(),
            Journal(data),
            telling,
            nothing_late(),
            Refusals(datetime.now(UTC)).add,
            most_bytes=1 << 20,
            stops_without_store=False,
        )
        waiting: asyncio.Queue[Message] = asyncio.Queue()
        waiting.put_nowait({"type": "http.request", "body": body})
        scope: dict[str, Any] = {
            "type": "http", "method": "POST", "path": "/v1/chat/completions", "query_string": b"",
            "headers": [(b"x-api-key", b"fk_0123456789abcdef"), (b"content-type", b"application/json")],
        }  # fmt: skip

        async def send(message: Message) -> None:
            sent.append(message)

        await gateway.before(_nobody)(scope, waiting.get, send)
        await gateway.close()

    asyncio.run(run())
    whole = b"".join(message.get("body", b"") for message in sent[1:])
    (record,) = heard.records
    return sent[0]["status"], dict(sent[0]["headers"]), whole, record


async def _nobody(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError


def odd(provider: OddProvider, way: str) -> Account:
    return Account(way, way, "openai", f"{provider.url}/{way}", "sk")


def test_the_next_target_answers(provider: StubProvider, tmp_path: Path) -> None:
    good = Account("good", "good", "openai", f"{provider.url}/v1", "sk")
    with OddProvider() as bad:
        ways = [odd(bad, way) for way in ("limited", "broken", "silent", "no-http")]
        targets = tuple(Target(one, "gpt-4o") for one in ways)
        plan = Plan((*targets, Target(good, "gpt-4o-mini")), retries=Retries(2, base_s=0.001, longest_s=0.01))
        status, headers, body, record = made(plan, tmp_path)
    assert (status, json.loads(body)["model"]) == (200, "gpt-4o-mini-2024-07-18")
    assert headers[b"x-farthing-request-id"].decode() == record.call.request_id
    assert [(one.number, one.account, one.status, one.error) for one in record.attempts] == [
        (1, "limited", 429, "rate_limit_exceeded"),
        (2, "limited", 429, "rate_limit_exceeded"),
        (3, "broken", 500, "500"),
        (4, "broken", 500, "500"),
        (5, "silent", 0, "upstream_cut"),
        (6, "silent", 0, "upstream_cut"),
        (7, "no-http", 0, "upstream_cut"),
        (8, "no-http", 0, "upstream_cut"),
        (9, "good", 200, ""),
    ]
    around, *attempts = spans(record)
    assert [span.parent_span_id for span in attempts] == [around.span_id] * 9
    assert [span.status for span in attempts] == [STATUS_ERROR] * 8 + [STATUS_OK]
    assert spans(record) == [around, *attempts]
    calls = calls_of([around, *attempts])
    assert len(calls) == 9
    assert all(call.owner is None and call.external_request_id == record.call.request_id for call in calls)
    assert [call.usage.input_tokens for call in calls] == [None] * 8 + [21]
    assert [left.call.id for left in Journal(tmp_path).left()] == [record.call.id]


def test_an_answer_that_is_cut_off_before_the_client_has_any_is_made_elsewhere(
    provider: StubProvider, tmp_path: Path
) -> None:
    good = Account("good", "good", "openai", f"{provider.url}/v1", "sk")
    with OddProvider() as bad:
        plan = Plan((Target(odd(bad, "short"), "gpt-4o"), Target(good, "gpt-4o-mini")))
        status, _, body, record = made(plan, tmp_path)
        cut = made(Plan((Target(odd(bad, "short"), "gpt-4o"),), retries=Retries(2, base_s=0.001)), tmp_path)
    assert (status, json.loads(body)["model"]) == (200, "gpt-4o-mini-2024-07-18")
    assert [(one.account, one.status, one.error) for one in record.attempts] == [
        ("short", 200, "upstream_cut"),
        ("good", 200, ""),
    ]
    assert [call.may_be_charged for call in calls_of(spans(record))] == [True, True]
    assert (cut[0], [one.error for one in cut[3].attempts]) == (502, ["upstream_cut"] * 2)


def test_what_the_last_one_says_is_the_answer(tmp_path: Path) -> None:
    with OddProvider() as bad:
        plan = Plan((Target(odd(bad, "limited"), ""),), retries=Retries(2, base_s=0.001, longest_s=0.01))
        status, headers, body, record = made(plan, tmp_path)
    assert (status, headers[b"retry-after"], json.loads(body)["error"]["message"]) == (429, b"7", "slow down")
    assert [one.model for one in record.attempts] == ["gpt-4o-mini"] * 2


@pytest.mark.parametrize(
    ("way", "status", "error", "usage"),
    [
        ("moved", 301, "301", ""),
        ("packed", 200, "", '{"prompt_tokens":21,"completion_tokens":17}'),
        ("packed-anew", 200, "", '{"prompt_tokens":21,"completion_tokens":17}'),
        ("packed-small", 200, "", '{"prompt_tokens":21,"completion_tokens":17}'),
        ("packed-badly", 200, "", ""),
        ("unnamed", 200, "", '{"prompt_tokens":21,"completion_tokens":17}'),
        ("nothing", 204, "", ""),
        ("denied", 502, "upstream_cut", ""),
    ],
)
def test_odd_answers_pass_and_are_understood(way: str, status: int, error: str, usage: str, tmp_path: Path) -> None:
    with OddProvider() as bad:
        answered, headers, body, record = made(Plan((Target(odd(bad, way), ""),)), tmp_path)
    (attempt,) = record.attempts
    assert (answered, attempt.error, attempt.usage) == (status, error, usage)
    said = ANSWERS[way].partition(b"\r\n\r\n")[2]
    assert status == 502 or body == (b"" if status == 204 else said)
    assert (b"content-length" in headers) is (status != 204)
    (call,) = calls_of(spans(record))
    assert call.may_be_charged is (status in (200, 204, 502))


@pytest.mark.parametrize(
    ("way", "usage"), [("packed-events", '{"prompt_tokens":21,"completion_tokens":17}'), ("unheard-events", "")]
)
def test_a_stream_that_is_packed_though_nobody_asked_for_that(way: str, usage: str, tmp_path: Path) -> None:
    body = json.dumps({"model": "gpt-4o-mini", "stream": True, "messages": []}).encode()
    with OddProvider() as bad:
        status, headers, said, record = made(Plan((Target(odd(bad, way), ""),)), tmp_path, body)
    # Its usage was asked for by us, and can't be taken out of what is packed.
    assert (status, said) == (200, PACKED_EVENTS)
    assert headers[b"content-encoding"] == (b"deflate" if usage else b"lzma")
    assert [(one.error, one.usage) for one in record.attempts] == [("", usage)]


def test_targets_share_by_weight(provider: StubProvider, tmp_path: Path) -> None:
    def target(name: str, weight: int) -> Target:
        return Target(Account(name, name, "openai", f"{provider.url}/v1", "sk"), "", weight)

    plan = Plan((target("never", 0), target("always", 5)), Strategy.BALANCE)
    for number in range(5):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert [one.account for one in made(plan, folder)[3].attempts] == ["always"]


def test_a_provider_that_refuses_to_be_asked_for_usage(provider: StubProvider, tmp_path: Path) -> None:
    good = Account("good", "good", "openai", f"{provider.url}/v1", "sk")
    body: dict[str, Any] = {"model": "without-stream-options", "stream": True, "messages": []}
    status, _, said, record = made(Plan((Target(good, ""),)), tmp_path, json.dumps(body).encode())
    assert (status, said.endswith(b"data: [DONE]\n\n")) == (200, True)
    assert [(one.status, one.usage) for one in record.attempts] == [(200, "")]
    assert "stream_options" not in provider.requests[-1][1]
