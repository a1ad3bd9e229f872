"""The one file of a small part in; whether it is as long as its own table of contents says, out."""

import struct
from pathlib import Path

NAME = "data.packed"

_VERSION = 0
_HEAD = struct.Struct("<BQ")
_PLACE = struct.Struct("<QQ")
_LONGEST_CONTENTS = 1 << 20


def is_whole(file: Path, size: int) -> bool:
    """Whether a file of `size` bytes holds all that it lists; True for a version whose list isn't known here.

    The list stands first: a version, how many there are, and for each the length of its name, its name, where it begins and
    how long it is.
    """
    with file.open("rb") as opened:
        contents = opened.read(_LONGEST_CONTENTS)
    if not contents:
        return False
    if contents[0] != _VERSION:
        return True
    try:
        return size >= _end(contents)
    except (struct.error, IndexError):  # the list itself is cut short
        return False


def _end(contents: bytes) -> int:
    _, files = _HEAD.unpack_from(contents)
    at, end = _HEAD.size, 0
    for _ in range(files):
        length = shift = 0
        while True:
            byte = contents[at]
            at += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        start, size = _PLACE.unpack_from(contents, at + length)
        at += length + _PLACE.size
        end = max(end, start + size)
    return max(end, at)
