"""The same question of several people at once, or again while nothing has changed, in; one answer for all of them out."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from collections.abc import Set as AbstractSet
from concurrent.futures import Future

import msgspec

FRESH_S = 10.0
"""An answer about a time that moves on ("the last 30 days") is given again for so long."""

MOST_BYTES = 32 * 2**20


class _Held(msgspec.Struct, frozen=True):
    """An answer, or one that is being made, with how far the project's calls had come when it was begun."""

    mark: int
    at: float
    answer: Future[bytes]


class Answers:
    """What was answered lately. A project's calls changing makes all its answers old. Any thread may ask."""

    def __init__(self, clock: Callable[[], float], most_bytes: int = MOST_BYTES) -> None:
        """`clock` answers seconds that never go back."""
        self._clock = clock
        self._most = most_bytes
        self._lock = threading.Lock()
        self._marks: dict[str, int] = {}
        self._held: OrderedDict[Hashable, _Held] = OrderedDict()
        self._bytes = 0

    def heard(self, project_id: str, _: AbstractSet[int]) -> None:
        """Calls of this project have changed, and that is visible."""
        with self._lock:
            self._marks[project_id] = self._marks.get(project_id, 0) + 1

    def get(self, project_id: str, asked: Hashable, make: Callable[[], bytes], *, fixed: bool) -> bytes:
        """The answer, made by `make` unless it is known; `fixed` when it is about a time that doesn't move on.

        Raises what `make` raises, to all who wait for it.
        """
        key = (project_id, asked)
        with self._lock:
            now, mark = self._clock(), self._marks.get(project_id, 0)
            held = self._held.get(key)
            if held and held.mark == mark and (fixed or now - held.at <= FRESH_S):
                self._held.move_to_end(key)
                answer = held.answer
            else:
                held = None
                answer = Future[bytes]()
                self._drop(key)
                self._held[key] = _Held(mark, now, answer)
        if held:
            return answer.result()
        try:
            made = make()
        except BaseException as error:
            with self._lock:
                self._forget(key, answer)
            answer.set_exception(error)
            raise
        with self._lock:
            answer.set_result(made)
            self._keep(key, answer)
        return made

    def _keep(self, key: Hashable, answer: Future[bytes]) -> None:
        held = self._held.get(key)
        if held is None or held.answer is not answer:
            return  # A newer one has taken its place meanwhile.
        self._bytes += len(answer.result())
        for oldest in list(self._held):
            if self._bytes <= self._most:
                break
            if self._held[oldest].answer.done():
                self._drop(oldest)

    def _forget(self, key: Hashable, answer: Future[bytes]) -> None:
        held = self._held.get(key)
        if held is not None and held.answer is answer:
            del self._held[key]

    def _drop(self, key: Hashable) -> None:
        held = self._held.pop(key, None)
        # One that is still being made hasn't been counted: whoever makes it finds that its place is taken.
        if held is not None and held.answer.done():
            self._bytes -= len(held.answer.result())
