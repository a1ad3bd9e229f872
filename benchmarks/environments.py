"""A rival's name and pinned requirement in; the folder of its own virtual environment out, installed once from PyPI."""

import shutil
import subprocess
import sys
from pathlib import Path

from rich.console import Console

HOME = Path(__file__).parent / ".envs"
_MARK = "farthing-benchmark.txt"


class InstallError(RuntimeError):
    """pip could not install a rival; the message carries the end of what it said."""


def ensure(name: str, requirement: str, console: Console) -> Path:
    """The `bin` folder of an environment that holds `requirement`; made anew when the requirement has changed.

    `--requirement=FILE` is one, too; the file must then name everything that is needed.
    """
    options = ("--no-deps",) if requirement.startswith("--requirement=") else ()
    folder = HOME / name
    mark = folder / _MARK
    binaries = folder / ("Scripts" if sys.platform == "win32" else "bin")
    if mark.exists() and mark.read_text(encoding="utf-8").strip() == requirement:
        return binaries
    shutil.rmtree(folder, ignore_errors=True)
    with console.status(f"[bold]{requirement}[/]: making its environment (once, a few minutes)") as status:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
        said = list[str]()
        with subprocess.Popen(
            [str(binaries / "python"), "-m", "pip", "install", "--progress-bar", "off", *options, requirement],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as pip:
            for line in pip.stdout or ():
                said.append(line.rstrip())
                if line.startswith(("Collecting", "  Downloading", "Installing", "Building")):
                    status.update(f"[bold]{requirement}[/]: {said[-1].strip()[:90]}")
    if pip.returncode:
        raise InstallError(f"pip could not install {requirement}:\n" + "\n".join(said[-8:]))
    mark.write_text(requirement + "\n", encoding="utf-8")
    console.print(f"[green]✓[/] {requirement} installed into {folder}")
    return binaries
