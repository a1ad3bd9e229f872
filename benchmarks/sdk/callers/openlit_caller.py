"""A sink in; a call of the openai package that answers at once, instrumented by openlit, out."""

import json
from collections.abc import Callable

import httpx
import openai

ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_750_000_000,
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello."}}],
    "usage": {"prompt_tokens": 1200, "completion_tokens": 80, "total_tokens": 1280},
}


def prepare(sink: str) -> tuple[Callable[[], object], Callable[[], object], Callable[[], object]]:
    """The call before it is instrumented, the call instrumented, and how to send what waits."""
    body = json.dumps(ANSWER).encode()

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=body, headers={"Content-Type": "application/json"})

    client = openai.OpenAI(
        api_key="sk-benchmark",
        base_url="http://provider.invalid/v1",
        http_client=httpx.Client(transport=httpx.MockTransport(answer)),
    )

    def ask() -> None:
        client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Hello?"}])

    def instrument_and_ask() -> None:
        _instrument(sink)
        ask()

    return ask, instrument_and_ask, _flush


_done: list[bool] = []


def _instrument(sink: str) -> None:
    """Once, and only after the bare call was timed."""
    if _done:
        return
    _done.append(True)
    import openlit  # noqa: PLC0415

    openlit.init(otlp_endpoint=sink, application_name="benchmark", environment="prod", capture_message_content=False)


def _flush() -> None:
    from opentelemetry import trace  # noqa: PLC0415

    flush = getattr(trace.get_tracer_provider(), "force_flush", None)
    if flush is not None:
        flush()


def remark() -> str:
    """It doesn't tell what became of them."""
    return ""
