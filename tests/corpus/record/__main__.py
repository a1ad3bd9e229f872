"""Names of libraries in `libraries.toml` in; what they send for the standard cases, recorded, out.

Run from `tests`: `python -m corpus.record [--into FOLDER] library [library …] [--case NAME …]`.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import msgspec
from corpus.record.receiver import Receiver
from stub_provider import StubProvider

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parents[2] / ".venvs-e2e" / "record"
RECORDINGS = HERE.parent / "recordings"
_LONGEST_RUN = 300


class Library(msgspec.Struct, forbid_unknown_fields=True):
    """How to get one library, at one version, to send something."""

    instrument: str
    """The module of `apps/` that turns the instrumentation on."""
    requires: list[str]
    cases: tuple[str, ...] = ("sdk_openai", "sdk_anthropic")
    """The modules of `apps/` with the small applications."""
    environment: dict[str, str] = {}
    skip: tuple[str, ...] = ()
    keep: tuple[str, ...] = ("traces", "logs")
    """The signals worth recording: metrics restate the spans."""
    python: bool = True


def libraries() -> dict[str, Library]:
    """All that can be recorded."""
    return msgspec.convert(tomllib.loads((HERE / "libraries.toml").read_text()), dict[str, Library])


def main() -> int:
    """Record what was asked for; 1 if an app failed."""
    parser = argparse.ArgumentParser(prog="python -m corpus.record")
    parser.add_argument("library", nargs="+", choices=sorted(libraries()))
    parser.add_argument("--into", type=Path, default=RECORDINGS)
    parser.add_argument("--case", nargs="*", default=[])
    asked = parser.parse_args()
    return max(record(name, libraries()[name], asked.into / name, asked.case) for name in asked.library)


def record(name: str, library: Library, folder: Path, only: list[str]) -> int:
    """Run the library's apps; what they sent stands in `folder` afterwards."""
    environment = python_environment(library) if library.python else node_environment(library)
    with StubProvider() as provider, Receiver(name, folder, provider, library.keep) as receiver:
        receiver.versions = versions(environment, library)
        program = [environment / "bin" / "python", HERE / "apps" / "run.py"] if library.python else ["node", "run.mjs"]
        done = subprocess.run(
            [*program, library.instrument, ",".join(library.cases), ",".join(only), ",".join(library.skip)],
            cwd=HERE / "apps" if library.python else environment,
            env=_variables(library, provider, receiver),
            capture_output=True,
            text=True,
            timeout=_LONGEST_RUN,
            check=False,
        )
    said = (done.stdout + done.stderr).strip()
    print(f"{name}: {len(receiver.cases)} cases")
    if done.returncode:
        print(said[-4000:])
    elif os.environ.get("RECORD_VERBOSE"):
        print(said[-8000:])
    return done.returncode


def python_environment(library: Library) -> Path:
    """A virtual environment that holds what the library asks for, made once."""
    folder = ENVIRONMENTS / _digest(library)
    if not (folder / ".complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        uv = shutil.which("uv")
        python = folder / "bin" / "python"
        make = [uv, "venv", "-q", "--python", sys.executable] if uv else [sys.executable, "-m", "venv"]
        install = [uv, "pip", "install", "-q", "--python", python] if uv else [python, "-m", "pip", "install", "-q"]
        subprocess.run([*make, folder], check=True)
        subprocess.run([*install, *library.requires], check=True)
        (folder / ".complete").touch()
    return folder


def node_environment(library: Library) -> Path:
    """A folder with node_modules and the apps beside them, since modules are looked for from where the app stands."""
    folder = ENVIRONMENTS / _digest(library)
    folder.mkdir(parents=True, exist_ok=True)
    for app in (HERE / "apps").glob("*.mjs"):
        shutil.copy(app, folder)
    if not (folder / ".complete").exists():
        subprocess.run(["npm", "install", "--silent", "--no-save", *library.requires], cwd=folder, check=True)
        (folder / ".complete").touch()
    return folder


def versions(environment: Path, library: Library) -> dict[str, str]:
    """What is really installed of what matters."""
    if not library.python:
        found = environment.glob("node_modules/**/package.json")
        told = [json.loads(file.read_text()) for file in found if len(file.relative_to(environment).parts) <= 4]
        return {one["name"]: one["version"] for one in sorted(told, key=str) if _matters(one.get("name", ""))}
    ask = "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))"
    done = subprocess.run([environment / "bin" / "python", "-c", ask], capture_output=True, text=True, check=True)
    return {name: version for name, version in sorted(json.loads(done.stdout).items()) if _matters(name)}


def _matters(name: str) -> bool:
    words = ("openai", "anthropic", "opentelemetry-sdk", "instrumentation", "traceloop", "logfire", "pydantic-ai")
    more = ("langfuse", "litellm", "mlflow", "openlit", "langchain", "llama-index", "ai", "@ai-sdk", "agents", "genai")
    return name == "ai" or any(word in name for word in (*words, *(one for one in more if one != "ai")))


def _digest(library: Library) -> str:
    asked = json.dumps([sys.version, library.requires])
    return hashlib.sha256(asked.encode()).hexdigest()[:12]


def _variables(library: Library, provider: StubProvider, receiver: Receiver) -> dict[str, str]:
    told: dict[str, Any] = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "RECEIVER_URL": receiver.url,
        "PROVIDER_URL": provider.url,
        "OTEL_SERVICE_NAME": receiver.library,
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_METRIC_EXPORT_INTERVAL": "600000",
        "OPENAI_API_KEY": "sk-stub",
        "OPENAI_BASE_URL": provider.url + "/v1",
        "ANTHROPIC_API_KEY": "sk-stub",
        "ANTHROPIC_BASE_URL": provider.url,
        "GEMINI_API_KEY": "stub",
        "NO_PROXY": "*",
    }
    return told | {
        name: value.replace("{provider}", provider.url).replace("{receiver}", receiver.url)
        for name, value in library.environment.items()
    }


if __name__ == "__main__":
    sys.exit(main())
