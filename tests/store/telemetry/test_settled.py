"""Spans in the order in which they were kept, in batches that end early where spans are huge."""

from farthing.model.span import Resource, Scope, Span
from farthing.store.telemetry import settled, span_rows
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.settled import Position


def kept(engine: Engine, commit: int, sizes: list[int]) -> None:
    spans = [
        Span(
            trace_id=(commit * 100 + number).to_bytes(16, "big"),
            span_id=bytes(7) + b"1",
            parent_span_id=b"",
            name=f"{commit}.{number}",
            kind=3,
            status=0,
            status_message="",
            start_ns=1_790_000_000 * 10**9 - number,
            end_ns=1_790_000_000 * 10**9,
            attributes={"text": "x" * size},
            resource=Resource({}),
            scope=Scope("", ""),
        )
        for number, size in enumerate(sizes)
    ]
    engine.insert("spans", span_rows.numbered([span_rows.table("p", spans)], "commit", commit))


def names(engine: Engine, position: Position, most: int, most_bytes: int, until: int = 9) -> list[str]:
    return [one.span.name for one in settled.after(engine, position, until, most, most_bytes)]


def test_batches_follow_each_other_and_hold_no_more_than_asked(telemetry_engine: Engine) -> None:
    kept(telemetry_engine, 1, [10, 10, 5_000])
    kept(telemetry_engine, 2, [3_000, 3_000, 10])
    everything = ["1.2", "1.1", "1.0", "2.2", "2.1", "2.0"]
    assert names(telemetry_engine, Position(), 512, 1 << 20) == everything
    assert names(telemetry_engine, Position(), 512, 1 << 20, until=1) == everything[:3]
    assert names(telemetry_engine, Position(), 2, 1 << 20) == everything[:2]
    # The first is always there, however large, and so is the one that makes it too much.
    assert names(telemetry_engine, Position(), 512, 100) == everything[:1]
    found: list[str] = []
    position = Position()
    while batch := settled.after(telemetry_engine, position, 9, 512, 4_000):
        found += [one.span.name for one in batch]
        position = batch[-1].position
        assert sum(one.size for one in batch[:-1]) <= 4_000
    assert found == everything
