"""A file's name and content in; the file, or one sentence that says why not, out."""

from pathlib import Path

from farthing.cli.client import RefusedError


def write(to: Path, content: bytes) -> None:
    """Write the file. Raises `RefusedError`."""
    try:
        to.write_bytes(content)
    except OSError as error:
        msg = f"{to} can't be written: {error.strerror}."
        raise RefusedError(msg) from error
