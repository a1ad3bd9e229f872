"""Batches in; several connections that send them until the server is gone, and the book of what was acknowledged, out."""

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator

import httpx
from e2e import wire
from e2e.cut_traces import Batch, batches
from server_process import ServerProcess

PATIENCE_S = 60
SENDERS = 4


class Book:
    """What was acknowledged, and what was sent without an answer. Shared by all senders."""

    def __init__(self) -> None:
        self.acknowledged: list[Batch] = []
        self.unanswered: list[Batch] = []
        self._changed = threading.Condition()

    def acknowledge(self, batch: Batch) -> None:
        """The server said that it keeps this."""
        with self._changed:
            self.acknowledged.append(batch)
            self._changed.notify_all()

    def leave(self, batch: Batch) -> None:
        """Nobody knows whether this was kept."""
        with self._changed:
            self.unanswered.append(batch)

    def wait_for(self, more: int) -> None:
        """Come back at the `more`-th acknowledgement from now on."""
        with self._changed:
            wanted = len(self.acknowledged) + more
            done = self._changed.wait_for(lambda: len(self.acknowledged) >= wanted, PATIENCE_S)
            assert done, f"{len(self.acknowledged)} acknowledgements instead of {wanted} after {PATIENCE_S} s"


class Sender:
    """One application: a connection, and batches that are sent one after the other, whatever happens to the server."""

    def __init__(self, server: ServerProcess, book: Book, groups: Iterable[list[Batch]], *, retries: bool) -> None:
        """With `retries`, a batch without an answer is the first to be sent next time; otherwise it is left."""
        self._server = server
        self._book = book
        self._more: Iterator[list[Batch]] = iter(groups)
        self._next: deque[Batch] = deque()
        self._retries = retries
        self._enough = threading.Event()
        self._thread: threading.Thread | None = None
        self.failure = ""

    def start(self) -> None:
        """Send until `stop`, until the server is gone, or until there are no more batches."""
        self._enough.clear()
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def stop(self) -> None:
        """Send no more than what is under way."""
        self._enough.set()

    def join(self) -> None:
        """Come back when nothing is under way."""
        if self._thread:
            self._thread.join()
        assert not self.failure, self.failure

    def _send(self) -> None:
        headers = self._server.headers | {"Content-Type": wire.PROTOBUF}
        with httpx.Client(base_url=self._server.url, headers=headers, timeout=PATIENCE_S) as client:
            while not self._enough.is_set():
                if not self._next:
                    self._next.extend(next(self._more, ()))
                if not self._next:
                    return
                batch = self._next.popleft()
                try:
                    answer = client.post("/v1/traces", content=batch.body)
                except httpx.TransportError:
                    answer = None
                if answer is not None and answer.status_code == 200 and not answer.content:
                    self._book.acknowledge(batch)
                    continue
                if answer is not None and answer.status_code != 503:
                    self.failure = f"{answer.status_code} {answer.content!r}"
                    return
                if self._retries:
                    self._next.appendleft(batch)
                else:
                    self._book.leave(batch)
                if answer is None:
                    return

    def leftovers(self) -> list[Batch]:
        """What is still to be sent before all traces that were begun are whole, batches without an answer among it."""
        left = list(self._next)
        self._next.clear()
        return left


class Applications:
    """Some senders: half of them send again what was not answered, the others leave it."""

    def __init__(self, server: ServerProcess, seed: int) -> None:
        """The same seed sends the same."""
        self.book = Book()
        now_ns = time.time_ns()
        self._senders = [
            Sender(server, self.book, batches(seed * SENDERS + number, now_ns), retries=number % 2 == 0)
            for number in range(SENDERS)
        ]

    def start(self) -> None:
        """Send until `stop`, or until the server is gone."""
        for sender in self._senders:
            sender.start()

    def stop(self) -> None:
        """Send no more than what is under way."""
        for sender in self._senders:
            sender.stop()

    def join(self) -> None:
        """Come back when nothing is under way."""
        for sender in self._senders:
            sender.join()

    def unanswered(self) -> list[Batch]:
        """Everything of which nobody knows whether it was kept, and what the traces begun still lack."""
        return self.book.unanswered + [batch for sender in self._senders for batch in sender.leftovers()]


def send(server: ServerProcess, some: list[Batch]) -> None:
    """Send each of these once; all must be acknowledged."""
    book = Book()
    sender = Sender(server, book, [some], retries=False)
    sender.start()
    sender.join()
    assert len(book.acknowledged) == len(some)
