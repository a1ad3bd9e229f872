"""How taking in goes and for how long content is kept, asked of a server that has kept some calls and refused a span and a request."""

import httpx
from api.conftest import CALLS
from server_process import ServerProcess


def test_it_tells_what_was_kept_and_the_room_taken(filled: ServerProcess) -> None:
    found = filled.get("/api/v1/ingest/health")
    assert found["spans_kept"] == CALLS
    assert found["rows_settled"] >= CALLS
    assert found["pending_spans"] == 0
    assert found["commit_ms"] > 0
    sizes = {one["table"]: one for one in found["tables"]}
    assert sizes["spans"]["rows"] == CALLS
    assert found["bytes"] == sum(one["bytes"] for one in found["tables"]) > 0
    assert found["free_bytes"] > 0


def test_what_is_refused_is_told_with_its_reason(filled: ServerProcess) -> None:
    wrong = httpx.post(
        f"{filled.url}/v1/traces",
        content=b'{"resourceSpans": [',
        headers=filled.headers | {"Content-Type": "application/json"},
    )
    assert wrong.status_code == 400
    refused = filled.get("/api/v1/ingest/health")["refused"]
    assert [one["what"] for one in refused] == ["requests"]
    assert refused[0]["count"] == 1


def test_how_long_content_is_kept_is_told(filled: ServerProcess) -> None:
    assert filled.get("/api/v1/retention") == {"content_days": 90}
