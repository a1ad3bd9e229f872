"""Pages of program code are forgotten, and nothing else is."""

import subprocess
import sys

import pytest

from farthing import footprint

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what is mapped")

_PROGRAM = """
import pyarrow as pa
from farthing.footprint import shrink

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

table = pa.table({"a": list(range(1000))})
before = resident()
forgotten = shrink()
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
    assert named == [(0x400000, 0x500000, 102_400), (0xA00000, 0xB00000, 8_192)]
