"""Declarations of routes in; routes that are matched at once, but made ready only when first asked for, out.

What the framework makes of a route, its parameters' and answers' models, costs some milliseconds each. A server has more than
a hundred routes, and most servers are asked a few of them.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.params import Depends
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from farthing.api.model import work_out

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
            said: list[dict[str, Any]] = [*self.responses.values(), *(how["responses"] or {}).values()]
            work_out([*endpoint.__annotations__.values(), how["response_model"], *(one.get("model") for one in said)])
            made = APIRouter(
                prefix=self.prefix, tags=self.tags, dependencies=self.dependencies, responses=self.responses
            )
            made.add_api_route(path, endpoint, **how)
            [route] = made.routes
            assert isinstance(route, APIRoute)  # noqa: S101  what add_api_route adds
            return route

        self.routes.append(_Declared(self.prefix + path, endpoint, how["methods"], make))


class _Declared(BaseRoute):
    """A route that knows its path and methods."""

    def __init__(
        self, path: str, endpoint: Callable[..., Any], methods: Iterable[str], make: Callable[[], APIRoute]
    ) -> None:
        self.path = path
        self._before, self._varies, _ = path.partition("{")
        self._endpoint = endpoint
        # Not as Starlette has it, where what takes GET takes HEAD too.
        self._methods = {method.upper() for method in methods}
        self._make = make
        self._made: APIRoute | None = None

    def made(self) -> APIRoute:
        """The same with all that serving and describing it need."""
        with _MAKING:
            if self._made is None:
                self._made = self._make()
            return self._made

    @cached_property
    def _matching(self) -> Route:
        route = Route(self.path, self._endpoint)
        route.methods = self._methods
        return route

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Nearly all of a hundred are out of the question by how they begin: then not even their pattern is needed."""
        if not scope.get("root_path") and not self._begins(scope["path"]):
            return Match.NONE, {}
        match, child_scope = self._matching.matches(scope)
        if match != Match.NONE:
            child_scope["route"] = self
        return match, child_scope

    def _begins(self, path: str) -> bool:
        return path.startswith(self._before) if self._varies else path == self.path

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["method"] not in self._methods:
            raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": ", ".join(self._methods)})
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
