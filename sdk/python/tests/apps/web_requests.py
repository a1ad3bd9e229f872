"""FastAPI, Starlette, Django (sync and async) and Flask, each with one route that makes calls; headers and logs are printed as JSON."""

import asyncio
import json
import logging
import sys
import threading

import farthing_sdk
from farthing_sdk.middleware import asgi, current_sum
from farthing_sdk.middleware.logs import LogFields

farthing_sdk.init(raise_errors=True, flush_interval=5.0)
got = {}
summed = {}
log_done = threading.Event()


def logged(name):
    def log(request, known):
        summed[name] = [known.calls, known.cost]

    return log


def call(model="gpt-4o-mini"):
    if model == "gpt-4o-mini":
        # As a wrapped client does it.
        record = farthing_sdk.Record(provider="openai", model=model, input_tokens=1, output_tokens=1)
        farthing_sdk.current().submit(record)
        return
    farthing_sdk.track(provider="openai", model=model, input_tokens=1, output_tokens=1)


async def ask(app, path):
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    await app(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return [sent[0]["status"], headers.get("x-llm-cost"), headers.get("x-llm-calls")]


def fastapi_app():
    import fastapi

    app = fastapi.FastAPI()
    app.add_middleware(
        asgi.FarthingMiddleware, header=True, wait=5.0, log=logged("fastapi"), attribute=lambda scope: {"team": "web"}
    )

    @app.get("/tickets/{id}")
    async def two(id: int):
        call()
        await asyncio.to_thread(call)
        return {}

    @app.get("/sync/{id}")
    def sync(id: int):
        call()
        record = logging.LogRecord("x", 20, "x", 1, "x", None, None)
        LogFields().filter(record)
        got["log_record"] = [record.llm_calls, record.llm_cost]
        return {}

    @app.get("/unpriced")
    async def unpriced():
        call()
        call("nobody-knows-this")
        return {}

    @app.get("/none")
    async def none():
        return {}

    @app.get("/named")
    async def named():
        with farthing_sdk.context(feature="named"):
            call()
        return {}

    return app


async def asgi_requests():
    app = fastapi_app()
    for path in ("/tickets/7", "/sync/8", "/unpriced", "/none", "/named"):
        got["fastapi" + path] = await ask(app, path)
    got["concurrent"] = await asyncio.gather(*(ask(app, f"/tickets/{at}") for at in range(10)))
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    async def page(request):
        call()
        return PlainTextResponse("")

    starlette = Starlette(routes=[Route("/plain/{id}", page)])
    got["starlette"] = await ask(asgi.FarthingMiddleware(starlette), "/plain/1")
    slow = asgi.FarthingMiddleware(starlette, header=True, wait=0.0)
    got["no_time"] = await ask(slow, "/plain/1")


asyncio.run(asgi_requests())

import flask

from farthing_sdk.middleware.flask import init_app

app = flask.Flask("shop")
init_app(
    app, header=True, wait=5.0, log=logged("flask"), attribute=lambda request: {"user_id": request.args.get("user")}
)


@app.get("/items/<int:id>")
def item(id):
    call()
    return ""


answer = app.test_client().get("/items/5?user=u1")
got["flask"] = [answer.status_code, answer.headers.get("X-LLM-Cost"), answer.headers.get("X-LLM-Calls")]

import django
from django.conf import settings
from django.http import HttpResponse
from django.urls import path

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="x",
    MIDDLEWARE=["farthing_sdk.middleware.django.FarthingMiddleware"],
    FARTHING={"header": True, "wait": 5.0, "log": logged("django")},
)


def page(request, id):
    call()
    return HttpResponse("")


async def async_page(request, id):
    call()
    return HttpResponse("")


urlpatterns = [path("pages/<int:id>", page), path("async/<int:id>", async_page)]
django.setup()
from django.test import AsyncClient, Client

answer = Client().get("/pages/1")
got["django"] = [answer.status_code, answer.headers.get("X-LLM-Cost"), answer.headers.get("X-LLM-Calls")]


async def ask_django():
    answer = await AsyncClient().get("/async/1")
    return [answer.status_code, answer.headers.get("X-LLM-Cost"), answer.headers.get("X-LLM-Calls")]


got["django_async"] = asyncio.run(ask_django())
assert current_sum() is None

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from farthing_sdk.otel import configure_otel

provider = configure_otel("http://127.0.0.1:9", "fk_x", provider=TracerProvider(shutdown_on_exit=False))
with farthing_sdk.context(feature="reply", user_id="u1", metadata={"plan": "pro"}):
    with provider.get_tracer("x").start_as_current_span("s", attributes={"user.id": "own"}) as span:
        got["span"] = dict(span.attributes)
        call()
        got["traceparent"] = format(span.get_span_context().trace_id, "032x")

assert farthing_sdk.flush(20)
print(json.dumps({"got": got, "summed": summed}))
sys.stdout.flush()
import os

os._exit(0)
