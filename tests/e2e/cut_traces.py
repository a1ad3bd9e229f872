"""A seed in; endless traces out, cut into batches so that what a call inherits often comes in another one."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from e2e import wire
from opentelemetry.proto.trace.v1.trace_pb2 import Span

TRACES_AT_ONCE = 8
BATCHES_OF_THESE = 4
CALLS_OF_TRACE = 5

_HOUR_NS = 3600 * 10**9
_DAY_NS = 24 * _HOUR_NS


@dataclass(frozen=True)
class SentCall:
    """What must be known of a call in the end. `needs` are the ids of the spans it inherits from."""

    id: str
    user: str
    feature: str
    cost: Decimal
    needs: tuple[str, str]


@dataclass(frozen=True)
class Batch:
    """A body to send, with the ids of all its spans and what its calls are."""

    body: bytes
    spans: frozenset[str]
    calls: tuple[SentCall, ...]


def batches(seed: int, now_ns: int) -> Iterator[list[Batch]]:
    """Some whole traces at once, their spans shuffled, in a few batches; and so on."""
    chance = random.Random(seed)
    while True:
        spans = [part for _ in range(TRACES_AT_ONCE) for part in _trace(chance, now_ns)]
        chance.shuffle(spans)
        yield [_batch(spans[number::BATCHES_OF_THESE]) for number in range(BATCHES_OF_THESE)]


def _batch(part: list[tuple[Span, SentCall | None]]) -> Batch:
    return Batch(
        wire.request(span for span, _ in part).SerializeToString(),
        frozenset(_id(span) for span, _ in part),
        tuple(call for _, call in part if call),
    )


def _trace(chance: random.Random, now_ns: int) -> list[tuple[Span, SentCall | None]]:
    """A root that knows the user, a step that knows the feature, and the calls below it, which know neither."""
    trace_id = chance.randbytes(16)
    root_id, step_id = chance.randbytes(8), chance.randbytes(8)
    user, feature = f"user-{chance.randrange(40)}", f"feature-{chance.randrange(6)}"
    # Some are a month old, so that one commit writes to more than one partition.
    age = 40 * _DAY_NS if chance.random() < 0.2 else chance.randrange(_HOUR_NS, 20 * _HOUR_NS)
    start = now_ns - age
    root = wire.span(trace_id, root_id, start, {"user_id": user})
    step = wire.span(trace_id, step_id, start + 1_000, {"feature": feature}, parent=root_id)
    found: list[tuple[Span, SentCall | None]] = [(root, None), (step, None)]
    for number in range(CALLS_OF_TRACE):
        tokens = chance.randrange(1, 10_000), chance.randrange(1, 2_000)
        at = start + 2_000 + number * 1_000_003
        span = wire.span(trace_id, chance.randbytes(8), at, wire.chat(*tokens), parent=step_id)
        found.append((span, SentCall(_id(span), user, feature, wire.cost(*tokens), (_id(root), _id(step)))))
    return found


def _id(span: Span) -> str:
    return f"{span.trace_id.hex()}-{span.span_id.hex()}"
