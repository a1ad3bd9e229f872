"""Pages of program code are forgotten, and nothing else is."""

import subprocess
import sys
from pathlib import Path

import pytest

from farthing import footprint

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what is mapped")

_PROGRAM = """
import pyarrow as pa
from farthing.footprint import programs, shrink

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

table = pa.table({"a": list(range(1000))})
before = resident()
forgotten = shrink(programs())
after = resident()
assert table.column("a").to_pylist() == list(range(1000))
assert pa.array(["x"]).cast(pa.large_string()).to_pylist() == ["x"]
print(before, forgotten, after)
"""


def test_a_process_shrinks_and_works_on() -> None:
    run = subprocess.run([sys.executable, "-c", _PROGRAM], check=True, capture_output=True, text=True)
    before, forgotten, after = map(int, run.stdout.split())
    assert forgotten > 10 << 20  # pyarrow alone maps more than that
    assert after < before - forgotten // 2


def test_only_unchanged_code_is_named() -> None:
    smaps = """\
00400000-00500000 r-xp 00000000 fe:00 11 /usr/bin/program
Rss:                 100 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
00500000-00600000 r--p 00000000 fe:00 11 /usr/bin/program
Rss:                  64 kB
Private_Dirty:         4 kB
Anonymous:             4 kB
00600000-00700000 rw-p 00000000 fe:00 11 /usr/bin/program
Rss:                  64 kB
Private_Dirty:         0 kB
00700000-00800000 r-xs 00000000 fe:00 12 /dev/shm/shared
Rss:                  64 kB
00800000-00900000 rw-p 00000000 00:00 0 [heap]
Rss:                  64 kB
00900000-00a00000 r--p 00000000 00:00 0
Rss:                  64 kB
00a00000-00b00000 r--p 00000000 fe:00 13 /usr/lib/library.so
Rss:                   8 kB
Private_Dirty:         0 kB
"""
    named = list(footprint._unchanged(smaps))  # pyright: ignore[reportPrivateUsage]
    assert named == [
        ((0x400000, 0x500000, "/usr/bin/program"), 102_400),
        ((0xA00000, 0xB00000, "/usr/lib/library.so"), 8_192),
    ]


_ROWS = """
import ctypes, mmap, sys
from farthing.footprint import programs, shrink

libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
with open(sys.argv[1], "rb") as file:
    place = libc.mmap(None, 8192, mmap.PROT_READ, mmap.MAP_PRIVATE, file.fileno(), 0)
read = ctypes.string_at(place, 8192)
loaded = programs()
assert any("libc" in path for _, _, path in loaded)
assert not any(path == sys.argv[1] for _, _, path in loaded)
# The rows were taken in, and where they stood now stands what somebody works with.
libc.mmap(place, 8192, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x10, -1, 0)
ctypes.memset(place, 7, 8192)
shrink(loaded)
assert ctypes.string_at(place, 8192) == b"\\x07" * 8192
"""


def test_files_that_are_merely_read_are_never_named(tmp_path: Path) -> None:
    rows = tmp_path / "rows"
    rows.write_bytes(b"r" * 8192)
    subprocess.run([sys.executable, "-c", _ROWS, rows], check=True)
