"""Notices in, stored before they are sent; what is to be sent next, claimed, and what became of it, out."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

import msgspec
from sqlalchemy import and_, case, delete, func, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from farthing.store.meta.notice_tables import ChannelRow, DeliveryRow
from farthing.store.meta.upserts import upsert

Outcome = Literal["sent", "failed", "given_up"]

_RANKS: Mapping[str, int] = {"info": 0, "warning": 1, "critical": 2, "none": 3}
_NS = 10**9


class Told(Protocol):
    """What is needed of a notice; all else of it is kept as it is."""

    @property
    def id(self) -> str:
        """Of the event."""
        ...

    @property
    def incident_id(self) -> str:
        """Empty where it belongs to none."""
        ...

    @property
    def what(self) -> str:
        """What happened."""
        ...

    @property
    def severity(self) -> str:
        """How urgent it is."""
        ...

    @property
    def title(self) -> str:
        """In short."""
        ...

    @property
    def at(self) -> str:
        """When, RFC 3339."""
        ...


class Delivery(msgspec.Struct, frozen=True):
    """One notice through one channel, and what became of it so far."""

    number: int
    id: str
    project_id: str
    channel_id: str
    channel_name: str
    kind: str
    notice_id: str
    incident_id: str
    what: str
    severity: str
    title: str
    document: str
    image: bytes | None
    status: str
    attempts: int
    created_ns: int
    due_ns: int
    next_ns: int
    claimed_by: str
    finished_ns: int | None
    last_error: str


class Health(msgspec.Struct, frozen=True):
    """How a channel does."""

    pending: int = 0
    sent_ns: int | None = None
    """When something was last sent."""
    failing_since_ns: int | None = None
    """When the first of what has not got through since was due."""
    last_error: str = ""


def add(session: Session, notice: Told, channel_ids: Iterable[str], not_before_ns: int = 0) -> int:
    """Have a notice sent through these channels, each once however often it is added; through how many it is new.

    Channels that are gone, turned off, or want to hear of urgent things only are left out.
    """
    wanted = list(channel_ids)
    channels = session.scalars(select(ChannelRow).where(ChannelRow.id.in_(wanted))).all()
    # Images are kept as they are, and only where they are shown.
    told = msgspec.to_builtins(notice, builtin_types=(bytes,))
    image = told.pop("image_png", None)
    created_ns = int(datetime.fromisoformat(notice.at).timestamp() * _NS)
    rows = [
        {
            "id": identity(notice.id, channel.id),
            "project_id": channel.project_id,
            "channel_id": channel.id,
            "channel_name": channel.name,
            "kind": channel.kind,
            "notice_id": notice.id,
            "incident_id": notice.incident_id,
            "what": notice.what,
            "severity": notice.severity,
            "title": notice.title,
            "document": msgspec.json.encode(told).decode(),
            "image": image if channel.kind == "email" else None,
            "status": "pending",
            "attempts": 0,
            "created_ns": created_ns,
            "due_ns": max(created_ns, not_before_ns),
            "next_ns": max(created_ns, not_before_ns),
            "claimed_by": "",
            "last_error": "",
        }
        for channel in channels
        if channel.enabled and _wants(channel, notice)
    ]
    if not rows:
        return 0
    statement = upsert(session, DeliveryRow).values(rows).on_conflict_do_nothing(index_elements=["id"])
    return len(session.execute(statement.returning(DeliveryRow.number)).all())


def identity(notice_id: str, channel_id: str) -> str:
    """The id of a notice's delivery through a channel: what a receiver may know a repetition by."""
    told = f"{notice_id} {channel_id}".encode()
    return f"dl_{hashlib.sha256(told).hexdigest()[:32]}"


def knows(session: Session, notice_id: str, channel_id: str) -> bool:
    """Whether a notice was added for a channel."""
    known = select(DeliveryRow.number).where(DeliveryRow.id == identity(notice_id, channel_id))
    return session.scalar(known) is not None


def last_told(session: Session, incident_id: str, kinds: Collection[str]) -> dict[str, str]:
    """What each channel of these kinds was, or is to be, told of an incident last, by the channel's id."""
    mine = (DeliveryRow.incident_id == incident_id, DeliveryRow.kind.in_(kinds))
    found = select(DeliveryRow.channel_id, DeliveryRow.what).where(*mine).order_by(DeliveryRow.number)
    return {row.channel_id: row.what for row in session.execute(found)}


def next_due_ns(session: Session, claimant: str = "") -> int | None:
    """When the next of all is due: at once, where somebody else than this claimant has begun with it."""
    is_free = DeliveryRow.claimed_by.in_(("", claimant))
    when = case((is_free, DeliveryRow.next_ns), else_=0)
    return session.scalar(select(func.min(when)).where(DeliveryRow.status == "pending"))


def claim(
    session: Session, claimant: str, now_ns: int, until_ns: int, busy: Collection[str], most: int
) -> list[Delivery]:
    """What is to be sent now, at most one through each channel that isn't busy, marked as being sent by this claimant.

    Of one incident nothing overtakes what came before it. A claim that nobody settles is void after `until_ns`.
    """
    earlier = aliased(DeliveryRow)
    is_first = ~(
        select(literal(1))
        .where(
            earlier.status == "pending",
            earlier.channel_id == DeliveryRow.channel_id,
            earlier.incident_id == DeliveryRow.incident_id,
            earlier.number < DeliveryRow.number,
        )
        .exists()
    )
    due = (
        select(func.min(DeliveryRow.number))
        .where(
            DeliveryRow.status == "pending",
            DeliveryRow.next_ns <= now_ns,
            DeliveryRow.channel_id.not_in(busy),
            or_(DeliveryRow.incident_id == "", is_first),
        )
        .group_by(DeliveryRow.channel_id)
    )
    found = session.scalars(
        select(DeliveryRow)
        .where(DeliveryRow.number.in_(due))
        .order_by(DeliveryRow.number)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    for row in found:
        row.attempts += 1
        row.claimed_by = claimant
        row.next_ns = until_ns
    session.flush()
    return [_delivery(row) for row in found]


def claim_one(session: Session, notice_id: str, channel_id: str, claimant: str, until_ns: int) -> Delivery | None:
    """Claim what was added in this transaction; None where it was not."""
    row = session.scalar(select(DeliveryRow).where(DeliveryRow.id == identity(notice_id, channel_id)))
    if row is None:
        return None
    row.attempts, row.claimed_by, row.next_ns = 1, claimant, until_ns
    session.flush()
    return _delivery(row)


def free(session: Session, claimant: str, now_ns: int) -> int:
    """Void the claims of all others, who are known to be gone; how many there were."""
    others = and_(DeliveryRow.status == "pending", DeliveryRow.claimed_by.not_in(("", claimant)))
    freed = update(DeliveryRow).where(others).values(claimed_by="", next_ns=now_ns)
    return len(session.execute(freed.returning(DeliveryRow.number)).all())


def finish(session: Session, delivery: Delivery, outcome: Outcome, now_ns: int, error: str = "") -> bool:
    """It was sent, or never will be; whether the claim still stood."""
    values = {"status": outcome, "finished_ns": now_ns, "last_error": error, "claimed_by": "", "image": None}
    return _settle(session, delivery, values)


def postpone(session: Session, delivery: Delivery, next_ns: int, error: str) -> bool:
    """It is to be tried again then; whether the claim still stood."""
    return _settle(session, delivery, {"next_ns": next_ns, "last_error": error, "claimed_by": ""})


def abandon(session: Session, channel_id: str, now_ns: int, why: str) -> None:
    """Give up all that is still to be sent through a channel."""
    pending = and_(DeliveryRow.status == "pending", DeliveryRow.channel_id == channel_id)
    values = {"status": "given_up", "finished_ns": now_ns, "last_error": why, "claimed_by": "", "image": None}
    session.execute(update(DeliveryRow).where(pending).values(**values))


def listing(  # noqa: PLR0913  what a list may be narrowed by
    session: Session,
    project_id: str,
    *,
    channel_id: str = "",
    incident_id: str = "",
    notice_id: str = "",
    status: str = "",
    before: int | None = None,
    limit: int = 100,
) -> list[Delivery]:
    """A project's, the latest first."""
    question = select(DeliveryRow).where(DeliveryRow.project_id == project_id)
    for column, wanted in (
        (DeliveryRow.channel_id, channel_id),
        (DeliveryRow.incident_id, incident_id),
        (DeliveryRow.notice_id, notice_id),
        (DeliveryRow.status, status),
    ):
        if wanted:
            question = question.where(column == wanted)
    if before is not None:
        question = question.where(DeliveryRow.number < before)
    return [_delivery(row) for row in session.scalars(question.order_by(DeliveryRow.number.desc()).limit(limit))]


def health(session: Session, project_id: str) -> dict[str, Health]:
    """How each channel of a project does, by id."""
    mine = DeliveryRow.project_id == project_id
    sent = session.execute(
        select(DeliveryRow.channel_id, func.max(DeliveryRow.finished_ns))
        .where(mine, DeliveryRow.status == "sent")
        .group_by(DeliveryRow.channel_id)
    )
    found: dict[str, Health] = {channel_id: Health(sent_ns=at) for channel_id, at in sent}
    told = (DeliveryRow.channel_id, DeliveryRow.status, DeliveryRow.due_ns, DeliveryRow.last_error)
    troubled = session.execute(select(*told).where(mine, DeliveryRow.status != "sent").order_by(DeliveryRow.number))
    for channel_id, status, due_ns, error in troubled:
        before = found.get(channel_id, Health())
        found[channel_id] = _with(before, due_ns, error, is_pending=status == "pending")
    return found


def prune(session: Session, before_ns: int) -> None:
    """Forget what was done with before then."""
    session.execute(delete(DeliveryRow).where(DeliveryRow.status != "pending", DeliveryRow.finished_ns < before_ns))


def _with(health: Health, due_ns: int, error: str, *, is_pending: bool) -> Health:
    pending = health.pending + is_pending
    if not error or due_ns < (health.sent_ns or 0):
        return msgspec.structs.replace(health, pending=pending)
    since = due_ns if health.failing_since_ns is None else health.failing_since_ns
    return Health(pending, health.sent_ns, since, error)


def _wants(channel: ChannelRow, notice: Told) -> bool:
    if notice.what in ("test", "digest"):
        return True
    return _RANKS[notice.severity] >= _RANKS[channel.least_severity]


def _settle(session: Session, delivery: Delivery, values: Mapping[str, object]) -> bool:
    mine = (
        DeliveryRow.number == delivery.number,
        DeliveryRow.status == "pending",
        DeliveryRow.claimed_by == delivery.claimed_by,
    )
    done = session.execute(update(DeliveryRow).where(*mine).values(**values).returning(DeliveryRow.number))
    return done.first() is not None


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(**{name: getattr(row, name) for name in _FIELDS})


_FIELDS: Sequence[str] = Delivery.__struct_fields__
