"""Notices that are stored in; each sent through its channel, by one server of several, out; what became of it is stored too.

A claim stands before anything is sent. When the server is killed after that, nobody knows whether it arrived, so it is sent
again, with the same id; a receiver that remembers ids sees it once. Each channel has one request under way at a time, so what
hangs keeps nobody else waiting, and what belongs to one incident comes in its order.
"""

import asyncio
import contextlib
import logging
import random
import secrets
import threading
import time
import traceback
from collections.abc import Callable, Generator
from datetime import datetime, timedelta

import msgspec

from farthing import vitals
from farthing.alerts.addresses import Addresses
from farthing.alerts.aside import aside
from farthing.alerts.channels.book import Channels
from farthing.alerts.channels.channel import Channel
from farthing.alerts.channels.posting import Envelope
from farthing.alerts.notice import Notice
from farthing.alerts.undelivered import Undelivered
from farthing.errors import BadRequestError, ConflictError, FarthingError, StoreError
from farthing.query import moments
from farthing.shapes import Shape
from farthing.store.meta import deliveries, projects
from farthing.store.meta.database import Database
from farthing.store.meta.deliveries import Delivery, Outcome
from farthing.store.meta.leases import Lease

_read_notice = Shape(Notice).of_json

log = logging.getLogger(__name__)

NS = 10**9
MOST_AT_ONCE = 32
LOOK_EVERY_S = 1.0
CLAIM_S = 120.0
"""Longer than any attempt takes; a server that is started again doesn't wait for it."""
IDLE_S = 30.0
"""So long after the last one the lease is let go."""
STOP_S = 5.0
KEEP_S = 60 * 86_400.0
"""How long it is known what was sent."""
PRUNE_EVERY_S = 3_600.0

_TURNED_OFF = "The channel is turned off."
_REMOVED = "The channel was removed."


Picture = Callable[[str, str, int], bytes | None]
"""Draws what an incident of a project is about, up to a Unix second."""


class Pace(msgspec.Struct, frozen=True):
    """How often it is tried again."""

    first_s: float = 2.0
    longest_s: float = 900.0
    give_up_s: float = 86_400.0
    """After it was due."""

    def after(self, attempts: int) -> float:
        """Seconds until the next attempt: twice as long each time, and not all at once."""
        spread = random.uniform(0.8, 1.2)  # noqa: S311  not for secrets
        return min(self.first_s * 2.0 ** min(attempts - 1, 30), self.longest_s) * spread


USUAL = Pace()


class Outbox:
    """The thread that sends, from `start` to `stop`."""

    def __init__(  # noqa: PLR0913  what sending takes
        self,
        database: Database,
        channels: Channels,
        addresses: Addresses,
        lease: Lease,
        clock: Callable[[], int],
        picture: Picture | None = None,
        pace: Pace = USUAL,
    ) -> None:
        """`clock` answers Unix nanoseconds."""
        self._picture = picture
        self._database = database
        self._channels = channels
        self._addresses = addresses
        self._lease = lease
        self._clock = clock
        self._pace = pace
        self._me = secrets.token_hex(8)
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._last_work = self._last_prune = float("-inf")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._look = asyncio.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def start(self) -> None:
        """Send what is there and what comes."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is under way gets a few seconds."""
        self._stopping.set()
        self.wake()
        if self._thread.is_alive():
            self._thread.join(2 * STOP_S)

    def wake(self) -> None:
        """There is something to send: don't wait for the next look."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # it has just ended
                loop.call_soon_threadsafe(self._look.set)

    def try_out(self, channel: Channel) -> Delivery:
        """Send a test right now, in this thread, once; what became of it. Raises `ConflictError`."""
        now = self._clock()
        with self._database.write() as session:
            project = projects.get(session, channel.project_id)
            notice = trial(channel, project.name if project else "", secrets.token_hex(8), now // NS)
            deliveries.add(session, notice, [channel.id])
            claimed = deliveries.claim_one(session, notice.id, channel.id, self._me, now + int(CLAIM_S * NS))
        if claimed is None:
            msg = f"The channel {channel.name!r} is turned off; turn it on first."
            raise ConflictError(msg)
        asyncio.run(self._deliver(claimed, tries_again=False))
        with self._database.read() as session:
            (found,) = deliveries.listing(session, channel.project_id, notice_id=notice.id)
        return found

    def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self._work())
        self._lease.release()

    async def _work(self) -> None:
        self._loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            self._look.clear()
            try:
                self._round()
            except FarthingError as error:
                # Nothing is lost: it stays stored.
                log.warning("Notices could not be looked for: %s", error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), LOOK_EVERY_S)
        if self._under_way:
            await asyncio.wait(self._under_way.values(), timeout=STOP_S)
        for task in self._under_way.values():
            task.cancel()

    def _round(self) -> None:
        now = self._clock()
        with self._database.read() as session:
            due = deliveries.next_due_ns(session, self._me)
        has_work = due is not None and due <= now
        if not has_work and not self._under_way:
            if time.monotonic() > self._last_work + IDLE_S and self._lease.is_held():
                self._lease.release()
            return
        if not self._lease.hold():
            return
        self._last_work = time.monotonic()
        with self._database.write() as session:
            # Whoever claimed before us is gone.
            deliveries.free(session, self._me, now)
            if self._last_work > self._last_prune + PRUNE_EVERY_S:
                self._last_prune = self._last_work
                deliveries.prune(session, now - int(KEEP_S * NS))
            room = MOST_AT_ONCE - len(self._under_way)
            until = now + int(CLAIM_S * NS)
            claimed = deliveries.claim(session, self._me, now, until, list(self._under_way), room) if room > 0 else []
        for one in claimed:
            task = asyncio.get_running_loop().create_task(self._deliver(one))
            self._under_way[one.channel_id] = task
            task.add_done_callback(lambda _, channel_id=one.channel_id: self._ended(channel_id))

    def _ended(self, channel_id: str) -> None:
        self._under_way.pop(channel_id, None)
        self._look.set()

    async def _deliver(self, delivery: Delivery, *, tries_again: bool = True) -> None:
        try:
            remark = await self._send(delivery)
        except Undelivered as error:
            self._fail(delivery, error, tries_again=tries_again)
        except FarthingError as error:
            # What an operator entered may be none any more; a store that is away, or a key that is missing, comes back.
            is_final = isinstance(error, BadRequestError)
            self._fail(delivery, Undelivered(str(error), permanent=is_final), tries_again=tries_again)
        except Exception as error:  # noqa: BLE001  one notice must not end the sending of all others
            # Without its message, which may hold a URL with a token.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("Channel %r broke: %s\n%s", delivery.channel_name, type(error).__name__, where)  # noqa: TRY400  likewise
            broken = Undelivered("Something broke here; the server's log says what.")
            self._fail(delivery, broken, tries_again=tries_again)
        else:
            self._settle(delivery, "sent", remark)

    async def _send(self, delivery: Delivery) -> str:
        opened = self._channels.opened(delivery.channel_id)
        if opened is None or not opened.channel.enabled:
            raise Undelivered(_REMOVED if opened is None else _TURNED_OFF, permanent=True)
        notice = _read_notice(delivery.document)
        notice = msgspec.structs.replace(notice, image_png=await self._image(delivery, notice))
        envelope = Envelope(delivery.id, self._clock() // NS)
        return await opened.kind.send(opened.settings, notice, envelope, self._addresses)

    async def _image(self, delivery: Delivery, notice: Notice) -> bytes | None:
        if delivery.image is not None or delivery.kind != "email" or not delivery.incident_id or self._picture is None:
            return delivery.image
        at_s = int(datetime.fromisoformat(notice.at).timestamp())
        return await aside(self._picture, delivery.project_id, delivery.incident_id, at_s)

    def _fail(self, delivery: Delivery, error: Undelivered, *, tries_again: bool) -> None:
        if error.permanent or not tries_again:
            self._settle(delivery, "failed", str(error))
            return
        now = self._clock()
        wait = error.retry_after_s if error.retry_after_s is not None else 0.0
        later = now + int(max(wait, self._pace.after(delivery.attempts)) * NS)
        if later > delivery.due_ns + int(self._pace.give_up_s * NS):
            self._settle(delivery, "given_up", str(error))
            return
        vitals.ALERT_DELIVERIES.labels(delivery.kind, "retry").inc()
        log.warning("Channel %r, attempt %d: %s", delivery.channel_name, delivery.attempts, error)
        with _noted(), self._database.write() as session:
            deliveries.postpone(session, delivery, later, str(error))

    def _settle(self, delivery: Delivery, outcome: Outcome, error: str) -> None:
        vitals.ALERT_DELIVERIES.labels(delivery.kind, outcome).inc()
        if outcome != "sent":
            log.error("Channel %r did not take a notice, for good: %s", delivery.channel_name, error)
        with _noted(), self._database.write() as session:
            deliveries.finish(session, delivery, outcome, self._clock(), error)


@contextlib.contextmanager
def _noted() -> Generator[None]:
    try:
        yield
    except StoreError as error:
        # Its claim runs out, and it is tried again.
        log.warning("What became of a notice could not be kept: %s", error)


def trial(channel: Channel, project_name: str, token: str, now_s: int) -> Notice:
    """What a channel is tried out with."""
    return Notice(
        id=f"test:{token}",
        what="test",
        severity="info",
        title=f"Test: {channel.name} works",
        summary=f"This is a test of the channel {channel.name}: what incidents tell will arrive here.",
        project_name=project_name,
        at=(moments.EPOCH + timedelta(seconds=now_s)).isoformat(),
    )
