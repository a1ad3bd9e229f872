"""A file's name in; its content read or written, or one sentence that says why not, out."""

import json
from pathlib import Path
from typing import Any

from farthing.cli.client import RefusedError


def write(to: Path, content: bytes) -> None:
    """Write the file. Raises `RefusedError`."""
    try:
        to.write_bytes(content)
    except OSError as error:
        msg = f"{to} can't be written: {error.strerror}."
        raise RefusedError(msg) from error


def text(file: Path) -> str:
    """What stands in a file. Raises `RefusedError`."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        msg = f"{file} can't be read: {error.strerror}."
        raise RefusedError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{file} is no text in UTF-8: {error.reason} at byte {error.start}."
        raise RefusedError(msg) from error


def parsed(file: Path) -> Any:
    """The JSON that stands in a file. Raises `RefusedError`."""
    content = text(file)
    try:
        return json.loads(content)
    except RecursionError as error:
        msg = f"{file} is nested too deep."
        raise RefusedError(msg) from error
    except ValueError as error:
        msg = f"{file} is no JSON: {error}."
        raise RefusedError(msg) from error
