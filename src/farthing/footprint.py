"""A process that has started in; the same one without the pages of program code that only starting needed, out.

The embedded engine is a library of 600 MB, of which starting touches 200 and answering afterwards 60. Code is not changed by
running it, so its pages can be forgotten at any time: what is needed again is mapped again from the page cache.
"""

import ctypes
import re
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

_MADV_DONTNEED = 4
"""madvise(2): forget these pages; a later access reads the file again."""

_HEAD = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+\s+(/.*)")
_READ_ONLY = frozenset({"r-xp", "r--p"})
_UNCHANGED = frozenset({"Private_Dirty", "Shared_Dirty", "Anonymous", "Swap", "Locked"})
"""A mapping where one of these isn't zero holds what no file holds."""


Place = tuple[int, int, str]
"""Where a mapping starts and ends, and of which file it is."""


def programs() -> frozenset[Place]:
    """The mappings of all libraries and programs that are loaded. Linux only, else none.

    Others come and go, the engine maps the rows it takes in. Where one went, a moment later a thread may have its stack:
    whatever isn't named here must not be forgotten.
    """
    if sys.platform != "linux":
        return frozenset()
    try:
        return frozenset(_programs(Path("/proc/self/maps").read_text(encoding="utf-8")))
    except OSError:
        return frozenset()


def shrink(loaded: AbstractSet[Place]) -> int:
    """Forget all unchanged pages of `loaded`, which nobody unloads; answers how many bytes were mapped there."""
    if not loaded:
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    forgotten = 0
    try:
        for place, resident in _unchanged(Path("/proc/self/smaps").read_text(encoding="utf-8")):
            if place in loaded and libc.madvise(place[0], place[1] - place[0], _MADV_DONTNEED) == 0:
                forgotten += resident
    except OSError:
        return forgotten
    return forgotten


def _programs(maps: str) -> Iterator[Place]:
    """Read-only private mappings of files of which there is also one that may be executed: all of a library is mapped then."""
    found = [
        (int(head[1], 16), int(head[2], 16), head[3], head[4]) for head in map(_HEAD.match, maps.splitlines()) if head
    ]
    run = {path for _, _, rights, path in found if rights == "r-xp"}
    for start, end, rights, path in found:
        if path in run and rights in _READ_ONLY:
            yield start, end, path


def _unchanged(smaps: str) -> Iterator[tuple[Place, int]]:
    """Each read-only private mapping of a file of which no page was written, and how many bytes of it are in memory."""
    found: Place | None = None
    resident = 0
    for line in smaps.splitlines():
        head = _HEAD.match(line)
        if head or _is_head(line):
            if found and resident:
                yield found, resident
            read_only = head is not None and head[3] in _READ_ONLY and not head[4].endswith("(deleted)")
            found = (int(head[1], 16), int(head[2], 16), head[4]) if head and read_only else None
            resident = 0
        elif found:
            name, _, value = line.partition(":")
            if name == "Rss":
                resident = int(value.split()[0]) * 1024
            elif name in _UNCHANGED and int(value.split()[0]):
                found = None
    if found and resident:
        yield found, resident


def _is_head(line: str) -> bool:
    return line[:1] in "0123456789abcdef" and "-" in line.split(" ", 1)[0]
