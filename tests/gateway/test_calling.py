"""A call of the server's own in; whom the gateway is told it is for, and the whole answer, out."""

import asyncio

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Asked

from farthing.access.identity import Identity, Scope
from farthing.gateway.calling import Answered, Wanted, call


def test_an_answer_is_put_together_and_the_caller_stays_until_then() -> None:
    acted: list[tuple[Identity, str]] = []

    def acting(who: Identity, path: str) -> ASGIApp:
        acted.append((who, path))

        async def app(scope: Asked, receive: Receive, send: Send) -> None:
            told = Request(scope, receive)
            body, header = await told.body(), told.headers["x-farthing-feature"]
            leaving = asyncio.ensure_future(receive())
            await StreamingResponse(iter([body, header.encode()]), 201, {"X-Farthing-Request-Id": "r"})(
                scope, lambda: leaving, send
            )
            leaving.cancel()

        return app

    wanted = Wanted("shop", "evaluation:ev_1", "messages", [("x-farthing-feature", "evaluator")], b"asked ")
    found = asyncio.run(asyncio.wait_for(call(acting, wanted), 30))
    assert found == Answered(201, {"x-farthing-request-id": "r"}, b"asked evaluator")
    ((who, path),) = acted
    assert (who.project_id, who.key_id, who.scopes, path) == (
        "shop", "evaluation:ev_1", frozenset({Scope.GATEWAY}), "messages",
    )  # fmt: skip
    assert not who.keeps_content
