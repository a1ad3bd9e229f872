"""All recordings sent to one real server in one wild order, twice, through a kill: every call once, as if each came alone."""

import json
import random
from collections.abc import Generator
from typing import Any

import pytest
from corpus import recording
from e2e.posting import Request, post_all
from e2e.waiting import wait_until_settled
from server_process import ServerProcess

SINCE = {"from": "2026-11-01T00:00:00Z", "limit": "1000", "include": "restated"}
SEED = 1

Sighting = tuple[str, str, bool, int | None, int | None]
"""Trace, span, whether it owns its tokens, input and output tokens."""


def bodies() -> list[Request]:
    """Every recorded request with spans."""
    return [
        ("traces", request["content_type"], (recording.RECORDINGS / case / request["file"]).read_bytes())
        for case in recording.cases()
        for request in json.loads((recording.RECORDINGS / case / "truth.json").read_text())["requests"]
        if request.get("signal") == "traces" and request.get("file")
    ]


def told(server: ServerProcess) -> set[Sighting]:
    rows: list[dict[str, Any]] = []
    asked = dict(SINCE)
    while True:
        page = server.get("/api/v1/calls", **asked)
        rows += page["data"]
        if page["next_cursor"] is None:
            break
        asked["cursor"] = page["next_cursor"]
    sightings = {
        (row["trace_id"], row["span_id"], row["owner_id"] is None, row["input_tokens"], row["output_tokens"])
        for row in rows
    }
    assert len(sightings) == len(rows)
    return sightings


def expected() -> set[Sighting]:
    """Each case for itself: recordings know nothing of each other."""
    return {
        (
            call.trace_id.hex(),
            call.span_id.hex(),
            call.owner is None,
            call.usage.input_tokens,
            call.usage.output_tokens,
        )
        for case in recording.cases()
        for call in recording.calls(case)
    }


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    server = ServerProcess(tmp_path_factory.mktemp("replay"))
    server.start()
    try:
        yield server
    finally:
        server.kill()


def test_order_repetition_and_a_kill_change_nothing(server: ServerProcess) -> None:
    wild = bodies() * 2
    random.Random(SEED).shuffle(wild)
    middle = len(wild) // 2
    post_all(server, ([request] for request in wild[:middle]))
    server.kill()
    server.start()
    post_all(server, ([request] for request in wild[middle:]))
    wait_until_settled(server)
    found, truth = told(server), expected()
    assert sorted(found - truth) == []
    assert sorted(truth - found) == []
    owners = [sighting for sighting in found if sighting[2]]
    total = server.get("/api/v1/spend", **{"from": SINCE["from"]})["total"]
    assert total["calls"] == len(owners)
    assert total["input_tokens"] == sum(sighting[3] or 0 for sighting in owners)
    assert total["output_tokens"] == sum(sighting[4] or 0 for sighting in owners)
