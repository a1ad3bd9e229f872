"""A folder and a number of calls in; a Farthing server that serves its UI over that many demo calls out."""

import json
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

from rich.console import Console

from benchmarks.process import HOST, Server, free_port, get

KEY = "fk_uibench_0123456789abcdef0123456789abcdef"
PASSWORD = "correct horse battery"
HEADERS = {"Authorization": f"Bearer {KEY}"}
FILLED = "demo-filled"
"""What `farthing demo` leaves in a folder that it has filled."""

_LONGEST_FILL_S = 7_200
_ENVIRONMENT = {
    "FARTHING_INIT_KEY": KEY,
    "FARTHING_INIT_ADMIN_PASSWORD": PASSWORD,
    "FARTHING_OTLP_PORT": "0",
    "FARTHING_GRPC_PORT": "0",
}


def _start(command: list[str], folder: Path, env: dict[str, str]) -> Server:
    port = free_port()
    program = str(Path(sys.executable).with_name("farthing"))
    folder.mkdir(parents=True, exist_ok=True)
    where = ["--host", HOST, "--port", str(port), "--data", str(folder / "data")]
    server = Server([program, *command, *where], {**_ENVIRONMENT, **env}, folder, port)
    server.wait_healthy("/readyz")
    return server


def demo(folder: Path, calls: int, console: Console) -> Server:
    """A server over `calls` calls of the demo, all of them kept and summed; a folder filled before is not filled again."""
    server = _start(["demo", "--calls", str(calls)], folder, {})
    mark = folder / "data" / FILLED
    until = time.monotonic() + _LONGEST_FILL_S
    with console.status(f"{calls:,} demo calls: filling"):
        while not mark.exists():
            if time.monotonic() > until:
                server.kill()
                msg = f"the demo did not end within {_LONGEST_FILL_S} s:\n{server.log_tail()}"
                raise TimeoutError(msg)
            time.sleep(0.5)
    return server


def empty(folder: Path) -> Server:
    """A server that holds nothing yet."""
    return _start(["up"], folder, {})


def over(telemetry: Path, project: str, scratch: Path) -> Server:
    """A server over a telemetry folder filled by `benchmarks.query`; its project gets a name so that it can be looked at."""
    server = _start(["up"], scratch, {"FARTHING_TELEMETRY_URL": f"chdb://{telemetry.resolve()}"})
    wanted = json.dumps({"id": project, "name": "Benchmark"}).encode()
    get(server.port, "/api/v1/projects", {**HEADERS, "Content-Type": "application/json"}, wanted)
    return server


def ask(server: Server, path: str, **parameters: str) -> bytes:
    """The API's answer."""
    query = f"?{urlencode(parameters)}" if parameters else ""
    return get(server.port, path + query, HEADERS)
