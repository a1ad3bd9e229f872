"""A process that has started in; the same one without the pages of program code that only starting needed, out.

The embedded engine is a library of 600 MB, of which starting touches 200 and answering afterwards 60. Code is not changed by
running it, so its pages can be forgotten at any time: what is needed again is mapped again from the page cache.
"""

import ctypes
import re
import sys
from collections.abc import Iterator
from pathlib import Path

_MADV_DONTNEED = 4
"""madvise(2): forget these pages; a later access reads the file again."""

_HEAD = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+\s+(/.*)")
_UNCHANGED = frozenset({"Private_Dirty", "Shared_Dirty", "Anonymous", "Swap", "Locked"})
"""A mapping where one of these isn't zero holds what no file holds."""


def shrink() -> int:
    """Forget all unchanged pages of libraries and programs; answers how many bytes were mapped there. Linux only, else 0."""
    if sys.platform != "linux":
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    forgotten = 0
    try:
        for start, end, resident in _unchanged(Path("/proc/self/smaps").read_text(encoding="utf-8")):
            if libc.madvise(start, end - start, _MADV_DONTNEED) == 0:
                forgotten += resident
    except OSError:
        return forgotten
    return forgotten


def _unchanged(smaps: str) -> Iterator[tuple[int, int, int]]:
    """Start, end and resident bytes of each read-only private mapping of a file of which no page was written."""
    found: tuple[int, int] | None = None
    resident = 0
    for line in smaps.splitlines():
        head = _HEAD.match(line)
        if head or _is_head(line):
            if found and resident:
                yield *found, resident
            private_code = head is not None and head[3] in ("r-xp", "r--p") and not head[4].endswith("(deleted)")
            found = (int(head[1], 16), int(head[2], 16)) if head and private_code else None
            resident = 0
        elif found:
            name, _, value = line.partition(":")
            if name == "Rss":
                resident = int(value.split()[0]) * 1024
            elif name in _UNCHANGED and int(value.split()[0]):
                found = None
    if found and resident:
        yield *found, resident


def _is_head(line: str) -> bool:
    return line[:1] in "0123456789abcdef" and "-" in line.split(" ", 1)[0]
