"""The gateway in front of a provider, used by the real `openai` and `anthropic`: nothing is noticed, and all is in the ledger."""

import json
import os
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
import stub_provider.anthropic
import stub_provider.openai
import test_wrapped_clients
from e2e.waiting import until
from server_process import ServerProcess
from stub_provider import StubProvider
from stub_provider.server import REFUSE

SAID = [{"role": "user", "content": "How is the café?"}]
APP = Path(test_wrapped_clients.__file__).parent / "apps" / "every_kind.py"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Generator[StubProvider]:
    """A provider that gives the same ids each time, so that answers can be compared to the last byte."""
    for dialect in (stub_provider.openai, stub_provider.anthropic):
        monkeypatch.setattr(dialect, "_id", lambda prefix: f"{prefix}{'0' * 24}")
    with StubProvider() as running:
        yield running


@pytest.fixture
def gateway(tmp_path: Path, provider: StubProvider) -> Generator[ServerProcess]:
    """A server whose default accounts are with that provider."""
    running = ServerProcess(tmp_path, accounts_with(provider))
    running.start()
    yield running
    running.kill()


def accounts_with(provider: StubProvider) -> dict[str, str]:
    """The variables that make them."""
    return {
        "OPENAI_API_KEY": "sk-stub",
        "FARTHING_OPENAI_BASE_URL": f"{provider.url}/v1",
        "ANTHROPIC_API_KEY": "sk-stub",
        "FARTHING_ANTHROPIC_BASE_URL": provider.url,
    }


def every_kind(release: str, openai: str, anthropic: str, key: str) -> dict[str, Any]:
    """What an application gets of every kind of call."""
    done = subprocess.run(
        [test_wrapped_clients.environment_for(release) / "bin" / "python", APP, "plain"],
        env={
            "PATH": os.environ["PATH"],
            "OPENAI_API_KEY": key,
            "OPENAI_BASE_URL": openai,
            "ANTHROPIC_API_KEY": key,
            "ANTHROPIC_BASE_URL": anthropic,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def kept(server: ServerProcess, number: int) -> list[dict[str, Any]]:
    """The calls of the ledger, once there are so many."""
    found: list[dict[str, Any]] = []

    def enough() -> bool:
        found[:] = server.get("/api/v1/calls", limit="200")["data"]
        return len(found) >= number

    until(enough, 30)
    return found


def chat(server: ServerProcess, **more: Any) -> httpx.Response:
    """One call."""
    body = {"model": "gpt-4o-mini", "messages": SAID, **more}
    return httpx.post(f"{server.url}/v1/chat/completions", json=body, headers=server.headers, timeout=30)


@pytest.mark.parametrize("release", ["openai_1_109", "openai_3"])
def test_nothing_is_noticed(release: str, provider: StubProvider, gateway: ServerProcess) -> None:
    direct = every_kind(release, provider.url + "/v1", provider.url, "sk-stub")
    base = f"{gateway.url}/api/genai"
    through = every_kind(release, f"{base}/v1", base, gateway.key)
    assert through == direct
