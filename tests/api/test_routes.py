"""Routes declared both ways in; the same answers and the same document out, and nothing made that nobody asked for."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any
from unittest.mock import ANY

import httpx
from fastapi import APIRouter, Depends, FastAPI, Query, Request
from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema

from farthing.api import problems
from farthing.api.problems import documented
from farthing.api.routes import Application, Routes
from farthing.errors import ForbiddenError

_SHARED: dict[str, Any] = {"prefix": "/things", "tags": ["things"], "responses": documented(403, 422)}


class Thing(BaseModel):
    """What is taken and answered."""

    name: str
    size: int = 1


def _guard(request: Request) -> None:
    if "x-not-me" in request.headers:
        msg = "Not you."
        raise ForbiddenError(msg)


def _declare(routes: APIRouter) -> None:
    @routes.get("", summary="List them")
    def listing(most: Annotated[int, Query(ge=1)] = 2) -> list[Thing]:
        return [Thing(name=str(number)) for number in range(most)]

    @routes.post("", summary="Make one", status_code=201)
    async def make(thing: Thing) -> Thing:
        return thing

    @routes.get("/{name}/size", response_model=None, include_in_schema=False)
    def size(name: str) -> dict[str, int]:
        return {"size": len(name)}

    @routes.delete("/{name}", status_code=204, responses=documented(404))
    def remove(name: str) -> None:
        """Do without one."""


def _ours() -> Application:
    web = Application("Things", "1", "About things.")
    routes = Routes(**_SHARED, dependencies=[Depends(_guard)])
    _declare(routes)
    web.include_router(routes)
    problems.install(web)
    return web


def _plain() -> FastAPI:
    web = FastAPI(title="Things", version="1", description="About things.", redirect_slashes=False)
    routes = APIRouter(**_SHARED, dependencies=[Depends(_guard)])
    _declare(routes)
    web.include_router(routes)
    problems.install(web)
    return web


Asked = tuple[str, str, dict[str, Any]]


def _asked(web: FastAPI, asked: Sequence[Asked]) -> list[tuple[int, str, str | None]]:
    async def all_of_them() -> list[httpx.Response]:
        transport = httpx.ASGITransport(web)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return [await client.request(method, path, **more) for method, path, more in asked]

    return [(one.status_code, one.text, one.headers.get("allow")) for one in asyncio.run(all_of_them())]


def test_answers_are_the_frameworks() -> None:
    asked: list[Asked] = [
        ("GET", "/things", {}),
        ("GET", "/things?most=0", {}),
        ("GET", "/things", {"headers": {"x-not-me": "1"}}),
        ("GET", "/things/", {}),
        ("HEAD", "/things", {}),
        ("PUT", "/things/a", {}),
        ("POST", "/things", {"json": {"name": "a"}}),
        ("POST", "/things", {"json": {"size": "many"}}),
        ("GET", "/things/four/size", {}),
        ("DELETE", "/things/a", {}),
        ("GET", "/others", {}),
        ("GET", "/openapi.json", {}),
        ("GET", "/docs", {}),
    ]
    ours, plain = _asked(_ours(), asked), _asked(_plain(), asked)
    assert ours[:-1] == plain[:-1]
    assert [status for status, _, _ in ours] == [200, 422, 403, 404, 405, 405, 201, 422, 200, 204, 404, 200, 404]


_made: list[str] = []


class Watched(BaseModel):
    """Knows how often something was made of it, besides itself."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        _made.append(cls.__name__)
        return handler(source)


def _watched() -> Application:
    web, routes = Application("Watched", "1", ""), Routes()

    @routes.get("/watched")
    def look() -> None: ...

    @routes.post("/watched")
    def watch() -> Watched:
        return Watched()

    web.include_router(routes)
    return web


def test_a_route_is_made_only_when_it_is_asked_for() -> None:
    _made.clear()
    web = _watched()
    assert _asked(web, [("GET", "/watched", {}), ("PUT", "/watched", {})]) == [(200, "null", None), (405, ANY, "GET")]
    assert _made == []
    assert _asked(web, [("POST", "/watched", {})]) == [(200, "{}", None)]
    assert _made


def test_a_route_that_many_ask_for_at_once_is_made_once() -> None:
    asked: list[Asked] = [("POST", "/watched", {}), ("GET", "/openapi.json", {})]
    _made.clear()
    alone = _asked(_watched(), asked)
    once = len(_made)
    web = _watched()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(_asked, [web] * 16, [asked] * 16))
    assert answers == [alone] * 16
    assert len(_made) == 2 * once
