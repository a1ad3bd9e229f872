"""What stands before the application: whom it hears of behind a proxy, and that model calls go before all else."""

import asyncio
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from farthing.doors import front

BEHIND = {"x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.7"}


async def web(scope: Scope, receive: Receive, send: Send) -> None:
    said = f"web {scope['path']} {scope['scheme']} {scope['client'][0]}"
    await PlainTextResponse(said)(scope, receive, send)


def before(others: ASGIApp) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if not scope["path"].startswith("/v1/"):
            await others(scope, receive, send)
            return
        await PlainTextResponse(f"call {scope['path']}")(scope, receive, send)

    return app


def said(path: str, *, root_path: str = "", client: str = "127.0.0.1") -> str:
    app: Any = front(web, before, root_path)

    async def ask() -> str:
        transport = httpx.ASGITransport(app, client=(client, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as asking:
            return (await asking.post(path, headers=BEHIND)).text

    return asyncio.run(ask())


def test_a_proxy_is_believed_where_it_stands_on_this_machine() -> None:
    assert said("/api/v1/session") == "web /api/v1/session https 192.0.2.7"
    assert said("/api/v1/session", client="198.51.100.1") == "web /api/v1/session http 198.51.100.1"


def test_or_where_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "198.51.100.1")
    assert said("/api/v1/session", client="198.51.100.1") == "web /api/v1/session https 192.0.2.7"


@pytest.mark.parametrize(("path", "root_path"), [("/v1/x", ""), ("/v1/x", "/llm"), ("/llm/v1/x", "/llm")])
def test_model_calls_find_their_way_with_a_prefix_and_without(path: str, root_path: str) -> None:
    assert said(path, root_path=root_path) == "call /v1/x"
