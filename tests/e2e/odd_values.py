"""A random generator in; values that no well-behaved exporter sends out."""

import math
import random
from typing import Any

_TEXTS = (
    "", " ", "\0", "0", "-1", "NaN", "Infinity", "1e999", "true", "null", "[]", '{"a":', "caf\u00e9", "\u202e\u200b",
    "\U0001f4b8" * 50, "x" * 5_000, "a,b=c;d'e\"f\\g%s{0}", "../../etc/passwd", "'; DROP TABLE spans; --",
)  # fmt: skip
_NUMBERS = (0, 1, -1, 255, 2**31, 2**53 + 1, 2**63 - 1, -(2**63))
_DOUBLES = (0.5, -0.0, 1e308, 5e-324, math.nan, math.inf, -math.inf)

NAMES = (
    "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.system", "gen_ai.request.model", "gen_ai.response.model",
    "gen_ai.response.id", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens",
    "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cost",
    "gen_ai.usage.reasoning.output_tokens", "gen_ai.request.stream", "gen_ai.response.finish_reasons",
    "gen_ai.latency.ttft_ms", "gen_ai.latency.duration_ms", "gen_ai.server.time_to_first_token", "error.type",
    "openai.response.service_tier", "user_id", "session.id", "team", "tenant", "environment", "prompt_version",
    "metadata", "externalRequestId", "gen_ai.input.messages", "authorization", "note", "",
)  # fmt: skip
"""Attributes that mean something here, and some that mean nothing."""


def text(chance: random.Random) -> str:
    """A text with something strange about it, or just text."""
    return (
        chance.choice(_TEXTS) if chance.random() < 0.8 else "".join(chr(chance.randrange(1, 0xD7FF)) for _ in "12345")
    )


def number(chance: random.Random) -> int:
    """A whole number of up to 64 bits, most likely at an edge."""
    return chance.choice(_NUMBERS) if chance.random() < 0.7 else chance.randrange(-(2**63), 2**63)


def double(chance: random.Random) -> float:
    """A double, most likely at an edge."""
    return chance.choice(_DOUBLES) if chance.random() < 0.7 else chance.uniform(-1e12, 1e12)


def name(chance: random.Random) -> str:
    """An attribute's key."""
    return chance.choice(NAMES) if chance.random() < 0.9 else text(chance)


def flipped(chance: random.Random, body: bytes) -> bytes:
    """The same bytes with a few of them changed, doubled, missing or cut off."""
    changed = bytearray(body)
    for _ in range(chance.choice((1, 1, 2, 8))):
        if not changed:
            break
        at = chance.randrange(len(changed))
        match chance.randrange(5):
            case 0:
                changed[at] = chance.randrange(256)
            case 1:
                changed[at] ^= 1 << chance.randrange(8)
            case 2:
                del changed[at : at + chance.choice((1, 2, 30))]
            case 3:
                changed[at:at] = changed[at : at + chance.choice((1, 8, 100))]
            case _:
                del changed[at:]
    return bytes(changed)


def nested(chance: random.Random, depth: int) -> Any:
    """A value that holds values, as JSON would write it."""
    found: Any = chance.choice((None, True, number(chance), text(chance)))
    for _ in range(depth):
        found = [found] if chance.random() < 0.5 else {text(chance): found}
    return found
