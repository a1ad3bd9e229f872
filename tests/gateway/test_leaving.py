"""A client that goes away at each stage of its call: what was reserved is settled or given back, once, and the provider is left alone."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from e2e.odd_provider import OddProvider
from gateway.open_admission import nothing_late
from gateway.test_passage import Heard, Keys, Routes, odd
from starlette.types import Message

from farthing.access.identity import Identity
from farthing.gateway.admission import Ticket, Wanted
from farthing.gateway.door import Gateway
from farthing.gateway.journal import Journal
from farthing.gateway.records import Record
from farthing.routing.plan import Plan, Retries, Target
from farthing.routing.refused import Refusals

PATIENCE_S = 30
BODY = json.dumps({"model": "gpt-4o-mini", "messages": []}).encode()
STREAM = json.dumps({"model": "gpt-4o-mini", "stream": True, "messages": []}).encode()


class Counted:
    """Leave to make one call, which is to be ended exactly once."""

    reserved, is_cache_only = 0, False

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.headers: list[tuple[bytes, bytes]] = []
        self.counted_by: list[dict[str, str]] = []
        self.ends: list[str] = []

    async def once_more(self) -> bool:
        return True

    def over(self, record: Record) -> None:
        self.ends.append(record.attempts[-1].error)

    def priced(self, outcome: Any) -> None: ...

    def told(self) -> None: ...

    def release(self) -> None:
        self.ends.append("released")


class Counting:
    def __init__(self) -> None:
        self.tickets: list[Counted] = []

    async def admit(self, wanted: Wanted) -> Ticket:
        self.tickets.append(Counted(wanted.plan))
        return self.tickets[-1]

    def may_ask(self, identity: Identity, name: str, target: Target) -> bool:  # noqa: ARG002  anybody
        return True


class Client:
    """One who goes away when `leaves` is set."""

    def __init__(self, *parts: Message) -> None:
        self.parts = list(parts)
        self.leaves = asyncio.Event()
        self.heard: list[Message] = []
        self.got_some = asyncio.Event()

    async def receive(self) -> Message:
        if self.parts:
            return self.parts.pop(0)
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.heard.append(message)
        if message.get("body"):
            self.got_some.set()


async def nobody(*_: Any) -> None:
    raise AssertionError


async def left(plan: Plan, data: Path, client: Client, when: Callable[[], Any], path: str) -> list[Counted]:
    """What became of each ticket when the client went away then."""
    counting = Counting()
    telling: Any = Heard()
    gateway = Gateway(
        Keys(), Routes(plan), counting, Journal(data), telling, nothing_late(), Refusals(datetime.now(UTC)).add,
        most_bytes=1 << 20, stops_without_store=False,
    )  # fmt: skip
    scope: dict[str, Any] = {
        "type": "http", "method": "POST", "path": path, "query_string": b"",
        "headers": [(b"x-api-key", b"fk_0123456789abcdef"), (b"content-type", b"application/json")],
    }  # fmt: skip
    async with asyncio.timeout(PATIENCE_S):
        call = asyncio.create_task(_as_task(gateway.before(nobody), scope, client))
        await when()
        client.leaves.set()
        await call
    await gateway.close()
    return counting.tickets


async def _as_task(web: Any, scope: dict[str, Any], client: Client) -> None:
    await web(scope, client.receive, client.send)


def asked(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


CHAT = "/v1/chat/completions"


@pytest.mark.parametrize(
    ("way", "parts", "path", "ends"),
    [
        ("unsent", (asked(b'{"model":', more=True),), CHAT, []),
        ("waiting", (asked(BODY),), CHAT, [["client_disconnected"]]),
        ("endless", (asked(STREAM),), CHAT, [["client_disconnected"]]),
        ("limited", (asked(BODY),), CHAT, [["rate_limit_exceeded"]]),
        ("waiting", (asked(b"{}", more=True),), "/v1/files", [["released"]]),
        ("waiting", (asked(b"{}"),), "/v1/files", [["released"]]),
    ],
    ids=["its request", "the wait", "a stream", "a pause between attempts", "an upload", "the wait for an upload's answer"],
)  # fmt: skip
def test_whoever_leaves_in_the_middle_of(
    way: str, parts: tuple[Message, ...], path: str, ends: list[list[str]], tmp_path: Path
) -> None:
    async def main(provider: OddProvider) -> None:
        client = Client(*parts)

        async def when() -> None:
            if way == "endless":
                await client.got_some.wait()
            elif way == "waiting" and not parts[0].get("more_body"):
                await asyncio.to_thread(provider.asked.wait, PATIENCE_S)
            elif way == "limited":
                await asyncio.to_thread(provider.answered.wait, PATIENCE_S)

        targets = (Target(odd(provider, way), ""),)
        plan = Plan(targets, retries=Retries(3, base_s=60.0, longest_s=60.0))
        tickets = await left(plan, tmp_path, client, when, path)
        found = [one.ends for one in tickets]
        # He may be gone before the refusal that he was to wait after has been read.
        assert found == ends or (way == "limited" and found == [["client_disconnected"]])
        if way == "endless":
            assert await asyncio.to_thread(provider.left.wait, PATIENCE_S)

    with OddProvider() as provider:
        asyncio.run(main(provider))
