"""A process that has loaded little yet in; the same one whose allocators, and those of libraries it will load, give back what is free, out.

Four of them share a server: Python's, the C library's below it, mimalloc of Arrow, and jemalloc of the embedded engine. As they come, each holds on to
what it once needed, for a moment that needs as much again: 100 MiB of 640 under a gateway's full load. What they are told here costs
no processor time that could be measured.
"""

import ctypes
import sys

_ENVIRONMENT = {
    # The engine: thirty threads, each with up to 1.7 MiB of large pieces for itself, and small ones by the hundred; how long free pages stay; and no samples of who
    # allocates what, which nobody here reads. Source: jemalloc(3), TUNING; chDB looks for this name.
    "JE_MALLOC_CONF": "tcache_max:4096,tcache_nslots_small_max:64,dirty_decay_ms:1000,prof:false",
    # Arrow: what a table had is given back at once, not when the next one is made. Source: mimalloc's documentation, "Environment Options".
    "MIMALLOC_PURGE_DELAY": "0",
}

_PIECE = 256 * 1024
_OPTIONS = {
    # Pieces from this size on are mapped, and unmapped when they are free. Left alone this number grows to that of the largest one there ever was,
    # and tables and bodies of megabytes then leave holes in the heap. Source: mallopt(3).
    "M_MMAP_THRESHOLD": (-3, _PIECE),
    "M_TRIM_THRESHOLD": (-1, _PIECE),
    # Threads share two heaps rather than have one each: most of what they do waits for Python's lock anyway.
    "M_ARENA_MAX": (-8, 2),
}


def give_back() -> None:
    """To be called before Arrow and the engine are loaded. Linux only; what somebody has set in the environment stays."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    for name, value in _ENVIRONMENT.items():
        libc.setenv(name.encode(), value.encode(), 0)
    # glibc's; other C libraries have none.
    if mallopt := getattr(libc, "mallopt", None):
        for option, value in _OPTIONS.values():
            mallopt(option, value)
