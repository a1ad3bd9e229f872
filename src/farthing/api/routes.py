"""Declarations of routes in; routes that are matched at once, but made ready only when first asked for, out.

What the framework makes of a route, its parameters' and answers' models, costs some milliseconds each. A server has more than
a hundred routes, and most servers are asked a few of them.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.params import Depends
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

_MAKING = threading.Lock()
"""The event loop makes a route that is asked for, a thread all of them for the document."""


class Routes(APIRouter):
    """A router to declare routes at, by its decorators. They are served by `Application`."""

    def __init__(
        self,
        *,
        prefix: str = "",
        tags: Sequence[str] = (),
        dependencies: Sequence[Depends] = (),
        responses: dict[int | str, dict[str, Any]] | None = None,
    ) -> None:
        """What holds for all its routes."""
        super().__init__(prefix=prefix, tags=list(tags), dependencies=dependencies, responses=responses)

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **how: Any) -> None:
        """What the decorators come to."""

        def make() -> APIRoute:
            made = APIRouter(
                prefix=self.prefix, tags=self.tags, dependencies=self.dependencies, responses=self.responses
            )
            made.add_api_route(path, endpoint, **how)
            [route] = made.routes
            assert isinstance(route, APIRoute)  # noqa: S101  what add_api_route adds
            return route

        self.routes.append(_Declared(self.prefix + path, endpoint, how["methods"], make))


class _Declared(Route):
    """A route that knows its path and methods."""

    def __init__(
        self, path: str, endpoint: Callable[..., Any], methods: Iterable[str], make: Callable[[], APIRoute]
    ) -> None:
        super().__init__(path, endpoint)
        # Not as here, where what takes GET takes HEAD too.
        self.methods = {method.upper() for method in methods}
        self.app = self._first
        self._make = make
        self._made: APIRoute | None = None

    def made(self) -> APIRoute:
        """The same with all that serving and describing it need."""
        with _MAKING:
            if self._made is None:
                self._made = self._make()
                self.app = self._made.app
            return self._made

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child_scope = super().matches(scope)
        if match != Match.NONE:
            child_scope["route"] = self
        return match, child_scope

    async def _first(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.made().app(scope, receive, send)


class Application(FastAPI):
    """FastAPI, with routes of `Routes`. Its own documentation pages are off: they would load scripts from elsewhere."""

    def __init__(self, title: str, version: str, description: str) -> None:
        """What its OpenAPI document begins with."""
        super().__init__(
            title=title,
            version=version,
            description=description,
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
        )
        self._describing = threading.Lock()
        self.add_route("/openapi.json", self._described, include_in_schema=False)

    def include_router(self, router: APIRouter, **how: Any) -> None:
        """Serve these as well."""
        if not isinstance(router, Routes):
            super().include_router(router, **how)
            return
        # One list of routes is gone through for every request, not a list of lists.
        self.router.routes.extend(router.routes)

    def openapi(self) -> dict[str, Any]:
        """The document of all routes."""
        if self.openapi_schema is None:
            routes: list[BaseRoute] = [route.made() if isinstance(route, _Declared) else route for route in self.routes]
            self.openapi_schema = get_openapi(
                title=self.title, version=self.version, description=self.description, routes=routes
            )
        return self.openapi_schema

    def _described(self, _: Request) -> Response:
        # A second's work: in a thread, and no second one starts meanwhile or sees what isn't complete.
        with self._describing:
            return JSONResponse(self.openapi())
