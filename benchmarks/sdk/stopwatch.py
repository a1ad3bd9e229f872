"""A caller's file, a sink and a pace in; one line of JSON out: what each told call cost its thread, its process, its memory.

Runs in the environment of the SDK it times, so it needs nothing but Python.
"""

import gc
import importlib.util
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

WARM = 500
"""Calls before the clock counts."""

Tell = Callable[[], object]


def timed(tell: Tell, calls: int, in_a_row: int, per_second: float) -> tuple[list[float], float]:
    """Microseconds of each of so many calls in order of size, and the mean processor time of them.

    So many follow each other at once; then comes a pause, in which the processor forgets what it had at hand.
    """
    took: list[float] = []
    worked = 0
    pause = in_a_row / per_second
    while len(took) < calls:
        time.sleep(pause)
        for _ in range(in_a_row):
            working = time.thread_time_ns()
            before = time.perf_counter_ns()
            tell()
            took.append((time.perf_counter_ns() - before) / 1000)
            worked += time.thread_time_ns() - working
    return sorted(took), worked / len(took) / 1000


def paced(tell: Tell, calls: int, per_second: float) -> tuple[list[float], float]:
    """The same at a steady rate, and how many seconds it lasted. A moment behind is made up for, a standstill is not."""
    took: list[float] = []
    started = begun = time.perf_counter()
    for number in range(calls):
        ahead = begun + number / per_second - time.perf_counter()
        if ahead > 0:
            time.sleep(ahead)
        elif ahead < -1:
            # The machine stood still; nobody's calls all come at once after that.
            begun -= ahead
        before = time.perf_counter_ns()
        tell()
        took.append((time.perf_counter_ns() - before) / 1000)
    return sorted(took), time.perf_counter() - started


def resident_mib() -> float:
    """What the process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    """`stopwatch.py CALLER SINK CALLS PER_SECOND steady|gaps`."""
    path, sink, calls, pace, way = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), sys.argv[5]
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    caller: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(caller)
    bare, tell, flush = caller.prepare(sink)
    told: dict[str, Any] = {"calls": calls}
    kinds = {"row": 50, "pause": 1} if way == "gaps" else {}
    without = {kind: timed(bare, 1000, in_a_row, pace) for kind, in_a_row in kinds.items()}
    paced(tell, WARM, pace)
    flush()
    gc.collect()
    memory = resident_mib()
    for kind, in_a_row in kinds.items():
        cpu = time.process_time()
        took, worked = timed(tell, calls, in_a_row, pace)
        flush()
        quick, quick_cpu = without[kind]
        middle = quick[len(quick) // 2]
        told[kind] = {
            "p50": took[calls // 2] - middle,
            "p95": took[calls * 95 // 100] - middle,
            "thread": worked - quick_cpu,
            "process": (time.process_time() - cpu) / calls * 1e6,
        }
    if way == "steady":
        took, lasted = paced(tell, calls, pace)
        flush()
        told |= {"p50": took[calls // 2], "p99": took[calls * 99 // 100], "per_second": calls / lasted}
        told["memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - memory
    told["remark"] = caller.remark()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
