"""Events of one span through two doors at once, as two servers have them, on one store: the span has all of them in the end."""

import asyncio
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from farthing.langfuse import events
from farthing.langfuse.keeping import Keeping
from farthing.langfuse.names import span_bytes, trace_bytes
from farthing.langfuse.parts import Parts
from farthing.model.ledger import Cost
from farthing.pipeline import Pipeline
from farthing.prepare import Sender
from farthing.pricing import base
from farthing.pricing.cost import price
from farthing.query import content
from farthing.store.telemetry.engine import Engine


class Marks:
    """A watermark and a rollup that forget what they are told."""

    def read(self) -> int:
        return 0

    def save(self, commit: int) -> None:
        pass

    @contextmanager
    def writing(self, starts_ns: Mapping[str, Iterable[int]]) -> Generator[None]:  # noqa: ARG002  as it is called
        yield


def told(number: int) -> events.Told:
    body = {"id": "o", "traceId": "t", "metadata": {f"k{number}": number, "all": {f"n{number}": True}}}
    event = {"id": f"e{number}", "type": "span-update", "timestamp": "2026-11-20T10:00:00Z", "body": body}
    return events.of_observation(event, body, "2.60.10", lambda _: None)


def test_of_two_servers_the_last_one_to_write_has_seen_all(
    telemetry_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "is_alone", property(lambda _: False))
    catalog = base.load()

    def priced(call: Any, _: Any) -> Cost:
        return price(call, catalog)

    marks = Marks()
    pipeline = Pipeline(telemetry_engine, priced, marks, marks, most_pending=10_000, clock=time.time_ns)
    pipeline.start()
    parts = cast(
        "Parts",
        SimpleNamespace(engine=telemetry_engine, pipeline=pipeline, prices=SimpleNamespace(price=priced)),
    )
    doors = [Keeping(parts), Keeping(parts)]
    sender = Sender("p", "k", keeps_content=True)

    async def all_at_once() -> None:
        await asyncio.gather(*(doors[number % 2].keep(sender, [told(number)]) for number in range(12)))

    asyncio.run(all_at_once())
    assert pipeline.stop(30)
    found = content.of_trace(telemetry_engine, "p", trace_bytes("t").hex())
    wanted = {f"k{number}": number for number in range(12)} | {"all": {f"n{number}": True for number in range(12)}}
    assert msgspec.to_builtins(found[span_bytes("o").hex()].metadata) == wanted
    # The trace was told of by nobody, and is there.
    assert len(found) == 2
