"""A Flask application goes in; each of its requests is answered with its LLM calls attributed and summed.

`init_app(app, header=True)`
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Mapping
from typing import Any, Callable

from farthing_sdk._client import current
from farthing_sdk._trouble import swallow
from farthing_sdk._web import HEADER_CALLS, HEADER_COST, Watched
from farthing_sdk.middleware._asked import Asked, Log, made_here

_KEY = "_farthing"


def init_app(
    app: Any,
    *,
    header: bool = False,
    wait: float = 0.25,
    log: Log | None = None,
    attribute: Callable[[Any], Mapping[str, Any]] | None = None,
) -> None:
    """Watch the requests of `app`. The options are those of `farthing_sdk.middleware.asgi.FarthingMiddleware`.

    `log` and `attribute` get Flask's request. A request whose answer is streamed is summed up to where its stream begins.
    """
    flask: Any = importlib.import_module("flask")
    asked = Asked(header, wait, log)

    def begin() -> None:
        client = current()
        if client is None or hasattr(flask.g, _KEY):
            return
        try:
            request: Any = flask.request._get_current_object()  # noqa: SLF001 - how Flask gives the request itself
            stack = contextlib.ExitStack()
            watched = Watched(client)
            stack.callback(asked.end, watched, request)
            stack.callback(watched.leave)
            stack.enter_context(made_here(asked.fields(attribute, request), lambda: route_of(request)))
            setattr(flask.g, _KEY, (watched, stack))
        except Exception as error:  # noqa: BLE001 - the application answers without us
            swallow(error, "flask")

    def tell(response: Any) -> Any:
        try:
            watched, _ = getattr(flask.g, _KEY, (None, None))
            if header and watched is not None and watched.request.calls:
                known = watched.know(wait)
                response.headers[HEADER_COST] = known.cost
                response.headers[HEADER_CALLS] = str(known.calls)
        except Exception as error:  # noqa: BLE001 - likewise
            swallow(error, "flask")
        return response

    def end(_: BaseException | None = None) -> None:
        _, stack = getattr(flask.g, _KEY, (None, None))
        if stack is not None:
            delattr(flask.g, _KEY)
            stack.close()

    app.before_request(begin)
    app.after_request(tell)
    app.teardown_request(end)


def route_of(request: Any) -> str | None:
    """The template of the route that was found, such as `POST /tickets/<int:id>`."""
    rule = getattr(request, "url_rule", None)
    return None if rule is None else f"{request.method} {rule.rule}"
