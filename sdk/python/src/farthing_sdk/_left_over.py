"""Records of streams nobody read to the end go in, from wherever Python noticed; they reach the client a moment later.

A stream that was dropped is noticed by the garbage collector, which may run in the middle of anything, also where this very
thread holds a lock of ours. A `SimpleQueue` takes what comes even then; a thread of its own passes it on.
"""

from __future__ import annotations

import atexit
import os
import queue
import threading
from typing import TYPE_CHECKING, Final

from farthing_sdk._client import current
from farthing_sdk._trouble import swallow

if TYPE_CHECKING:
    from farthing_sdk._record import Record


class LeftOver:
    """The way of such records to the client."""

    def __init__(self) -> None:
        """Nothing is left over yet."""
        self._records: queue.SimpleQueue[Record] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def expect(self) -> None:
        """A stream begins, so one may be left over. To be called where it is safe to start a thread."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._pass_on, name="farthing-sdk-left-over", daemon=True)
            try:
                self._thread.start()
            except RuntimeError:
                # The interpreter is ending: what is left over goes when it does.
                return
            # After the client's own, so before it at the end.
            atexit.register(self.empty)

    def put(self, record: Record) -> None:
        """Safe anywhere."""
        self._records.put(record)

    def empty(self) -> None:
        """Pass on now what there is."""
        while True:
            try:
                record = self._records.get_nowait()
            except queue.Empty:
                return
            _submit(record)

    def after_fork(self) -> None:
        """In a forked child: what was left over is the parent's to tell."""
        atexit.unregister(self.empty)
        self._records, self._thread = queue.SimpleQueue(), None

    def _pass_on(self) -> None:
        while True:
            _submit(self._records.get())


def _submit(record: Record) -> None:
    try:
        client = current()
        if client is not None:
            client.submit(record)
    except Exception as error:  # noqa: BLE001 - the application has done nothing wrong
        swallow(error, "left over")


left_over: Final = LeftOver()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=left_over.after_fork)
