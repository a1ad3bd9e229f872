"""Ids of posted calls in; those that aren't surely new, which the store must be asked for, out: a Bloom filter that is filled behind the first post.

The ids are digests, so their own bits are the probes, two in each of two words. It is of one size: with more ids than it is made for more are asked
for in vain, and none is ever taken for new that isn't.
"""

import logging
import threading
import time
from array import array
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from farthing.errors import StoreError

log = logging.getLogger(__name__)

IDS = 4_000_000
WORDS = 1 << 20
_LAST = WORDS - 1
CHUNK = 5_000
MANY = 64
"""So many ids are looked at together: one by one they would take ten times as long, and fewer of them wouldn't."""
REST_S = 0.01
"""After each chunk: requests that are being answered go first."""

Load = Callable[[], Iterator[list[bytes]] | None]
"""All ids that the store knows, in lists; None while it doesn't know all of them yet. Raises `StoreError`."""


class Seen:
    """Every method may be called from any thread. Filled once it is asked for the first time."""

    def __init__(self, load: Load) -> None:
        """`load` is called by a thread of its own."""
        self._load = load
        self._words = array("Q")
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

    def held(self, ids: list[bytes]) -> list[bytes]:
        """Those of these that may have been kept before."""
        if not self._began:
            self._begin()
        if not self._is_whole:
            return ids
        if len(ids) >= MANY:
            return self._held_of_many(ids)
        words = self._words
        found: list[bytes] = []
        for one, code in zip(ids, _codes(ids), strict=True):
            probes = 1 << (code & 63) | 1 << (code >> 6 & 63)
            if words[code >> 24 & _LAST] & probes == probes:
                probes = 1 << (code >> 12 & 63) | 1 << (code >> 18 & 63)
                if words[code >> 44] & probes == probes:
                    found.append(one)
        return found

    def _held_of_many(self, ids: list[bytes]) -> list[bytes]:
        words = np.frombuffer(self._words, np.uint64)
        codes = np.frombuffer(b"".join(ids), np.uint64)
        (first, probes), (second, others) = _places(codes)
        held = (words[first] & probes == probes) & (words[second] & others == others)
        return [ids[at] for at in np.flatnonzero(held)]

    def add(self, ids: list[bytes]) -> None:
        """These are about to be kept."""
        with self._lock:
            self._add(ids)

    def _begin(self) -> None:
        with self._lock:
            if not self._began:
                self._words = array("Q", bytes(8 * WORDS))
                self._began = True
                self._thread.start()

    def _add(self, ids: list[bytes]) -> None:
        if len(ids) >= MANY:
            words = np.frombuffer(self._words, np.uint64)
            for at, probes in _places(np.frombuffer(b"".join(ids), np.uint64)):
                np.bitwise_or.at(words, at, probes)
            return
        words = self._words
        for code in _codes(ids):
            words[code >> 24 & _LAST] |= 1 << (code & 63) | 1 << (code >> 6 & 63)
            words[code >> 44] |= 1 << (code >> 12 & 63) | 1 << (code >> 18 & 63)

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


_Words = npt.NDArray[np.uint64]


def _places(codes: _Words) -> tuple[tuple[_Words, _Words], tuple[_Words, _Words]]:
    """Both words of each id, and the bits within it."""
    one, low = np.uint64(1), np.uint64(63)
    first, second, third, fourth = (one << (codes >> np.uint64(by) & low) for by in (0, 6, 12, 18))
    return (codes >> np.uint64(24) & np.uint64(_LAST), first | second), (codes >> np.uint64(44), third | fourth)


def _codes(ids: list[bytes]) -> Sequence[int]:
    """The bits of ids of 8 bytes: four places within a word, and two words."""
    return array("Q", b"".join(ids))
