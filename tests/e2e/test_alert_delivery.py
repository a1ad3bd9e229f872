"""SIGKILL before, while and after notices are sent: none is lost, and what comes twice comes with the id it had."""

from collections import Counter
from collections.abc import Generator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import pytest
from alerts.receivers import HttpReceiver, MailReceiver
from e2e.waiting import until
from server_process import ServerProcess

from farthing.alerts.notice import Notice
from farthing.store.meta import deliveries
from farthing.store.meta.database import Database

CHANNELS = "/api/v1/alerts/channels"
NOTICE = Notice(id="n0", incident_id="in_0", what="opened", severity="critical", title="Too much", summary="s", at="")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    running = ServerProcess(tmp_path_factory.mktemp("delivery"), {"FARTHING_ALERTS_ALLOW_PRIVATE": "127.0.0.1"})
    running.start()
    yield running
    running.kill()


def channel(server: ServerProcess, name: str, kind: str, **settings: object) -> str:
    body = {"name": name, "kind": kind, "settings": settings}
    made = httpx.post(server.url + CHANNELS, json=body, headers=server.headers, timeout=30)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def tell(data: Path, numbers: range, *channels: str) -> None:
    """Store notices as whoever finds an incident does."""
    with closing(Database.open(f"sqlite:///{data}/meta.db")) as database, database.write() as session:
        for number in numbers:
            at = datetime.now(UTC).isoformat()
            notice = msgspec.structs.replace(NOTICE, id=f"n{number}", incident_id=f"in_{number}", at=at)
            assert deliveries.add(session, notice, channels) == len(channels)


def pending(server: ServerProcess) -> int:
    return len(server.get("/api/v1/alerts/deliveries", status="pending")["data"])


def test_nothing_is_lost_and_a_repetition_bears_its_id(server: ServerProcess) -> None:
    with closing(HttpReceiver()) as receiver, closing(MailReceiver()) as post:
        hook = channel(server, "hook", "webhook", url=receiver.url)
        mail = channel(
            server, "mail", "email", host="127.0.0.1", port=post.port, security="plain",
            sender="farthing@example.com", recipients=["ops@example.com"],
        )  # fmt: skip
        # Claimed, and the request has come, but nobody answered: the server can't know whether it was taken.
        receiver.goes_on.clear()
        tell(server.data, range(3), hook, mail)
        first = receiver.next()
        mails = [post.next() for _ in range(3)]
        server.kill()
        receiver.goes_on.set()
        tell(server.data, range(3, 5), hook, mail)
        server.start()
        got = [receiver.next() for _ in range(5)]
        mails += [post.next() for _ in range(2)]
        # Killed as soon as the last one was answered, whether or not that is written down.
        server.kill()
        server.start()
        until(lambda: pending(server) == 0, within=30)
        while not receiver.got.empty():
            got.append(receiver.next())
        while not post.mails.empty():
            mails.append(post.next())
        told = server.get("/api/v1/alerts/deliveries")["data"]
        assert {one["status"] for one in told} == {"sent"}
        ids = {kind: {one["id"] for one in told if one["kind"] == kind} for kind in ("webhook", "email")}
        assert got[0].headers["webhook-id"] == first.headers["webhook-id"]
        assert {one.headers["webhook-id"] for one in got} == ids["webhook"]
        assert len(ids["webhook"]) == len(ids["email"]) == 5
        assert {mail["Message-ID"].strip("<>").partition("@")[0] for mail in mails} == ids["email"]
        # Only what a kill caught in the act comes again: at most one through each channel, each time.
        assert sum(Counter(one.headers["webhook-id"] for one in got).values()) <= 5 + 1
        assert len(mails) <= 5 + 2
