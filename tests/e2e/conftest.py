"""Apps as users write them, each run in a virtual environment that holds the libraries it asks for and nothing else."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
from server_process import ServerProcess, plain_environment
from stub_provider import StubProvider

APPS = Path(__file__).parent / "apps"
ENVIRONMENTS = Path(__file__).parents[2] / ".venvs-e2e"

RunApp = Callable[..., str]


@pytest.fixture
def run_app(server: ServerProcess, provider: StubProvider) -> RunApp:
    """`run_app(name, wrapper)` runs `apps/<name>/app.py` against the stub provider, its telemetry going to the server."""

    def run(name: str, *wrapper: str) -> str:
        programs = environment_for(name) / "bin"
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


def environment_for(name: str, apps: Path = APPS, home: Path = ENVIRONMENTS) -> Path:
    """The virtual environment of one app; made once for each content of its requirements.txt."""
    requirements = apps / name / "requirements.txt"
    digest = hashlib.sha256(sys.version.encode() + requirements.read_bytes()).hexdigest()[:12]
    folder = home / f"{name}-{digest}"
    complete = folder / ".complete"
    home.mkdir(parents=True, exist_ok=True)
    with (home / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            for outdated in home.glob(f"{name}-????????????"):
                shutil.rmtree(outdated)
            venv.create(folder, symlinks=True)
            _install(folder / "bin" / "python", requirements)
            complete.touch()
    return folder


def _install(python: Path, requirements: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "-qq"]
    # requirements.txt names everything, so that no release of somebody else's changes what is tested.
    asked = ["install", "--no-deps", "--no-compile", "--requirement", requirements]
    done = subprocess.run([*pip, *asked], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
