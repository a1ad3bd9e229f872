"""A model call of the server's own in; what the gateway answers to it out. It goes the way of all calls, without a socket."""

import asyncio
from collections.abc import Callable, Sequence

import msgspec
from starlette.types import ASGIApp, Message

from farthing.access.identity import Identity, Scope

Acting = Callable[[Identity, str], ASGIApp]
"""Somebody and what follows `/v1/`: an application that makes one call for them."""


class Answered(msgspec.Struct, frozen=True):
    """An answer as a whole; names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Wanted(msgspec.Struct, frozen=True):
    """A call of a project's. In the ledger `asker` stands where others have a key's id."""

    project_id: str
    asker: str
    path: str
    headers: Sequence[tuple[str, str]]
    body: bytes


async def call(acting: Acting, wanted: Wanted) -> Answered:
    """What the gateway answers. It keeps nothing of what is said, unless a config says so."""
    app = acting(Identity(wanted.project_id, wanted.asker, frozenset({Scope.GATEWAY})), wanted.path)
    body, headers = wanted.body, wanted.headers
    waiting = [{"type": "http.request", "body": body, "more_body": False}]
    never = asyncio.Event()
    status = 500
    told: dict[str, str] = {}
    parts: list[bytes] = []

    async def receive() -> Message:
        if waiting:
            return waiting.pop()
        await never.wait()  # it doesn't go away before it is answered
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            told.update((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in message["headers"])
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    sent = {
        "type": "http", "method": "POST", "path": "/", "query_string": b"",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers],
    }  # fmt: skip
    await app(sent, receive, send)
    return Answered(status, told, b"".join(parts))
