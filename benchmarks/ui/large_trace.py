"""A number of spans in; OTLP bodies of one trace, an agent that plans, searches, calls tools and models, out."""

import json
import random
import time
from collections.abc import Iterator
from typing import Any

_MODELS = ("gpt-4o-mini", "gpt-4o", "claude-sonnet-4-5", "gemini-2.5-flash")
_TOOLS = ("web.search", "db.query", "files.read", "calendar.find", "mail.draft")
_BATCH = 1_000
_STEP_NS = 4_000_000
_DEEPEST, _OPENING, _ENDING = 14, 0.3, 0.05
"""How deep it goes, and how readily spans hold others and end."""
_CALLS, _TOOLING, _FAILING = 0.3, 0.55, 0.02
"""Shares: model calls, those and tools, what fails."""


def trace_id(spans: int) -> str:
    """The trace of that size: always the same one."""
    return f"7a11{spans:028x}"


def bodies(spans: int) -> Iterator[bytes]:
    """Requests of up to a thousand spans; three in ten spans are calls, one in fifty fails."""
    rng = random.Random(spans)
    start = (int(time.time()) - 3_600) * 10**9
    above: list[int] = []
    made: list[dict[str, Any]] = []
    for number in range(spans):
        while len(above) > 1 and rng.random() < _ENDING * len(above):
            above.pop()
        made.append(_span(rng, spans, number, above[-1] if above else None, start))
        if len(above) < _DEEPEST and (not above or rng.random() < _OPENING):
            above.append(number)
    made[0]["endTimeUnixNano"] = str(start + (spans + 50) * _STEP_NS)
    for first in range(0, spans, _BATCH):
        part = {"scope": {"name": "benchmark.agent"}, "spans": made[first : first + _BATCH]}
        yield json.dumps({"resourceSpans": [{"scopeSpans": [part]}]}).encode()


def _span(rng: random.Random, spans: int, number: int, above: int | None, start: int) -> dict[str, Any]:
    kind = rng.random()
    name, told = ("agent.run", {"gen_ai.operation.name": "invoke_agent"}) if above is None else _told(rng, kind, number)
    begins = start + number * _STEP_NS
    failed = number > 0 and rng.random() < _FAILING
    return {
        "traceId": trace_id(spans),
        "spanId": f"{number + 1:016x}",
        **({} if above is None else {"parentSpanId": f"{above + 1:016x}"}),
        "name": name,
        "startTimeUnixNano": str(begins),
        "endTimeUnixNano": str(begins + rng.randrange(1, 40) * _STEP_NS),
        "status": {"code": 2} if failed else {},
        "attributes": [{"key": key, "value": _value(value)} for key, value in told.items()],
    }


def _told(rng: random.Random, kind: float, number: int) -> tuple[str, dict[str, str | int]]:
    if kind < _CALLS:
        model = rng.choice(_MODELS)
        return f"chat {model}", {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": model,
            "gen_ai.response.model": model,
            "gen_ai.response.id": f"large-{number}",
            "gen_ai.usage.input_tokens": rng.randrange(100, 9_000),
            "gen_ai.usage.output_tokens": rng.randrange(5, 900),
            "feature": "research",
        }
    if kind < _TOOLING:
        tool = rng.choice(_TOOLS)
        return f"execute_tool {tool}", {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": tool}
    return rng.choice(("plan", "rerank", "http.request", "parse", "step")), {"step": number}


def _value(of: str | int) -> dict[str, str]:
    return {"intValue": str(of)} if isinstance(of, int) else {"stringValue": of}
