"""Records of the attempts at one call go in; one record for the call comes out, with one id and the number of attempts."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from farthing_sdk._record import Record


class _Guarding:
    """One lock for all: each is held for a few assignments, and one of its own would cost every call more."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


_guarding: Final = _Guarding()


def after_fork() -> None:
    """A lock that another thread held while the process forked is nobody's in the child."""
    _guarding.lock = threading.Lock()


def new_request_id() -> str:
    """An external request id nobody else has."""
    # Nothing that is drawn beforehand: a process that is copied, or restored from a snapshot, would draw the same again.
    return "ext_" + os.urandom(12).hex()


class Attempts:
    """What was tried under one external request id.

    An attempt that failed without using tokens is held back: the next one says how many there were. If none succeeds, the
    last one is told of in the end. Where several succeed, they were several calls: the first has the id, the others the id
    with a number behind it, the same each time the application does the same again.
    """

    __slots__ = ("_begun", "_ended", "_failed", "_last", "_name", "_named", "_outer")

    def __init__(self, name: str | None = None, outer: Attempts | None = None) -> None:
        """Nothing was tried yet; `outer` is what this happens within. Without a name it gets one when it is needed."""
        self._name = name
        self._outer = outer
        self._begun = 0
        self._named = 0
        self._failed = 0
        self._last: Record | None = None
        self._ended = False

    @property
    def external_request_id(self) -> str:
        """The one id of all of them."""
        name = self._name
        if name is None:
            with _guarding.lock:
                name = self._name
                if name is None:
                    name = self._name = new_request_id()
        return name

    @property
    def begun(self) -> bool:
        """Somebody has begun, within, to tell of a call: what is around it isn't one itself."""
        return self._begun > 0

    def begin(self) -> None:
        """A call begins within."""
        self._begun += 1
        if self._outer is not None:
            self._outer.begin()

    def admit(self, record: Record) -> bool:
        """True: send the record; it has its id now. False: it is held back."""
        name = self.external_request_id
        if record.external_request_id not in (None, name):
            return True
        with _guarding.lock:
            unused = record.input_tokens is None and record.output_tokens is None
            if record.status == "error" and unused and not self._ended:
                self._failed += record.attempts
                self._last = record
                return False
            record.attempts += self._failed
            self._failed, self._last = 0, None
            self._give(name, record)
        return True

    def end(self) -> Record | None:
        """It is over. The record of the last attempt, if none succeeded after it."""
        name = self.external_request_id
        with _guarding.lock:
            self._ended = True
            record, self._last = self._last, None
            if record is None:
                return None
            record.attempts, self._failed = self._failed, 0
            self._give(name, record)
        return record

    def _give(self, name: str, record: Record) -> None:
        self._named += 1
        record.external_request_id = name if self._named == 1 else f"{name}-{self._named}"
