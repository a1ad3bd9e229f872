"""An adapter's path and rounds as arguments and cases on standard input; microseconds per case on standard output.

Run by the Python of the adapter's own environment, so nothing but the standard library is imported here.
"""

import contextlib
import gc
import importlib.util
import io
import json
import sys
import time
from collections.abc import Callable
from typing import Any

REPEATS = 5
AT_ONCE = 5
"""How often each case is among those priced at once: about as many calls as a page of a table holds."""


def main() -> None:
    """Time each case: the best of some repeats, each the mean of some rounds."""
    adapter, rounds = _loaded(sys.argv[1]), int(sys.argv[2])
    cases = [json.loads(line) for line in sys.stdin]
    told: dict[str, float | None] = {}
    for case in cases:
        with contextlib.redirect_stdout(io.StringIO()):
            told[case["id"]] = _microseconds(adapter, case, rounds)
    answer: dict[str, Any] = {"cases": told}
    if hasattr(adapter, "many"):
        all_at_once = adapter.many(cases * AT_ONCE)
        all_at_once()
        answer["batch"] = _best(all_at_once, 4) / (len(cases) * AT_ONCE)
    print(json.dumps(answer))


def _microseconds(adapter: Any, case: dict[str, Any], rounds: int) -> float | None:
    try:
        asked = adapter.question(case)
        if asked is None:
            return None
        asked()
    except Exception:  # noqa: BLE001  what it cannot price has no time
        return None
    return _best(asked, rounds)


def _best(asked: Callable[[], object], rounds: int) -> float:
    gc.disable()
    best = float("inf")
    for _ in range(REPEATS):
        start = time.perf_counter()
        for _ in range(rounds):
            asked()
        best = min(best, (time.perf_counter() - start) / rounds)
    gc.enable()
    return best * 1e6


def _loaded(path: str) -> Any:
    spec = importlib.util.spec_from_file_location("adapter", path)
    if spec is None or spec.loader is None:
        sys.exit(f"{path} is no program")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
