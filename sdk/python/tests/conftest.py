"""Parts that tests of the SDK ask for by name: a scripted server, clients of it, and the real server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

import pytest
from stub_farthing import StubFarthing

import farthing_sdk
from farthing_sdk import _trouble

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from server_process import ServerProcess

MakeClient = Callable[..., farthing_sdk.Client]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """No client and no trouble of another test, and nothing of the environment we run in."""
    for name in ("ENDPOINT", "API_KEY", "ENVIRONMENT", "DATA_MODE", "TEAM", "SPOOL", "SDK_DISABLED", "GUARD"):
        monkeypatch.delenv(f"FARTHING_{name}", raising=False)
    _trouble.forget_all()
    yield
    farthing_sdk.shutdown(0.0)


@pytest.fixture
def stub() -> Generator[StubFarthing]:
    """A server that answers as a test has it answer."""
    with StubFarthing() as running:
        yield running


@pytest.fixture
def init(stub: StubFarthing) -> MakeClient:
    """`init(…)`, telling the stub, and not waiting long for anything."""

    def make(**options: object) -> farthing_sdk.Client:
        chosen: dict[str, Any] = {"flush_interval": 0.01, "max_backoff": 0.02, "timeout": 5.0, **options}
        return farthing_sdk.init(stub.url, "fk_test", **chosen)

    return make


@pytest.fixture
def server(tmp_path: Path) -> Generator[ServerProcess]:
    """The real server with an empty data folder of its own."""
    # The SDK runs on older Pythons than the server, and its other tests do as well.
    from server_process import ServerProcess  # noqa: PLC0415

    running = ServerProcess(tmp_path)
    running.start()
    yield running
    running.kill()
