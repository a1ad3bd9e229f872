"""GET requests for how long content is kept in; the days that the server was started with, out. Scope admin."""

from fastapi import Depends
from pydantic import Field

from farthing.api.identity import Guard
from farthing.api.model import Model
from farthing.api.problems import documented
from farthing.api.routes import Routes


class Retained(Model):
    """Of the whole server, not of one project. Spans, calls and their cost are kept for ever."""

    content_days: int = Field(
        description="Days that content (prompts, answers, arguments) is kept, for keys that keep it: FARTHING_CONTENT_DAYS."
    )


def router(content_days: int, guard: Guard) -> Routes:
    """The route; `guard` lets in those with the scope admin."""
    routes = Routes(prefix="/api/v1", tags=["keys"], dependencies=[Depends(guard)], responses=documented(401, 403))

    @routes.get("/retention", summary="How long content is kept")
    def told() -> Retained:
        return Retained(content_days=content_days)

    return routes
