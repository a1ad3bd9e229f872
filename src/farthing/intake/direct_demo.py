"""A number of calls in; as many made-up ones, as an application would post them, out."""

import random
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

CALLS = 25

_MODELS = (
    ("openai", "gpt-4o-mini"),
    ("openai", "gpt-4o"),
    ("anthropic", "claude-sonnet-4-5"),
    ("anthropic", "claude-haiku-4-5"),
)
_FEATURES = ("checkout.ai_summary", "support.reply", "invoice.extract")


def calls(now: datetime, count: int = CALLS) -> list[dict[str, Any]]:
    """Calls of the last hour, of a few features, users and prompt versions."""
    run = secrets.token_hex(6)
    draw = random.Random(run)  # noqa: S311  nothing depends on it
    return [_call(f"demo_{run}_{number}", draw, now) for number in range(count)]


def _call(name: str, draw: random.Random, now: datetime) -> dict[str, Any]:
    provider, model = draw.choice(_MODELS)
    told, written = draw.randint(200, 4000), draw.randint(40, 800)
    failed = draw.random() < 0.04
    call: dict[str, Any] = {
        "externalRequestId": name,
        "provider": provider,
        "model": model,
        "promptVersion": draw.choice(("v1", "v2")),
        "endpointTag": draw.choice(_FEATURES),
        "latencyMs": draw.randint(300, 4000),
        "status": "error" if failed else "success",
        "userId": f"demo_user_{draw.randint(1, 8)}",
        "tenantId": draw.choice(("acme", "globex")),
        "dataMode": "demo",
        "createdAt": (now.astimezone(UTC) - timedelta(seconds=draw.randint(5, 3600))).isoformat(),
    }
    if failed:
        return call | {"errorCode": "timeout"}
    return call | {"inputTokens": told, "outputTokens": written, "totalTokens": told + written}
