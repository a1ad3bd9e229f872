"""DELETE requests for test and demo data in; what was deleted out."""

from collections.abc import Callable, Iterable
from enum import StrEnum

from fastapi import Depends, Query, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from farthing.access.hygiene import Hygiene
from farthing.access.identity import Identity
from farthing.access.identity import Scope as KeyScope
from farthing.api.identity import Guard
from farthing.api.model import Model
from farthing.api.problems import documented
from farthing.api.routes import Routes


class Extent(StrEnum):
    """Whose data."""

    WORKSPACE = "workspace"
    MINE = "mine"


class WipedShown(Model):
    """What was deleted."""

    ok: bool = True
    dataMode: str  # noqa: N815  the seed's spelling
    scope: Extent
    deleted: int = Field(description="Calls.")


_EXTENT = Query(
    default=Extent.MINE,
    description="mine: what was sent with this key. workspace: of all keys, which needs the scope admin.",
)


Touch = Callable[[str, Iterable[int]], None]


def router(hygiene: Hygiene, sending: Guard, forget: Callable[[], None], touch: Touch) -> Routes:
    """The routes; `sending` lets in keys with the scope ingest. `forget` and `touch` are called when something was deleted."""
    routes = Routes(
        prefix="/v1/ingest",
        tags=["ingest"],
        dependencies=[Depends(sending)],
        responses=documented(400, 401, 403, 422, 503),
    )

    async def wiped(request: Request, mode: str, scope: Extent) -> WipedShown:
        identity: Identity = request.state.identity
        if scope is Extent.WORKSPACE:
            identity.require(KeyScope.ADMIN)
        key_id = identity.key_id if scope is Extent.MINE else ""
        actor = f"key {identity.key_id}"
        done = await run_in_threadpool(hygiene.wipe, identity.project_id, actor, mode, key_id)
        forget()
        # No sum holds what was deleted, but lists did.
        touch(identity.project_id, ())
        return WipedShown(dataMode=mode, scope=scope, deleted=done.calls)

    @routes.delete("/demo-data", summary="Delete demo calls for good")
    async def demo(request: Request, scope: Extent = _EXTENT) -> WipedShown:
        return await wiped(request, "demo", scope)

    @routes.delete("/test-data", summary="Delete test calls for good")
    async def test(request: Request, scope: Extent = _EXTENT) -> WipedShown:
        return await wiped(request, "test", scope)

    return routes
