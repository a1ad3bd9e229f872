"""A process with an engine that catches fatal signals in; one that says where each thread was, and dies of them at once, out.

The embedded engine handles a segmentation fault by waiting for a thread of a server's that isn't there: the process would
stand still for ever, with Python's lock held, its port open and nobody answered. One that is dead is started again.
"""

import contextlib
import faulthandler
import signal
import sys

FATAL = tuple(
    getattr(signal, name) for name in ("SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT") if hasattr(signal, name)
)


def show_when_asked() -> None:
    """From now on `kill -USR1` has the stacks of all threads written to stderr, and ends nothing."""
    # Without a stderr, or with one that is no file, there is nothing to write to.
    with contextlib.suppress(AttributeError, OSError, RuntimeError, ValueError):
        if hasattr(signal, "SIGUSR1"):
            faulthandler.register(signal.SIGUSR1, sys.stderr, all_threads=True, chain=False)


def crash_at_once() -> None:
    """Die of fatal signals, with the stacks of all threads on stderr.

    To be called by the main thread once the engine is open: it sets its own handlers when it opens.
    """
    for number in FATAL:
        signal.signal(number, signal.SIG_DFL)
    with contextlib.suppress(AttributeError, OSError, RuntimeError, ValueError):
        faulthandler.enable(sys.stderr, all_threads=True)
