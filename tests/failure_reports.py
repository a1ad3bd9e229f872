"""A failed test in; in its report: what each of its servers said last and did just now, and where our own threads were."""

from __future__ import annotations

import faulthandler
import os
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

GRACE_SECONDS = 60
"""After its time a test is interrupted. If that is not heard, for it stands in a library's code, all ends this much later."""

FETCHING_SECONDS = 300
"""What a test may take whose environment may have to be fetched first."""

_STDERR = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep the real stderr: while a test runs, its own is a file that nobody would see."""
    config.stash[_STDERR] = os.dup(2)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Nothing is left open."""
    os.close(config.stash[_STDERR])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Who asks for another limit is heard by those tests too that have one of their own."""
    told = config.getoption("timeout", None)
    for item in items:
        module = item.getparent(pytest.Module)
        if told is not None:
            item.add_marker(pytest.mark.timeout(told), append=False)
        elif module is not None and hasattr(module.obj, "APPS_AHEAD"):
            item.add_marker(pytest.mark.timeout(FETCHING_SECONDS))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """End this process, after all stacks, if a test can't even be interrupted."""
    if not (seconds := _limit(item)):
        return (yield)
    faulthandler.dump_traceback_later(seconds + GRACE_SECONDS, exit=True, file=item.config.stash[_STDERR])
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


def pytest_runtest_logstart() -> None:
    """A test is told of its own servers, and of those that it shares."""
    # Most tests have none. Some run where what a server needs is not installed.
    if servers := sys.modules.get("server_process"):
        servers.forget_ended()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what is known while it is still there: the fixtures end after this."""
    report = yield
    if report.failed:
        servers = sys.modules.get("server_process")
        for server in servers.LAUNCHED if servers else ():
            report.sections.append((f"server at {server.url}", server.last_words()))
        if call.excinfo and str(call.excinfo.value).startswith("Timeout"):
            report.sections.append(("threads of the tests", _own_threads()))
    return report


def _limit(item: pytest.Item) -> float:
    """Seconds a test may take; 0 without an end."""
    own = item.get_closest_marker("timeout")
    return float(own.args[0] if own else item.config.getini("timeout") or 0)


def _own_threads() -> str:
    with tempfile.TemporaryFile("w+") as file:
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        return file.read()
