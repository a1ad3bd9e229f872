"""Web applications of real frameworks, and spans of real OpenTelemetry: whose calls they are, and what they cost as told."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

from test_real_server import calls
from test_wrapped_clients import HERE, SOURCE, environment_for

if TYPE_CHECKING:
    from server_process import ServerProcess

APPS_AHEAD = [HERE / "apps" / "web"]
"""Made before they are asked for."""


def test_frameworks_on_the_real_server(server: ServerProcess) -> None:
    done = subprocess.run(
        [environment_for("web") / "bin" / "python", HERE / "apps" / "web_requests.py"],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(SOURCE),
            "FARTHING_ENDPOINT": server.url,
            "FARTHING_API_KEY": server.key,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    got, summed = said["got"], said["summed"]
    one = "0.00000075"
    assert got["fastapi/tickets/7"] == [200, "0.0000015", "2"]
    assert got["fastapi/sync/8"] == [200, one, "1"]
    assert got["fastapi/unpriced"] == [200, "unknown", "2"]
    assert got["fastapi/none"] == [200, None, None]
    assert got["fastapi/named"] == [200, one, "1"]
    assert got["concurrent"] == [[200, "0.0000015", "2"]] * 10
    assert got["starlette"] == [200, None, None]
    assert got["no_time"] == [200, "unknown", "1"]
    assert got["flask"] == got["django"] == got["django_async"] == [200, one, "1"]
    assert got["log_record"] == [1, "unknown"]
    assert summed["flask"] == summed["django"] == [1, one]
    assert got["span"] == {"user.id": "own", "feature": "reply", "plan": "pro"}
    told = calls(server, 32)
    assert len(told) == 32
    features = {call["feature"] for call in told}
    assert features == {
        "GET /tickets/{id}",
        "GET /sync/{id}",
        "GET /unpriced",
        "named",
        "GET /plain/{id}",
        "GET /items/<int:id>",
        "GET /pages/<int:id>",
        "GET /async/<int:id>",
        "reply",
    }
    assert {call["team"] for call in told if call["feature"] == "GET /tickets/{id}"} == {"web"}
    assert [call["user_id"] for call in told if call["feature"] == "GET /items/<int:id>"] == ["u1"]
