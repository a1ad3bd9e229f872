"""Accounts whose providers list their models, are slow or fail; one list of what a key may ask for, and who is left out."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Generator, Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pytest
from gateway.open_admission import Open, nothing_late
from gateway.test_passage import Heard, Keys
from starlette.types import Message

from farthing.access.identity import Identity
from farthing.gateway import offers
from farthing.gateway.door import Gateway
from farthing.gateway.journal import Journal
from farthing.gateway.listing import named
from farthing.routing.book import Book
from farthing.routing.plan import Account, Plan, Target, Wish
from farthing.routing.refused import Refusals

LISTS: dict[str, Any] = {
    "/openai/v1/models": {"object": "list", "data": [{"id": "gpt-4o", "created": 7, "owned_by": "system"}]},
    "/second/v1/models": {"data": [{"id": "gpt-4o"}, {"id": "gpt-4o-tuned"}]},
    "/claude/v1/models?limit=1000": {"data": [{"id": "claude-haiku-4-5", "created_at": "1970-01-02T00:00:00Z"}]},
    "/together/v1/models": [{"id": "meta/llama", "created": 9, "organization": "Meta"}],
    "/odd/v1/models": {"models": []},
    "/openai/v1/models/gpt-4o": {"id": "gpt-4o", "whose": "openai"},
    "/second/v1/models/org/gpt-4o": {"id": "gpt-4o", "whose": "second"},
    "/claude/v1/models/claude-haiku-4-5": {"id": "claude-haiku-4-5", "whose": "claude"},
}


class Lister(BaseHTTPRequestHandler):
    asked: ClassVar[Counter[str]] = Counter()
    go_on: ClassVar[threading.Event] = threading.Event()

    def do_GET(self) -> None:
        self.asked[self.path] += 1
        if self.path.startswith("/slow"):
            self.go_on.wait(30)
        body = json.dumps(LISTS.get(self.path, {})).encode()
        self.send_response(200 if self.path in LISTS else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class calls it so
        """Nothing."""


@pytest.fixture(scope="module")
def lister() -> Generator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Lister) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        Lister.go_on.set()
        server.shutdown()
        thread.join()


class Shelf:
    def __init__(self, accounts: Sequence[Account]) -> None:
        self._book = Book(accounts)

    def plan(self, wish: Wish) -> Plan:
        return self._book.plan(wish, lambda _: "", "a")

    def accounts(self, project_id: str) -> Sequence[Account]:  # noqa: ARG002  there is one
        return self._book.accounts


class ClaudeOnly(Open):
    def may_ask(self, identity: Identity, name: str, target: Target) -> bool:  # noqa: ARG002  whoever it is
        return name == "claude-haiku-4-5"


class Got(NamedTuple):
    status: int
    headers: dict[bytes, bytes]
    body: Any

    @property
    def ids(self) -> list[str]:
        return [one["id"] for one in self.body["data"]]

    @property
    def left_out(self) -> bytes | None:
        return self.headers.get(offers.LEFT_OUT)


def account(lister: str, slug: str, provider: str = "openai") -> Account:
    return Account(slug, slug, provider, f"{lister}/{slug}/v1", "sk")


ANTHROPIC = ((b"anthropic-version", b"2023-06-01"),)


def got(
    data: Path,
    accounts: Sequence[Account],
    *asks: str,
    admission: Open | None = None,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> list[Got]:
    """What the same gateway answers to all of these at once, and then to the first once more."""
    telling: Any = Heard()

    async def nobody(*_: Any) -> None:
        raise AssertionError

    async def one(gateway: Gateway, ask: str) -> Got:
        path, _, query = ask.partition("?")
        scope: dict[str, Any] = {
            "type": "http", "method": "GET", "path": path, "query_string": query.encode(),
            "headers": [(b"x-api-key", b"fk_0123456789abcdef"), *headers],
        }  # fmt: skip
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        await gateway.before(nobody)(scope, asyncio.Queue[Message]().get, send)
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return Got(sent[0]["status"], dict(sent[0]["headers"]), json.loads(body))

    async def run() -> list[Got]:
        gateway = Gateway(
            Keys(),
            Shelf(accounts),
            admission or Open(),
            Journal(data),
            telling,
            nothing_late(),
            Refusals(datetime.now(UTC)).add,
            most_bytes=1 << 20,
            stops_without_store=False,
        )
        found = await asyncio.gather(*(one(gateway, ask) for ask in asks))
        found.append(await one(gateway, asks[0]))
        await gateway.close()
        return found

    return asyncio.run(run())


def test_one_list_of_all_accounts(lister: str, tmp_path: Path) -> None:
    accounts = [
        account(lister, "openai"),
        account(lister, "second"),
        account(lister, "claude", "anthropic"),
        account(lister, "together", "together"),
        account(lister, "odd", "groq"),
        account(lister, "absent", "xai"),
        # Behind another of its name nobody can address it.
        Account("shadow", "openai", "openai", f"{lister}/shadow/v1"),
    ]
    Lister.asked.clear()
    paths = ("/v1/models", "/api/genai/v1/models", "/llmops/api/genai/v1/models")
    answers = got(tmp_path, accounts, *paths)
    assert [one.body for one in answers[1:]] == [answers[0].body] * 3
    assert set(Lister.asked.values()) == {1}
    first = answers[0]
    assert (first.status, first.body["object"], first.left_out) == (200, "list", b"odd, absent")
    # `gpt-4o-tuned` leads to the first account, which has none such.
    assert first.ids == [
        "gpt-4o", "claude-haiku-4-5", "meta/llama",
        "@openai/gpt-4o", "@second/gpt-4o", "@second/gpt-4o-tuned", "@claude/claude-haiku-4-5", "@together/meta/llama",
    ]  # fmt: skip
    assert [(one["created"], one["owned_by"]) for one in first.body["data"][:3]] == [
        (7, "system"), (86_400, "anthropic"), (9, "Meta"),
    ]  # fmt: skip
    assert {one["object"] for one in first.body["data"]} == {"model"}


def test_one_account_passes_through(lister: str, tmp_path: Path) -> None:
    accounts = [account(lister, "openai"), account(lister, "second")]
    asks = ("/v1/models?account=second", "/v1/proxy/second/models", "/v1/models?account=nobody")
    narrowed, proxied, unknown, _ = got(tmp_path, accounts, *asks)
    assert narrowed.body == proxied.body == LISTS["/second/v1/models"]
    assert (unknown.status, unknown.body["error"]["code"]) == (404, "model_not_found")


def test_one_model_is_told_of_by_the_account_its_name_leads_to(lister: str, tmp_path: Path) -> None:
    accounts = [account(lister, "openai"), account(lister, "second"), account(lister, "claude", "anthropic")]
    asks = ("gpt-4o", "openai/gpt-4o", "@second/org/gpt-4o", "@claude/claude-haiku-4-5", "@nobody/gpt-4o")
    *told, unknown, _ = got(tmp_path, accounts, *(f"/v1/models/{name}" for name in asks))
    assert [one.body["whose"] for one in told] == ["openai", "openai", "second", "claude"]
    assert (unknown.status, unknown.body["error"]["code"]) == (404, "model_not_found")


def test_whoever_speaks_anthropic_is_answered_so(lister: str, tmp_path: Path) -> None:
    accounts = [account(lister, "openai"), account(lister, "claude", "anthropic")]
    asks = ("/v1/models?limit=20", "/v1/models/claude-haiku-4-5", "/v1/models/@nobody/x")
    listed, one, unknown, _ = got(tmp_path, accounts, *asks, headers=ANTHROPIC)
    assert listed.body == {
        "data": [
            {"type": "model", "id": name, "display_name": name, "created_at": "1970-01-02T00:00:00Z"}
            for name in ("claude-haiku-4-5", "@claude/claude-haiku-4-5")
        ],
        "has_more": False,
        "first_id": "claude-haiku-4-5",
        "last_id": "@claude/claude-haiku-4-5",
    }
    assert one.body["whose"] == "claude"
    assert (unknown.status, unknown.body["type"], unknown.body["error"]["type"]) == (404, "error", "not_found_error")


def test_who_is_slow_is_left_out_and_not_waited_for_again(
    lister: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offers, "SECONDS", 1.0)
    Lister.asked.clear()
    first, again = got(tmp_path, [account(lister, "openai"), account(lister, "slow")], "/v1/models")
    assert (first.ids, first.left_out) == (again.ids, again.left_out) == (["gpt-4o", "@openai/gpt-4o"], b"slow")
    assert Lister.asked["/slow/v1/models"] == 1


def test_a_key_sees_what_it_may_ask_for(lister: str, tmp_path: Path) -> None:
    accounts = [account(lister, "openai"), account(lister, "claude", "anthropic")]
    assert got(tmp_path, accounts, "/v1/models", admission=ClaudeOnly())[0].ids == ["claude-haiku-4-5"]


def test_without_any_list_it_says_so(lister: str, tmp_path: Path) -> None:
    failed = got(tmp_path, [account(lister, "absent")], "/v1/models")[0]
    assert (failed.status, "absent" in failed.body["error"]["message"]) == (502, True)
    none = got(tmp_path, [], "/v1/models")[0]
    assert (none.status, "OPENAI_API_KEY" in none.body["error"]["message"]) == (404, True)


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"data": null}', b'{"data": [{"name": "a"}]}'])
def test_what_is_no_list_of_models(body: bytes) -> None:
    assert named(body) is None
