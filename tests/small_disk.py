"""A folder and a size in; a file system of its own there, that can be filled to the last byte and emptied again."""

import contextlib
import shutil
import subprocess
from pathlib import Path

import pytest


class SmallDisk:
    """A file system of `mib` MiB at `folder`. Skips the test where mounting isn't allowed."""

    def __init__(self, folder: Path, mib: int) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(folder)]
        if shutil.which("mount") is None:
            pytest.skip("there is no mount here")
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"a small disk can't be mounted here: {done.stderr.strip()}")

    def fill(self) -> None:
        """Leave no byte."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(size))

    def free(self) -> None:
        """Give back what `fill` took."""
        self._ballast.unlink()

    def unmount(self) -> None:
        """Nothing may use it any more."""
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)
