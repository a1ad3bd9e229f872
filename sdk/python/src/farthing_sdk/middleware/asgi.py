"""An ASGI application goes in (FastAPI, Starlette, any other); one that attributes and sums the LLM calls of each request comes out.

`app.add_middleware(FarthingMiddleware, header=True)`
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, MutableMapping
from typing import Any, Callable

from farthing_sdk._client import current
from farthing_sdk._web import HEADER_CALLS, HEADER_COST, Watched
from farthing_sdk.middleware._asked import Asked, Log, made_here

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class FarthingMiddleware:
    """Pure ASGI: nothing is buffered."""

    def __init__(
        self,
        app: App,
        *,
        header: bool = False,
        wait: float = 0.25,
        log: Log | None = None,
        attribute: Callable[[Scope], Mapping[str, Any]] | None = None,
    ) -> None:
        """`header` adds `X-LLM-Cost` and `X-LLM-Calls` to answers of requests that made calls.

        The cost is what the server says. It is waited for `wait` seconds at most, and only if the header is wanted and a
        call was made; where one call isn't over or isn't priced by then, the header says `unknown`. `log` is called at the
        end with the scope and the sum. `attribute` tells of a request more than its route, such as `user_id`.
        """
        self._app = app
        self._asked = Asked(header, wait, log)
        self._attribute = attribute

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        client = current()
        if scope.get("type") not in ("http", "websocket") or client is None:
            await self._app(scope, receive, send)
            return
        watched = Watched(client)
        send_on = self._with_header(watched, send) if self._asked.header and scope["type"] == "http" else send
        fields = self._asked.fields(self._attribute, scope)
        try:
            # The route is known only once the application has looked for it: it is asked for when a call is made.
            with made_here(fields, lambda: route_of(scope)):
                await self._app(scope, receive, send_on)
        finally:
            watched.leave()
            self._asked.end(watched, scope)

    def _with_header(self, watched: Watched, send: Send) -> Send:
        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start" and watched.request.calls:
                known = await watched.know_soon(self._asked.wait)
                headers: list[Any] = list(message.get("headers") or ())
                headers.append((HEADER_COST.lower().encode(), known.cost.encode()))
                headers.append((HEADER_CALLS.lower().encode(), str(known.calls).encode()))
                message = {**message, "headers": headers}
            await send(message)

        return send_on


def route_of(scope: Scope) -> str | None:
    """The template of the route that was found, such as `POST /tickets/{id}`; never the path itself, which names people."""
    route = scope.get("route")
    template = getattr(route, "path_format", None) or getattr(route, "path", None)
    if not isinstance(template, str):
        # Starlette tells of the function alone.
        return getattr(scope.get("endpoint"), "__qualname__", None)
    root = str(scope.get("root_path") or "")
    method = str(scope.get("method") or "")
    return f"{method} {root}{template}".strip()
