"""The types that the UI is written against are those of the server's OpenAPI document."""

import difflib
import os
import subprocess
from pathlib import Path

import httpx
import pytest
from server_process import ServerProcess
from ui.conftest import FRONTEND, need

MADE_AGAIN = (
    "curl $URL/openapi.json > /tmp/o.json; npx openapi-typescript /tmp/o.json -o src/api/schema.d.ts; "
    "npx prettier --write src/api/schema.d.ts"
)


def printed(folder: Path, *command: str, given: str | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_they_have_not_drifted(served: ServerProcess, tmp_path: Path) -> None:
    programs = FRONTEND / "node_modules" / ".bin"
    need((programs / "openapi-typescript").exists(), "The web UI's packages are not installed")
    told = tmp_path / "openapi.json"
    told.write_bytes(httpx.get(f"{served.url}/openapi.json", timeout=60).content)
    made = printed(FRONTEND, str(programs / "openapi-typescript"), str(told))
    wanted = printed(FRONTEND, str(programs / "prettier"), "--stdin-filepath", "schema.d.ts", given=made)
    held = (FRONTEND / "src" / "api" / "schema.d.ts").read_text()
    differing = list(difflib.unified_diff(held.splitlines(), wanted.splitlines(), "schema.d.ts", "openapi.json", n=0))
    if differing:
        pytest.fail("\n".join([f"Make it again in frontend/: {MADE_AGAIN}", *differing[:40]]))
