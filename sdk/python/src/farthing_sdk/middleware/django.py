"""A Django request goes in; it is answered with its LLM calls attributed and summed.

`MIDDLEWARE = ["farthing_sdk.middleware.django.FarthingMiddleware", …]`, and if wanted
`FARTHING = {"header": True, "wait": 0.25, "log": function, "attribute": function}` in the settings. Sync and async.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
from collections.abc import Awaitable, Mapping
from typing import Any, Callable, cast

from farthing_sdk._client import current
from farthing_sdk._trouble import swallow
from farthing_sdk._web import HEADER_CALLS, HEADER_COST, Sum, Watched
from farthing_sdk.middleware._asked import Asked, made_here


class FarthingMiddleware:
    """As Django wants it: made once with the next one, called with each request."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        """The settings are read once."""
        self._get_response = get_response
        self._is_async = inspect.iscoroutinefunction(get_response)
        if self._is_async:
            # Django asks so whether it may await what this gives back.
            _mark_coroutine(self)
        given: Any = getattr(importlib.import_module("django.conf").settings, "FARTHING", None)
        options: Mapping[str, Any] = cast("Mapping[str, Any]", given) if isinstance(given, Mapping) else {}
        self._asked = Asked(bool(options.get("header")), float(options.get("wait", 0.25)), options.get("log"))
        self._attribute: Callable[[Any], Mapping[str, Any]] | None = options.get("attribute")

    def __call__(self, request: Any) -> Any:
        """Answer one request."""
        if self._is_async:
            return self._answer_async(request)
        client = current()
        if client is None:
            return self._get_response(request)
        watched = Watched(client)
        fields = self._asked.fields(self._attribute, request)
        try:
            with made_here(fields, lambda: route_of(request)):
                response = self._get_response(request)
            if self._asked.header and watched.request.calls:
                _tell(response, watched.know(self._asked.wait))
            return response
        finally:
            watched.leave()
            self._asked.end(watched, request)

    async def _answer_async(self, request: Any) -> Any:
        answer: Callable[[Any], Awaitable[Any]] = self._get_response
        client = current()
        if client is None:
            return await answer(request)
        watched = Watched(client)
        fields = self._asked.fields(self._attribute, request)
        try:
            with made_here(fields, lambda: route_of(request)):
                response = await answer(request)
            if self._asked.header and watched.request.calls:
                _tell(response, await watched.know_soon(self._asked.wait))
            return response
        finally:
            watched.leave()
            self._asked.end(watched, request)


def route_of(request: Any) -> str | None:
    """The template of the route that was found, such as `POST /tickets/<int:id>`."""
    match = getattr(request, "resolver_match", None)
    route = getattr(match, "route", None)
    return f"{request.method} /{route.lstrip('/')}" if isinstance(route, str) else None


def _tell(response: Any, known: Sum) -> None:
    try:
        response[HEADER_COST] = known.cost
        response[HEADER_CALLS] = str(known.calls)
    except Exception as error:  # noqa: BLE001 - the application has its answer
        swallow(error, "header")


def _mark_coroutine(middleware: object) -> None:
    mark: Any = getattr(inspect, "markcoroutinefunction", None)
    if mark is not None:
        mark(middleware)
    else:
        vars(middleware)["_is_coroutine"] = getattr(asyncio.coroutines, "_is_coroutine", None)
