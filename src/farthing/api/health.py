"""Probes in; whether the process lives, whether its stores answer, and its own counters out. No key is asked for."""

from collections.abc import Callable, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from farthing import __version__, vitals
from farthing.api.routes import Routes
from farthing.errors import FarthingError

FRONT = """Farthing {version} is running. This build has no web UI.

  send      POST /v1/traces (OTLP/HTTP, protobuf or JSON) with the header X-API-Key: fk_...
  ask       GET  /api/v1/spend?by=model      GET /api/v1/calls      GET /api/v1/traces
            farthing spend --by model        farthing tail
  described /openapi.json
"""
"""Nobody comes this far where a UI is built: it stands at the same address."""


def router(checks: Mapping[str, Callable[[], None]], usage: Callable[[], str]) -> Routes:
    """The routes. Each check raises a `FarthingError` when its store doesn't answer; `usage` is what calls add up to."""
    routes = Routes(tags=["health"])

    @routes.get("/", include_in_schema=False)
    def front() -> Response:
        return PlainTextResponse(FRONT.format(version=__version__))

    @routes.get("/healthz", summary="Whether the process lives")
    def healthz() -> dict[str, str]:
        return {"status": "ok", "version": __version__}

    @routes.get("/readyz", summary="Whether the stores answer", response_model=None)
    def readyz() -> Response:
        found = {name: _problem(check) for name, check in checks.items()}
        ready = not any(found.values())
        body = {"status": "ready" if ready else "not ready", "checks": {n: p or "ok" for n, p in found.items()}}
        return JSONResponse(body, 200 if ready else 503)

    @routes.get("/metrics", summary="Counters for Prometheus", response_class=PlainTextResponse)
    def metrics() -> Response:
        try:
            told = usage()
        except FarthingError as error:
            # Our own counters matter most when a store is out of order.
            told = f"# usage can't be told: {error}\n".replace("\n", " ").rstrip() + "\n"
        return Response(generate_latest(vitals.REGISTRY) + told.encode(), media_type=CONTENT_TYPE_LATEST)

    return routes


def _problem(check: Callable[[], None]) -> str:
    try:
        check()
    except FarthingError as error:
        return str(error)
    return ""
