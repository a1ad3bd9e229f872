"""GET requests for metrics in; their series, always of the key's own project, out."""

import time

import msgspec
from fastapi import Depends, Request
from starlette.responses import Response

from farthing.api import schemas
from farthing.api.identity import Guard, project_of
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.query import signals
from farthing.store.telemetry.engine import Engine

_ASKED = {
    "name": "A metric's name; without one all names are listed.",
    "limit": "How many of the latest points, 1 to 10,000; 1,000 by default.",
    "from": "RFC 3339, Unix seconds, or relative: now-24h (the default), 7d.",
    "to": "Likewise; now by default. Not included.",
    "tz": "IANA time zone of times without an offset; UTC by default.",
}
_PARAMETERS = [
    {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
    for name, text in _ASKED.items()
]


def router(engine: Engine, guard: Guard) -> Routes:
    """The routes; `guard` lets in keys with the scope read."""
    routes = Routes(
        prefix="/api/v1", tags=["signals"], dependencies=[Depends(guard)], responses=documented(400, 401, 403, 503)
    )

    @routes.get(
        "/metrics",
        summary="Metrics as received: their names, or one metric's series",
        description="Metrics restate what spans tell. They are kept for comparison and never added to spend.",
        response_model=None,
        responses={200: {"model": schemas.MetricNames | schemas.Metric}},
        openapi_extra={"parameters": _PARAMETERS},
    )
    def metrics(request: Request) -> Response:
        asked = request.query_params.multi_items()
        answer = signals.metrics(engine, project_of(request), asked, time.time_ns())
        return Response(msgspec.json.encode(answer), media_type="application/json")

    return routes
