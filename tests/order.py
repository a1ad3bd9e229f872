"""The tests that were found in; the same in the order in which several workers are done at the same time, out.

A worker takes one file after the other, so the longest come first and none of those is left for the end. What needs an
environment of its own, which is made meanwhile, comes later; last come the many files that take a moment each.
"""

from __future__ import annotations

import pytest

FIRST = ("tests/e2e/test_fuzz.py", "tests/e2e/test_crash.py")
LONG = ("tests/e2e/", "tests/ui/", "tests/api/", "tests/cli/", "sdk/")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each worker finds the same order. Whoever runs tests one by one wants to see them in the usual one."""
    if hasattr(config, "workerinput"):
        items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if item.nodeid.startswith(FIRST):
        return 0
    module = item.getparent(pytest.Module)
    waits = module is not None and hasattr(module.obj, "APPS_AHEAD")
    return 2 if waits else 1 if item.nodeid.startswith(LONG) else 3
