"""Events in; sent to a server in batches of a bearable size, and which of them it refused and why, out."""

import json
from collections.abc import Iterator, Mapping, Sequence

from farthing.cli.importing.peer import DeclinedError, Json, Peer
from farthing.cli.importing.record import Reading

MOST_BYTES = 4 << 20
MOST_EVENTS = 500


def send(target: Peer, reading: Reading, events: Sequence[Json]) -> None:
    """Have events kept; each is counted as taken or as refused. Raises `RefusedError`."""
    names = {one["id"]: str(one["body"].get("id")) for one in events}
    for batch in _batches(events):
        _deliver(target, reading, batch, names)


def _deliver(target: Peer, reading: Reading, batch: Sequence[Json], names: Mapping[str, str]) -> None:
    try:
        answer: Json = target.post("/ingestion", {"batch": batch})
    except DeclinedError as error:
        if error.is_too_large and len(batch) > 1:
            half = len(batch) // 2
            _deliver(target, reading, batch[:half], names)
            _deliver(target, reading, batch[half:], names)
            return
        for one in batch:
            reading.refuse(names[one["id"]], str(error))
        return
    errors: list[Json] = answer.get("errors") or []
    for one in errors:
        reading.refuse(names.get(str(one.get("id")), "?"), str(one.get("message")))
    reading.taken += len(batch) - len(errors)


def _batches(events: Sequence[Json]) -> Iterator[list[Json]]:
    batch: list[Json] = []
    size = 0
    for event in events:
        bytes_ = len(json.dumps(event))
        if batch and (len(batch) == MOST_EVENTS or size + bytes_ > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += bytes_
    if batch:
        yield batch
