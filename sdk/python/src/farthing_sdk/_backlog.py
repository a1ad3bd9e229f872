"""Records that left the queue go in; batches ready to be sent come out, from memory or from the disk where there is a spool."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from farthing_sdk._attempts import new_request_id
from farthing_sdk._trouble import swallow, tell
from farthing_sdk._wire import body_of, encode

if TYPE_CHECKING:
    from farthing_sdk._record import Record
    from farthing_sdk._settings import Settings
    from farthing_sdk._spool import Spool, Spooled

MOST_BYTES: Final = 4 * 2**20
"""Of one request; the server takes more."""
LONGEST_RECORD: Final = 2**20


class Item(NamedTuple):
    """One record as it is sent."""

    external_request_id: str
    said: dict[str, Any]
    body: bytes
    """The same as JSON."""
    spooled: int | None = None
    """Its number in the spool."""


class Backlog:
    """What is to be sent next. For one thread at a time."""

    def __init__(self, settings: Settings) -> None:
        """The spool, if there is to be one, is opened when the first records come."""
        self._settings = settings
        self._ready: list[Item] = []
        self._spool: Spool | None = None
        self._spool_wanted = settings.spool is not None
        self._spool_may_hold = self._spool_wanted
        self.dropped = 0
        """Records given up for want of room on the disk, since the process began."""

    @property
    def spools(self) -> bool:
        """Records are safe once they are taken in here."""
        return self._spool_wanted

    @property
    def may_hold(self) -> bool:
        """There may be something to send."""
        return bool(self._ready) or self._spool_may_hold

    def __len__(self) -> int:
        """Records in memory."""
        return len(self._ready)

    def take_in(self, records: list[Record]) -> list[Record]:
        """Encode these, and put them on the disk where there is a spool; those that can't be sent come back."""
        unfit: list[Record] = []
        items: list[Item] = []
        for record in records:
            try:
                # Drawn here and not where the call is made: it takes longer than all else that is done there.
                record.external_request_id = record.external_request_id or new_request_id()
                if record.unread is not None:
                    record.unread.read(record.__dict__)
                body = body_of(record, self._settings)
                if body is None:
                    continue
                item = Item(str(record.external_request_id), body, encode(body))
            except Exception as error:  # noqa: BLE001 - one odd record must not take the others with it
                swallow(error, "encode")
                unfit.append(record)
                continue
            if len(item.body) > LONGEST_RECORD:
                tell(
                    "long record", "A call takes %d bytes, more than %d; it is dropped.", len(item.body), LONGEST_RECORD
                )
                unfit.append(record)
            else:
                items.append(item)
        self._keep(items)
        return unfit

    def batch(self) -> list[Item]:
        """The oldest records, as many as fit into one request."""
        if not self._ready and self._spool_may_hold:
            self._ready = self._claimed()
        size, fitting = 0, 0
        for item in self._ready[: self._settings.batch_size]:
            size += len(item.body) + 1
            if size > MOST_BYTES and fitting:
                break
            fitting += 1
        taken, self._ready = self._ready[:fitting], self._ready[fitting:]
        return taken

    def give_back(self, items: list[Item]) -> None:
        """They are to be sent again, before all others."""
        self._ready = items + self._ready

    def done(self, items: list[Item]) -> None:
        """They were delivered, or refused for good."""
        numbers = [item.spooled for item in items if item.spooled is not None]
        if numbers and self._spool is not None:
            try:
                self._spool.done(numbers)
            except Exception as error:  # noqa: BLE001 - they will be sent again, and count once
                swallow(error, "spool")

    def close(self) -> None:
        """What isn't sent stays on the disk, for whoever comes next."""
        if self._spool is not None:
            try:
                self._spool.close()
            except Exception as error:  # noqa: BLE001 - its claims run out by themselves
                swallow(error, "spool")
            self._spool = None

    def abandon(self) -> None:
        """In a forked child: everything here is the parent's."""
        self._ready = []
        if self._spool is not None:
            self._spool.abandon()
            self._spool = None

    def _keep(self, items: list[Item]) -> None:
        if items and self._spool_wanted:
            try:
                self.dropped += self._opened().append([item.body for item in items])
            except Exception as error:  # noqa: BLE001 - a full or broken disk: memory must do
                swallow(error, "spool")
            else:
                self._spool_may_hold = True
                return
        self._ready += items

    def _claimed(self) -> list[Item]:
        try:
            claimed = self._opened().claim(self._settings.batch_size)
        except Exception as error:  # noqa: BLE001 - likewise
            swallow(error, "spool")
            claimed = []
        self._spool_may_hold = len(claimed) == self._settings.batch_size
        return [_item(one) for one in claimed]

    def _opened(self) -> Spool:
        if self._spool is None:
            # It brings sqlite3, which only those pay for who asked for it.
            from farthing_sdk._spool import Spool  # noqa: PLC0415

            settings = self._settings
            self._spool = Spool(settings.spool or ".", settings.endpoint, settings.api_key, settings.max_spool_bytes)
        return self._spool


def _item(one: Spooled) -> Item:
    said: dict[str, Any] = json.loads(one.body)
    return Item(str(said.get("externalRequestId", "")), said, one.body, one.id)
