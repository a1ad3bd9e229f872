"""The key that lets the command line on this machine talk to its server: a file in the data folder, the owner's only."""

import os
import tempfile
from pathlib import Path

from farthing import errors

NAME = "cli-key"


def read(data: Path) -> str:
    """The key in this data folder; "" when there is none that this user may read."""
    try:
        return (data / NAME).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def write(data: Path, secret: str) -> None:
    """Keep the key, readable by nobody else. Raises `StartError` when that can't be done."""
    try:
        # `mkstemp` makes it the owner's alone from the first moment; the rename makes it whole or absent.
        handle, name = tempfile.mkstemp(prefix=f".{NAME}-", dir=data)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secret + "\n")
        Path(name).replace(data / NAME)
    except OSError as error:
        msg = f"The file {data / NAME} can't be written: {error.strerror}."
        raise errors.StartError(msg) from error
