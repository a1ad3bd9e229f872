"""The web UI's sources in; what TypeScript, prettier or its unit tests have against them out, and exit code 1 when it is anything.

Without Node.js it says so and lets them pass; where `CI` is set, that is a failure.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_QUIET = {
    "npm_config_audit": "false",
    "npm_config_fund": "false",
    "npm_config_update_notifier": "false",
    "NO_COLOR": "1",
}


def check(frontend: Path, environment: Mapping[str, str]) -> int:
    """The exit code; what was found is printed by those who found it."""
    npm = shutil.which("npm", path=environment.get("PATH"))
    if npm is None or shutil.which("node", path=environment.get("PATH")) is None:
        print("The web UI's sources are not checked: there is no Node.js with npm on the path.", file=sys.stderr)
        return 1 if environment.get("CI") else 0
    commands = [[npm, "run", "--silent", "check"]]
    if not is_installed(frontend):
        commands.insert(0, [npm, "ci", "--no-progress"])
    for command in commands:
        # Told apart from a terminal's: a runner that has one would wait for its keys.
        done = subprocess.run(
            command, cwd=frontend, env={**environment, **_QUIET}, stdin=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            return 1
    return 0


def is_installed(frontend: Path) -> bool:
    """Whether what the lock file names is there; npm notes what it installed."""
    installed, wanted = frontend / "node_modules" / ".package-lock.json", frontend / "package-lock.json"
    return installed.is_file() and installed.stat().st_mtime >= wanted.stat().st_mtime


if __name__ == "__main__":
    sys.exit(check(Path(__file__).parents[1] / "frontend", os.environ))
