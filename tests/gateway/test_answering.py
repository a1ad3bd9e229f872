"""Plans with a cache and with guards: answers given again byte for byte, requests and answers that don't pass, and what is written down."""

import asyncio
import json
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from e2e.odd_provider import OddProvider
from gateway.open_admission import Open, nothing_late
from gateway.test_passage import Heard, Keys, Routes
from starlette.types import Message
from stub_provider import StubProvider
from stub_provider.server import REFUSED_MODEL

from farthing.gateway.admission import Ticket, Wanted
from farthing.gateway.door import Gateway
from farthing.gateway.journal import Journal
from farthing.gateway.records import Record, spans
from farthing.normalize.trace import calls_of
from farthing.routing.plan import Account, Guard, Plan, Target
from farthing.routing.refused import Refusals

CACHED = 60
ASKED = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "How are you, ann@example.com?"}]}


class Got(NamedTuple):
    status: int
    headers: dict[bytes, bytes]
    parts: list[bytes]
    record: Record | None

    @property
    def body(self) -> bytes:
        return b"".join(self.parts)

    @property
    def code(self) -> str:
        return json.loads(self.body)["error"]["code"]

    @property
    def tags(self) -> Any:
        assert self.record
        return calls_of(spans(self.record))[-1].attribution.tags


class Hearing(Heard):
    def cost_of(self, record: Record) -> str:
        assert record.attempts[-1].usage
        return "0.5"


class FromCacheOnly(Open):
    async def admit(self, wanted: Wanted) -> Ticket:
        ticket: Any = await super().admit(wanted)
        return ticket.__class__(ticket.plan, is_cache_only=True)


class Gate:
    """One gateway for several calls."""

    def __init__(self, provider: StubProvider, data: Path) -> None:
        self.provider, self.data, self.heard = provider, data, Hearing()
        self.admission = Open()
        self.refusals = Refusals(datetime.now(UTC))
        self.runner = asyncio.Runner()
        self.account = Account("good", "good", "openai", f"{provider.url}/v1", "sk")
        self.claude = Account("claude", "claude", "anthropic", provider.url, "sk")
        self.routes = Routes(Plan(()))
        telling: Any = self.heard
        self.gateway = Gateway(
            Keys(),
            self.routes,
            self.admission,
            Journal(data),
            telling,
            nothing_late(),
            self.refusals.add,
            most_bytes=4 << 20,
            stops_without_store=False,
        )

    def ask(self, plan: dict[str, Any], path: str = "/v1/chat/completions", **more: Any) -> Got:
        account = self.claude if path == "/v1/messages" else self.account
        return self.by(Plan((Target(account, ""),), config="c", **plan), path, **more)

    def by(self, plan: Plan, path: str = "/v1/chat/completions", **more: Any) -> Got:
        self.routes.__init__(plan)
        headers = [(name.encode(), value.encode()) for name, value in more.pop("headers", {}).items()]
        return self.runner.run(self._asked(path, {**ASKED, **more}, headers))

    async def _asked(self, path: str, body: dict[str, Any], headers: list[tuple[bytes, bytes]]) -> Got:
        waiting: asyncio.Queue[Message] = asyncio.Queue()
        waiting.put_nowait({"type": "http.request", "body": json.dumps(body).encode()})
        scope: dict[str, Any] = {
            "type": "http", "method": "POST", "path": path, "query_string": b"",
            "headers": [(b"x-api-key", b"fk_0123456789abcdef"), (b"content-type", b"application/json"), *headers],
        }  # fmt: skip
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def nobody(*_: Any) -> None:
            raise AssertionError

        self.heard.records.clear()
        await self.gateway.before(nobody)(scope, waiting.get, send)
        parts = [part for message in sent[1:] if (part := message.get("body", b""))]
        return Got(sent[0]["status"], dict(sent[0]["headers"]), parts, next(iter(self.heard.records), None))

    def close(self) -> None:
        self.runner.run(self.gateway.close())
        self.runner.close()


@pytest.fixture
def gate(tmp_path: Path) -> Generator[Gate]:
    with StubProvider() as provider:
        made = Gate(provider, tmp_path)
        yield made
        made.close()


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/v1/chat/completions", {}),
        ("/v1/chat/completions", {"stream": True}),
        ("/v1/chat/completions", {"stream": True, "stream_options": {"include_usage": True}}),
        ("/v1/messages", {"model": "claude-haiku-4-5", "max_tokens": 9, "stream": True}),
        ("/v1/embeddings", {"model": "text-embedding-3-small", "input": "a", "messages": None}),
    ],
)
def test_the_same_request_gets_the_same_bytes_and_costs_nothing(gate: Gate, path: str, more: dict[str, Any]) -> None:
    plan = {"cache_ttl_s": CACHED}
    first, again = gate.ask(plan, path, **more), gate.ask(plan, path, **more)
    assert len(gate.provider.requests) == 1
    assert (first.status, again.status) == (200, 200)
    assert (first.headers[b"x-farthing-cache"], again.headers[b"x-farthing-cache"]) == (b"miss", b"hit")
    assert again.body == first.body
    assert again.parts == first.parts
    assert again.headers[b"content-type"] == first.headers[b"content-type"]
    assert first.record
    assert again.record
    (call,) = calls_of(spans(again.record))
    assert (call.usage.input_tokens, call.usage.output_tokens, call.response_id) == (0, 0, "")
    assert call.attribution.tags == {"gateway.cache": "hit"}
    assert again.record.attempts[0].facts["farthing.saved_usd"] == "0.5"
    assert [one.call.id for one in Journal(gate.data).left()] == [first.record.call.id, again.record.call.id]


def test_what_is_another_request_is_asked(gate: Gate) -> None:
    plan = {"cache_ttl_s": CACHED}
    gate.ask(plan)
    others: list[dict[str, Any]] = [
        {"stream": True},
        {"stream": True, "stream_options": {"include_usage": True}},
        {"temperature": 0.1},
        {"headers": {"openai-project": "p"}},
        {"headers": {"cache-control": "no-cache"}},
        {"headers": {"authorization": "Bearer sk-own"}},
        {"model": "gpt-4o"},
    ]
    for number, other in enumerate(others, 2):
        gate.ask(plan, **other)
        assert len(gate.provider.requests) == number
    gate.ask({"cache_ttl_s": CACHED, "version": 2})
    gate.ask({})
    assert len(gate.provider.requests) == len(others) + 3


def test_errors_are_not_kept(gate: Gate) -> None:
    for _ in range(2):
        assert gate.ask({"cache_ttl_s": CACHED}, model=REFUSED_MODEL).status == 429
    assert len(gate.provider.requests) == 2


def test_a_spent_budget_may_leave_what_is_in_the_cache(gate: Gate, tmp_path: Path) -> None:
    plan = {"cache_ttl_s": CACHED}
    kept = gate.ask(plan)
    gate.gateway._admission = FromCacheOnly()  # pyright: ignore[reportPrivateUsage]
    assert gate.ask(plan).body == kept.body
    refused = gate.ask(plan, temperature=1)
    assert (refused.status, refused.code, refused.record) == (429, "budget_exceeded", None)


def guard(kind: str, action: str = "block", on: str = "request", **parameters: Any) -> dict[str, Any]:
    return {"guards": (Guard("g", kind, on, action, parameters),)}


def test_a_request_that_does_not_pass_goes_nowhere(gate: Gate) -> None:
    told = gate.ask(guard("pii"))
    assert (told.status, told.code, told.record) == (400, "guard_blocked", None)
    assert "'g'" in json.loads(told.body)["error"]["message"]
    assert "ann@" not in told.body.decode()
    of_anthropic = gate.ask(guard("max_tokens", max=5), "/v1/messages", model="claude-haiku-4-5", max_tokens=6)
    assert (of_anthropic.status, json.loads(of_anthropic.body)["type"], of_anthropic.code) == (
        400,
        "error",
        "guard_blocked",
    )
    assert gate.ask(guard("models", allow=["gpt-4o"])).code == "guard_blocked"
    long = [{"role": "user", "content": "y" * 1_000_000}, {"role": "user", "content": "y" * 49_000}]
    assert "longer than" in gate.ask(guard("regex", pattern="x" * 9), messages=long).body.decode()
    assert gate.provider.requests == []
    listed = gate.refusals.latest("shop", 200)
    assert [(one.code, one.status, one.model) for one in listed[-2:]] == [
        ("guard_blocked", 400, "claude-haiku-4-5"),
        ("guard_blocked", 400, "gpt-4o-mini"),
    ]
    assert gate.refusals.counts("shop") == {"guard_blocked": 4}


def test_a_request_that_is_marked_goes_on(gate: Gate) -> None:
    told = gate.ask(guard("pii", "mark", kinds=["email"]))
    assert (told.status, told.tags) == (200, {"guard.g": "marked"})


def test_an_answer_that_does_not_pass_is_paid_and_kept_back(gate: Gate) -> None:
    told = gate.ask(guard("json_schema", on="response", schema={"type": "object"}))
    assert (told.status, told.code, told.tags) == (400, "guard_blocked", {"guard.g": "blocked"})
    assert told.record
    assert told.record.attempts[0].usage
    assert not gate.refusals.counts("shop"), "it is a call, and in the ledger"
    (left,) = Journal(gate.data).left()
    assert left.attempts[0].facts["metadata"] == {"guard.g": "blocked"}
    fine = gate.ask(guard("regex", on="response", pattern="."), "/v1/responses", input="a", messages=None)
    assert fine.code == "guard_blocked"
    assert gate.ask(guard("regex", on="response", pattern=".", required=True)).status == 200


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/responses"])
def test_an_answer_that_streams_is_marked(gate: Gate, path: str) -> None:
    model = "claude-haiku-4-5" if path == "/v1/messages" else "gpt-4o"
    more = {"model": model, "stream": True, "max_tokens": 99}
    plain = gate.ask({}, path, **more)
    told = gate.ask(guard("regex", on="response", pattern=r"\w+ \w+"), path, **more)
    assert (told.status, told.tags) == (200, {"guard.g": "marked"})
    assert len(told.body) == len(plain.body)


@pytest.mark.parametrize(
    ("way", "is_read"), [("accented", True), ("accented-packed", True), ("no-unicode", False), ("deep", False)]
)
def test_an_answer_is_read_or_does_not_pass(gate: Gate, way: str, is_read: bool) -> None:
    wanted, unwanted = (guard("regex", on="response", pattern="é", required=one) for one in (True, False))
    blocked, marked = (400, {"guard.g": "blocked"}), (200, {"guard.g": "marked"})
    with OddProvider() as provider:
        gate.account = Account("odd", "odd", "openai", f"{provider.url}/{way}", "sk")
        whole = [(told.status, told.tags) for told in (gate.ask(wanted), gate.ask(unwanted))]
        assert whole == [(200, {}) if is_read else blocked, blocked]
        gate.account = Account("odd", "odd", "openai", f"{provider.url}/{way}-events", "sk")
        streamed = [(told.status, told.tags) for told in (gate.ask(one, stream=True) for one in (wanted, unwanted))]
        assert streamed == [(200, {}) if is_read else marked, marked]


def test_a_large_request_is_passed_on_whole(gate: Gate) -> None:
    said = [{"role": "user", "content": "a" * (3 << 19)}]
    assert gate.ask({}, messages=said).status == 200
    assert gate.provider.requests[-1][1]["messages"] == said


def test_a_gateway_that_calls_itself_stops(gate: Gate) -> None:
    assert gate.ask({}, headers={"x-farthing-hops": "3"}).status == 200
    for hops in ("4", "999"):
        told = gate.ask({}, headers={"x-farthing-hops": hops})
        assert (told.status, told.code, told.record) == (508, "loop", None)
    for odd in ("-1", "x", "9" * 5000, "²"):
        assert gate.ask({}, headers={"x-farthing-hops": odd.encode().decode("latin-1")}).status == 200


@pytest.mark.parametrize("path", ["/v1/realtime/client_secrets", "/v1/realtime"])
def test_realtime_is_refused_in_words(gate: Gate, path: str) -> None:
    told = gate.ask({}, path)
    assert (told.status, told.code) == (501, "unbuilt")
    assert "Realtime" in told.body.decode()
    assert gate.provider.requests == []


def test_the_files_of_anthropic_s_library_are_anthropic_s(gate: Gate) -> None:
    plan = Plan((Target(gate.claude, ""),))
    for path in ("/v1/files", "/v1/proxy/claude/messages/batches"):
        gate.by(plan, path, headers={"anthropic-version": "2023-06-01"})
        assert gate.routes.wishes[-1].family == "anthropic"
    gate.by(plan, "/v1/files")
    assert gate.routes.wishes[-1].family == "openai"
