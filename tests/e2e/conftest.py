"""Apps as users write them, each run in a virtual environment that holds the libraries it asks for and nothing else."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from environments import environment_for
from server_process import ServerProcess, plain_environment
from stub_provider import StubProvider

APPS = Path(__file__).parent / "apps"

RunApp = Callable[..., str]


@pytest.fixture
def run_app(server: ServerProcess, provider: StubProvider) -> RunApp:
    """`run_app(name, wrapper)` runs `apps/<name>/app.py` against the stub provider, its telemetry going to the server."""

    def run(name: str, *wrapper: str) -> str:
        programs = environment_for(APPS / name) / "bin"
        done = subprocess.run(
            [*(programs / part for part in wrapper), programs / "python", "app.py"],
            cwd=APPS / name,
            env=app_environment(server, provider),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def app_environment(server: ServerProcess, provider: StubProvider) -> dict[str, str]:
    """The lines a user pastes, and the stub instead of the providers."""
    return {
        **plain_environment(),
        "OTEL_SERVICE_NAME": "shop",
        "OTEL_EXPORTER_OTLP_ENDPOINT": server.url,
        "OTEL_EXPORTER_OTLP_HEADERS": f"Authorization=Bearer%20{server.key}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OPENAI_API_KEY": "sk-stub",
        "OPENAI_BASE_URL": provider.url + "/v1",
        "ANTHROPIC_API_KEY": "sk-stub",
        "ANTHROPIC_BASE_URL": provider.url,
    }
