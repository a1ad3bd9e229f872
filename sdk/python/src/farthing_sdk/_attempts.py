"""Records of the attempts at one call go in; one record for the call comes out, with one id and the number of attempts."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from farthing_sdk._record import Record


class Attempts:
    """What was tried under one external request id.

    An attempt that failed without using tokens is held back: the next one says how many there were. If none succeeds, the
    last one is told of in the end. Where several succeed, they were several calls: the first has the id, the others the id
    with a number behind it, the same each time the application does the same again.
    """

    def __init__(self, external_request_id: str, outer: Attempts | None = None) -> None:
        """Nothing was tried yet; `outer` is what this happens within."""
        self.external_request_id = external_request_id
        self._outer = outer
        self._begun = 0
        self._named = 0
        self._failed = 0
        self._last: Record | None = None
        self._ended = False
        self._lock = threading.Lock()

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
        if record.external_request_id not in (None, self.external_request_id):
            return True
        with self._lock:
            unused = record.input_tokens is None and record.output_tokens is None
            if record.status == "error" and unused and not self._ended:
                self._failed += record.attempts
                self._last = record
                return False
            record.attempts += self._failed
            self._failed, self._last = 0, None
            self._name(record)
        return True

    def end(self) -> Record | None:
        """It is over. The record of the last attempt, if none succeeded after it."""
        with self._lock:
            self._ended = True
            record, self._last = self._last, None
            if record is None:
                return None
            record.attempts, self._failed = self._failed, 0
            self._name(record)
        return record

    def _name(self, record: Record) -> None:
        self._named += 1
        suffix = "" if self._named == 1 else f"-{self._named}"
        record.external_request_id = self.external_request_id + suffix
