"""What an operator wants of channels in; channels kept, audited, their secrets encrypted; and for sending, opened, out."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from farthing.alerts import reached
from farthing.alerts.addresses import Addresses
from farthing.alerts.channels import kinds, signing
from farthing.alerts.channels.channel import Channel
from farthing.alerts.channels.kind import Kind
from farthing.catalogue.overrides import Actor
from farthing.errors import ConflictError, NotFoundError
from farthing.routing.vault import SealedError, Vault
from farthing.shapes import Shape
from farthing.store.meta import audit, deliveries
from farthing.store.meta import channels as rows
from farthing.store.meta.audit import Entry
from farthing.store.meta.channels import StoredChannel
from farthing.store.meta.database import Database, Transaction
from farthing.store.meta.deliveries import Delivery, Health

_read_secrets = Shape(dict[str, Any]).of_json
_read_channel = Shape(Channel).of_json

SUBJECT = "alert_channel:"
MOST = 200
"""Channels of one project."""

_SECRET_BYTES = 32
_REMOVED = "The channel was removed."


class Opened(msgspec.Struct, frozen=True):
    """A channel with all of its settings, to send through."""

    channel: Channel
    kind: Kind
    settings: Any

    def __repr__(self) -> str:
        """Without its secrets."""
        return f"Opened({self.channel.id!r})"


class Channels:
    """The channels of all projects. Every method may be called from any thread."""

    def __init__(self, database: Database, vault: Vault, addresses: Addresses, clock: Callable[[], datetime]) -> None:
        """`clock` answers an aware moment."""
        self._database = database
        self._vault = vault
        self._addresses = addresses
        self._clock = clock

    def of(self, project_id: str) -> list[Channel]:
        """A project's, oldest first."""
        with self._database.read() as session:
            return [_channel(one) for one in rows.listing(session, project_id)]

    def all(self) -> list[Channel]:
        """Of all projects."""
        with self._database.read() as session:
            return [_channel(one) for one in rows.listing(session)]

    def health(self, project_id: str) -> Mapping[str, Health]:
        """How each channel of a project does, by id."""
        with self._database.read() as session:
            return deliveries.health(session, project_id)

    def deliveries(self, project_id: str, **narrowed: Any) -> list[Delivery]:
        """What was, or is to be, sent, the latest first; narrowed as the store's listing is."""
        with self._database.read() as session:
            return deliveries.listing(session, project_id, **narrowed)

    def get(self, project_id: str, name: str) -> Channel:
        """The one of that id or name. Raises `NotFoundError`."""
        with self._database.read() as session:
            return _channel(_named(rows.listing(session, project_id), name))

    def named(self, project_id: str, name: str) -> str:
        """The id of the channel of that name; what names none may be the id of one that is gone."""
        with self._database.read() as session:
            found = rows.listing(session, project_id)
        return next((one.id for one in found if one.name == name), name)

    def opened(self, channel_id: str) -> Opened | None:
        """A channel to send through; None when it is gone. Raises `SealedError`, `ParameterError`."""
        with self._database.read() as session:
            stored = rows.get(session, channel_id)
        if stored is None:
            return None
        kind = kinds.kind_of(stored.kind)
        entered = {**_channel(stored).settings, **self._secrets(stored)}
        return Opened(_channel(stored), kind, kinds.read(kind, entered, self._addresses))

    def create(self, actor: Actor, wanted: Channel) -> tuple[Channel, str]:
        """Add one, whose settings hold its secrets too; and the signing secret that was made for it, to be shown once.

        Raises `BadRequestError`, `ConflictError`.
        """
        now = self._clock()
        entered = dict(wanted.settings)
        made = "" if wanted.kind != "webhook" or entered.get("signing_secret") else _new_secret()
        if made:
            entered["signing_secret"] = made
        identity = f"ch_{secrets.token_hex(8)}"
        blank = msgspec.structs.replace(
            wanted, id=identity, project_id=actor.project_id, created_at=now, updated_at=now
        )
        channel, sealed = self._sealed(blank, entered)
        with self._database.exclusive() as session:
            mine = rows.listing(session, actor.project_id)
            if len(mine) >= MOST:
                msg = f"There are {MOST} channels in this project already; delete some that are not needed."
                raise ConflictError(msg)
            _require_new(mine, channel)
            self._put(session, actor, None, channel, sealed)
        return channel, made

    def change(self, actor: Actor, name: str, changes: Mapping[str, Any]) -> Channel:
        """Change some fields of one. Of its settings those that are given; null takes one away.

        Raises `BadRequestError`, `ConflictError`, `NotFoundError`.
        """
        with self._database.exclusive() as session:
            mine = rows.listing(session, actor.project_id)
            stored = _named(mine, name)
            before = _channel(stored)
            given = {**changes}
            settings: Mapping[str, Any] = given.pop("settings", None) or {}
            known = {**before.settings, **(self._secrets(stored) if _keeps(before, settings) else {})}
            after, sealed = self._sealed(msgspec.structs.replace(before, **given), {**known, **settings})
            if after == before and not settings:
                return before
            after = msgspec.structs.replace(after, updated_at=self._clock())
            _require_new(mine, after)
            self._put(session, actor, before, after, sealed)
            if after.name != before.name:
                reached.rename(session, actor.project_id, before.name, after.name)
        return after

    def remove(self, actor: Actor, name: str) -> None:
        """Forget one, its secrets, and what was still to be sent through it. Raises `NotFoundError`, `ConflictError`."""
        now = self._clock()
        with self._database.exclusive() as session:
            before = _channel(_named(rows.listing(session, actor.project_id), name))
            reached.release(session, before.project_id, before.id, before.name)
            rows.remove(session, before.id)
            deliveries.abandon(session, before.id, int(now.timestamp() * 10**9), _REMOVED)
            was = msgspec.json.encode(before).decode()
            audit.record(session, Entry(now, str(actor), "removed", SUBJECT + before.id, before.project_id, was))

    def history(self, project_id: str, limit: int = 100) -> list[Entry]:
        """Who changed what, the latest first; never a secret."""
        with self._database.read() as session:
            return audit.listing(session, project_id, SUBJECT, limit)

    def seal_anew(self) -> int:
        """Encrypt with the newest key what is encrypted with an older one, which may then be taken away; how many there were."""
        count = 0
        with self._database.read() as session:
            old = [one for one in rows.listing(session) if not self._vault.is_of_newest(one.secrets)]
        for one in old:
            try:
                told = self._vault.unseal(one.secrets)
            except SealedError:
                continue  # told of where it is needed
            with self._database.write() as session:
                current = rows.get(session, one.id)
                if current is not None and current.secrets == one.secrets:
                    rows.put(session, msgspec.structs.replace(current, secrets=self._vault.seal(told)))
                    count += 1
        return count

    def _secrets(self, stored: StoredChannel) -> dict[str, Any]:
        told = self._vault.unseal(stored.secrets)
        return {**_once_shown(stored), **(_read_secrets(told) if told else {})}

    def _sealed(self, channel: Channel, entered: Mapping[str, Any]) -> tuple[Channel, str]:
        kind = kinds.kind_of(channel.kind)
        channel.check()
        shown, secret = kinds.parted(kind, kinds.read(kind, entered, self._addresses))
        kept = msgspec.structs.replace(channel, settings=shown, hints=kinds.hints(secret))
        return kept, self._vault.seal(msgspec.json.encode(secret).decode()) if secret else ""

    def _put(self, session: Transaction, actor: Actor, before: Channel | None, after: Channel, sealed: str) -> None:
        document = msgspec.json.encode(after).decode()
        rows.put(
            session,
            StoredChannel(
                after.id, after.project_id, after.name, after.kind, after.enabled, after.least_severity,
                document, sealed, after.created_at, after.updated_at,
            ),
        )  # fmt: skip
        was = None if before is None else msgspec.json.encode(before).decode()
        action = "created" if before is None else "changed"
        entry = Entry(after.updated_at, str(actor), action, SUBJECT + after.id, after.project_id, was, document)
        audit.record(session, entry)


def _keeps(before: Channel, settings: Mapping[str, Any]) -> bool:
    """Whether any secret stays: all of them entered anew need not be read, which mends one that can't be."""
    return not before.hints.keys() <= settings.keys()


def _new_secret() -> str:
    return signing.written(secrets.token_bytes(_SECRET_BYTES))


def _named(found: Sequence[StoredChannel], name: str) -> StoredChannel:
    one = next((one for one in found if name in (one.id, one.name)), None)
    if one is None:
        msg = f"There is no channel {name[:100]!r} in this project."
        raise NotFoundError(msg)
    return one


def _require_new(found: Sequence[StoredChannel], channel: Channel) -> None:
    if any(one.name == channel.name and one.id != channel.id for one in found):
        msg = f"There is a channel {channel.name!r} already; choose another name."
        raise ConflictError(msg)


def _channel(stored: StoredChannel) -> Channel:
    """Without what is secret by now, and was kept among the settings before."""
    found, secret = _read_channel(stored.document), kinds.kind_of(stored.kind).secrets
    shown = {name: value for name, value in found.settings.items() if name not in secret}
    return msgspec.structs.replace(found, settings=shown, hints={**found.hints, **kinds.hints(_once_shown(stored))})


def _once_shown(stored: StoredChannel) -> dict[str, Any]:
    settings = _read_channel(stored.document).settings
    return {name: settings[name] for name in kinds.kind_of(stored.kind).secrets if settings.get(name)}
