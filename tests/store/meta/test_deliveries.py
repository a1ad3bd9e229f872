"""Notices are kept before they are sent, claimed one by one and in their order, and never lost between two servers."""

from datetime import UTC, datetime

import msgspec
import pytest

from farthing.alerts.notice import Notice
from farthing.store.meta import channels, deliveries, projects
from farthing.store.meta.channels import StoredChannel
from farthing.store.meta.database import Database
from farthing.store.meta.deliveries import Delivery
from farthing.store.meta.projects import Project

NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
NS = int(NOW.timestamp()) * 10**9
SECOND = 10**9
OPENED = Notice(
    id="n1", incident_id="in_1", what="opened", severity="warning", title="Too much", summary="s", at=NOW.isoformat()
)


def channel(name: str, kind: str = "slack", project: str = "shop", **more: object) -> StoredChannel:
    plain = StoredChannel(f"ch_{name}", project, name, kind, True, "info", "{}", "", NOW, NOW)
    return msgspec.structs.replace(plain, **more)


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write() as session:
        for project in ("shop", "other"):
            projects.insert(session, Project(project, project, NOW))
        for one in (
            channel("ops"),
            channel("mail", "email"),
            channel("off", enabled=False),
            channel("pager", least_severity="critical"),
            channel("theirs", project="other"),
        ):
            channels.put(session, one)
    return database


def claim(database: Database, *busy: str, at: int = NS, by: str = "s1") -> list[Delivery]:
    with database.write() as session:
        return deliveries.claim(session, by, at, at + 60 * SECOND, busy, 10)


def test_channels_are_chosen_by_name_or_id_or_all_that_are_on(filled: Database) -> None:
    with filled.read() as session:
        assert channels.chosen(session, "shop") == ["ch_mail", "ch_ops", "ch_pager"]
        assert channels.chosen(session, "shop", ["ops", "ch_mail", "off", "gone", "theirs"]) == ["ch_mail", "ch_ops"]


def test_a_notice_goes_once_to_each_channel_that_wants_it(filled: Database) -> None:
    everywhere = ["ch_ops", "ch_mail", "ch_off", "ch_pager", "ch_gone"]
    drawn = msgspec.structs.replace(OPENED, image_png=b"\x89PNG")
    with filled.write() as session:
        assert deliveries.add(session, drawn, everywhere, 0) == 2
        assert deliveries.add(session, drawn, everywhere, 0) == 0
        urgent = msgspec.structs.replace(OPENED, id="n2", severity="critical")
        assert deliveries.add(session, urgent, ["ch_pager"], 0) == 1
    with filled.read() as session:
        kept = {one.channel_id: one for one in deliveries.listing(session, "shop", incident_id="in_1")}
        assert deliveries.listing(session, "other") == []
        assert deliveries.next_due_ns(session) == NS
    assert kept["ch_mail"].image == b"\x89PNG"
    assert kept["ch_ops"].image is None
    assert msgspec.json.decode(kept["ch_mail"].document, type=Notice) == OPENED


def test_of_an_incident_nothing_overtakes_and_a_busy_channel_waits(filled: Database) -> None:
    over = msgspec.structs.replace(OPENED, id="n2", what="recovered")
    other = msgspec.structs.replace(OPENED, id="n3", incident_id="in_2")
    with filled.write() as session:
        for notice in (OPENED, over, other):
            deliveries.add(session, notice, ["ch_ops", "ch_mail"], 0)
    assert [(one.channel_id, one.notice_id) for one in claim(filled, "ch_mail")] == [("ch_ops", "n1")]
    (second,) = claim(filled, "ch_mail")
    assert second.notice_id == "n3"
    assert claim(filled, "ch_mail") == []
    with filled.write() as session:
        (first,) = deliveries.listing(session, "shop", channel_id="ch_ops", before=3)
        assert (first.attempts, first.claimed_by) == (1, "s1")
        assert deliveries.postpone(session, first, NS + 9 * SECOND, "it answered 500.")
        assert not deliveries.finish(session, first, "sent", NS)  # the claim is gone
    assert claim(filled, "ch_mail", at=NS + 8 * SECOND) == []
    (again,) = claim(filled, "ch_mail", at=NS + 9 * SECOND)
    assert (again.notice_id, again.attempts) == ("n1", 2)
    with filled.write() as session:
        assert deliveries.finish(session, again, "sent", NS + 10 * SECOND)
    assert [one.notice_id for one in claim(filled, "ch_mail", at=NS + 10 * SECOND)] == ["n2"]


def test_what_is_for_later_waits(filled: Database) -> None:
    with filled.write() as session:
        deliveries.add(session, OPENED, ["ch_ops"], NS + 3600 * SECOND)
    assert claim(filled) == []
    assert len(claim(filled, at=NS + 3600 * SECOND)) == 1


def test_a_claim_is_void_when_its_holder_is_gone(filled: Database) -> None:
    with filled.write() as session:
        deliveries.add(session, OPENED, ["ch_ops"], 0)
    (claimed,) = claim(filled)
    with filled.write() as session:
        assert deliveries.free(session, "s1", NS) == 0
        assert deliveries.free(session, "s2", NS) == 1
    (again,) = claim(filled, by="s2")
    assert (again.id, again.attempts) == (claimed.id, 2)
    assert len(claim(filled, at=NS + 60 * SECOND, by="s3")) == 1  # nobody said a word for a minute


def test_how_channels_do(filled: Database) -> None:
    with filled.write() as session:
        for number in range(3):
            notice = msgspec.structs.replace(OPENED, id=f"n{number}", incident_id=f"in_{number}")
            deliveries.add(session, notice, ["ch_ops", "ch_mail"], NS + number * SECOND)
    later = NS + 5 * SECOND
    for _ in range(2):
        for one in claim(filled, at=later):
            with filled.write() as session:
                deliveries.finish(session, one, "sent" if one.kind == "slack" else "failed", later, "no such box.")
    with filled.write() as session:
        found = deliveries.health(session, "shop")
        assert (found["ch_ops"].pending, found["ch_ops"].sent_ns, found["ch_ops"].failing_since_ns) == (1, later, None)
        mail = found["ch_mail"]
        assert (mail.pending, mail.sent_ns, mail.failing_since_ns, mail.last_error) == (1, None, NS, "no such box.")
        deliveries.abandon(session, "ch_mail", later, "The channel was removed.")
        channels.remove(session, "ch_mail")
        assert [one.status for one in deliveries.listing(session, "shop", channel_id="ch_mail")] == [
            "given_up", "failed", "failed",
        ]  # fmt: skip
        deliveries.prune(session, later + 1)
        assert [one.status for one in deliveries.listing(session, "shop")] == ["pending"]
