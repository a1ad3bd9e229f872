"""Ids of posted calls in; "surely new" or "ask the store" out: a Bloom filter that is filled behind the first post.

The ids are digests, so their own bits are the probes. It is of one size: with more ids than it is made for more are asked
for in vain, and none is ever taken for new that isn't.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator

from farthing.errors import StoreError

log = logging.getLogger(__name__)

IDS = 4_000_000
BITS = 1 << 26
PROBES = 4
CHUNK = 5_000
REST_S = 0.01
"""After each chunk: requests that are being answered go first."""

Load = Callable[[], Iterator[list[bytes]] | None]
"""All ids that the store knows, in lists; None while it doesn't know all of them yet. Raises `StoreError`."""


class Seen:
    """Every method may be called from any thread. Filled once it is asked for the first time."""

    def __init__(self, load: Load) -> None:
        """`load` is called by a thread of its own."""
        self._load = load
        self._bits = bytearray()
        self._is_whole = False
        self._began = False
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._fill, name="seen", daemon=True)

    def close(self) -> None:
        """Stop filling it."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def wait_whole(self, seconds: float) -> None:
        """Wait until it is filled, at most so long."""
        self._thread.join(seconds)

    def may_hold(self, ids: list[bytes]) -> bool:
        """Whether one of these may have been kept before."""
        if not self._began:
            self._begin()
        return not self._is_whole or any(self._holds(one) for one in ids)

    def add(self, ids: list[bytes]) -> None:
        """These are about to be kept."""
        with self._lock:
            self._add(ids)

    def _begin(self) -> None:
        with self._lock:
            if not self._began:
                self._bits = bytearray(BITS >> 3)
                self._began = True
                self._thread.start()

    def _holds(self, one: bytes) -> bool:
        bits, code = self._bits, int.from_bytes(one, "little")
        step = (code >> 32) | 1
        for _ in range(PROBES):
            code = (code + step) & (BITS - 1)
            if not bits[code >> 3] & (1 << (code & 7)):
                return False
        return True

    def _add(self, ids: list[bytes]) -> None:
        bits = self._bits
        for one in ids:
            code = int.from_bytes(one, "little")
            step = (code >> 32) | 1
            for _ in range(PROBES):
                code = (code + step) & (BITS - 1)
                bits[code >> 3] |= 1 << (code & 7)

    def _fill(self) -> None:
        started = time.monotonic()
        while not self._stopping.wait(0.05):
            try:
                found = self._load()
                if found is None:
                    continue
                for ids in found:
                    for at in range(0, len(ids), CHUNK):
                        self.add(ids[at : at + CHUNK])
                        if self._stopping.wait(REST_S):
                            return
            except StoreError as error:
                log.warning("Ids of posted calls can't be read: %s", error)
                self._stopping.wait(1)
                continue
            self._is_whole = True
            log.info("All ids of posted calls are known after %.1f s", time.monotonic() - started)
            return
