"""Farthing as a system under test: one process, as `farthing up` starts it from this environment."""

import importlib.metadata
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import msgspec
from rich.console import Console

from benchmarks.process import HOST, Server, free_port, get

_KEY = "fk_benchmark_0123456789abcdef0123456789abcdef"
_FOLDER = "farthing-data"


class _Total(msgspec.Struct):
    calls: int


class _Spend(msgspec.Struct):
    total: _Total


class Farthing:
    """Counted as calls in `/api/v1/spend`: received, understood, priced and summed, not merely stored."""

    name = "Farthing"
    health = "/readyz"
    notes = ("counted as calls in GET /api/v1/spend, that is after normalisation and pricing",)

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        """`settings` are variables besides its defaults."""
        self._settings = settings or {}

    @property
    def version(self) -> str:
        """The version of the package in this environment."""
        return importlib.metadata.version("farthing")

    @property
    def headers(self) -> dict[str, str]:
        """The key of the default project."""
        return {"Authorization": f"Bearer {_KEY}"}

    def prepare(self, console: Console) -> None:
        """Nothing to install."""

    def start(self, data: Path) -> Server:
        """`farthing up`, without the extra listeners."""
        port = free_port()
        command = [str(Path(sys.executable).with_name("farthing")), "up", "--host", HOST, "--port", str(port)]
        env = {"FARTHING_INIT_KEY": _KEY, "FARTHING_OTLP_PORT": "0", "FARTHING_GRPC_PORT": "0"}
        return Server([*command, "--data", str(data / _FOLDER)], {**env, **self._settings}, data, port)

    @staticmethod
    def telemetry(data: Path) -> Path:
        """The engine's folder within what `start` was given."""
        return data / _FOLDER / "telemetry"

    def count(self, server: Server) -> int:
        """All calls of the last day, by the same question that the overview page asks."""
        now = datetime.now(UTC)
        span = {"from": (now - timedelta(days=1)).isoformat(), "to": (now + timedelta(hours=1)).isoformat()}
        answer = get(server.port, f"/api/v1/spend?{urlencode(span)}", self.headers)
        return msgspec.json.decode(answer, type=_Spend).total.calls
