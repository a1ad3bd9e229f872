"""The folder of an embedded engine in; the same with the link that leads to its tables, which a copy may have lost, out.

The engine finds its tables by a symbolic link. A tool that copies what links lead to leaves a folder in its place, which the
engine refuses; one that leaves links out leaves nothing, and the engine would begin anew beside all that is there.
"""

import filecmp
import os
import shutil
from pathlib import Path

from farthing.errors import StartError

_LINK = Path("metadata/default")
_MARK = "schema_migrations.sql"
"""Every store of ours has it, from its first statement on."""


def mend(folder: Path) -> None:
    """Put the link back if the folder has tables and none that leads to them.

    Raises `StartError` when it can't be told where it led to.
    """
    link = folder / _LINK
    if link.is_symlink():
        return
    try:
        tables = [mark.parent for mark in folder.glob(f"store/*/*/{_MARK}")]
        if not tables:
            return
        if len(tables) > 1 or (link.exists() and not _is_copy(link, tables[0])):
            msg = (
                f"The telemetry database in {folder} was copied without its symbolic links, and what {_LINK} led to "
                "can't be told. Copy it again with: cp -a"
            )
            raise StartError(msg)
        if link.exists():
            shutil.rmtree(link)
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(os.path.relpath(tables[0], link.parent))
    except OSError as error:
        msg = f"The telemetry database in {folder} can't be used: {error.strerror}: {error.filename}."
        raise StartError(msg) from error


def _is_copy(one: Path, other: Path) -> bool:
    """Whether both hold the same files with the same bytes."""
    names = [sorted(file.name for file in place.iterdir()) if place.is_dir() else None for place in (one, other)]
    if names[0] is None or names[0] != names[1]:
        return False
    return filecmp.cmpfiles(one, other, names[0], shallow=False)[0] == names[0]
