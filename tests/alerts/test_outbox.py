"""Whatever receivers do, nothing that was stored is lost, nobody waits for another, and what is sent again bears the same id."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import logging
import socket
import ssl
import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from alerts.receivers import HttpReceiver, MailReceiver
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from e2e.waiting import until

from farthing.alerts.addresses import Addresses
from farthing.alerts.channels import chart
from farthing.alerts.channels.book import Channels
from farthing.alerts.channels.channel import Channel
from farthing.alerts.notice import Notice
from farthing.alerts.outbox import Outbox, Pace
from farthing.catalogue.overrides import Actor
from farthing.errors import ConflictError
from farthing.routing.vault import Vault
from farthing.store.meta import deliveries, projects
from farthing.store.meta.database import Database
from farthing.store.meta.deliveries import Delivery
from farthing.store.meta.leases import Lease
from farthing.store.meta.projects import Project

NOW = dt.datetime.now(dt.UTC)
ADMIN = Actor("shop", "key_1")
HERE = Addresses("127.0.0.1, localhost")
OPENED = Notice(
    id="n1",
    incident_id="in_1",
    dedup_key="d1",
    what="opened",
    severity="warning",
    title="Too much",
    summary="$812.40 in 24 h against at most $500.",
    at=NOW.isoformat(),
)


class Sending:
    """A server's part that sends, on a folder of its own."""

    def __init__(self, folder: Path, pace: Pace, addresses: Addresses = HERE, name: str = "server") -> None:
        self.folder = folder
        self.database = Database.open(f"sqlite:///{folder}/meta.db")
        self.database.migrate()
        with self.database.write() as session:
            if projects.get(session, "shop") is None:
                projects.insert(session, Project("shop", "The shop", NOW))
        vault = Vault.open("", folder)
        self.channels = Channels(self.database, vault, addresses, lambda: dt.datetime.now(dt.UTC))
        lease = Lease(self.database, "alert-delivery", name)
        self.outbox = Outbox(self.database, self.channels, addresses, lease, time.time_ns, pace=pace)

    def close(self) -> None:
        self.outbox.stop()
        self.database.close()

    def channel(self, kind: str, name: str = "", **settings: Any) -> str:
        made, _ = self.channels.create(ADMIN, Channel("", "", name or kind, kind, settings=settings))
        return made.id

    def tell(self, notice: Notice, *channels: str) -> None:
        with self.database.write() as session:
            deliveries.add(session, notice, channels)
        self.outbox.wake()

    def one(self, notice: Notice, channel: str) -> Delivery:
        wanted = {"notice_id": notice.id, "channel_id": channel}
        (found,) = self.channels.deliveries("shop", **wanted)
        return found

    def settled(self, notice: Notice, channel: str) -> Delivery:
        until(lambda: self.one(notice, channel).status != "pending", within=30)
        return self.one(notice, channel)


@pytest.fixture
def sending(tmp_path: Path) -> Generator[Sending]:
    with closing(Sending(tmp_path, Pace(first_s=0.05))) as made:
        made.outbox.start()
        yield made


@pytest.fixture
def receiver() -> Generator[HttpReceiver]:
    with closing(HttpReceiver()) as made:
        yield made


def test_a_receiver_that_fails_gets_it_again_with_the_same_id_and_a_right_signature(
    sending: Sending, receiver: HttpReceiver
) -> None:
    made, secret = sending.channels.create(ADMIN, Channel("", "", "hook", "webhook", settings={"url": receiver.url}))
    receiver.answers += [(500, {}, b"oops"), (503, {}, b"")]
    sending.tell(OPENED, made.id)
    got = [receiver.next() for _ in range(3)]
    done = sending.settled(OPENED, made.id)
    assert (done.status, done.attempts, done.last_error) == ("sent", 3, "")
    assert {one.headers["webhook-id"] for one in got} == {done.id}
    for one in got:
        signed = f"{done.id}.{one.headers['webhook-timestamp']}.".encode() + one.body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert one.headers["webhook-signature"] == f"v1,{expected}"
    assert json.loads(got[0].body)["data"]["summary"] == OPENED.summary
    assert receiver.got.empty()


def test_a_receiver_that_asks_for_time_gets_it(sending: Sending, receiver: HttpReceiver) -> None:
    hook = sending.channel("slack", url=receiver.url)
    receiver.answers.append((429, {"Retry-After": "1"}, b"slow down"))
    sending.tell(OPENED, hook)
    receiver.next()
    first = time.monotonic()
    receiver.next()
    assert time.monotonic() - first > 0.9
    assert sending.settled(OPENED, hook).status == "sent"


def test_a_refusal_is_final_and_tells_no_secret(
    sending: Sending, receiver: HttpReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hook = sending.channel("slack", url=receiver.url)
    receiver.answers.append((404, {}, f"no service at {receiver.url}".encode()))
    sending.tell(OPENED, hook)
    done = sending.settled(OPENED, hook)
    assert (done.status, done.attempts) == ("failed", 1)
    assert done.last_error == "It answered 404: no service at ***."
    health = sending.channels.health("shop")[hook]
    assert (health.pending, health.last_error) == (0, done.last_error)
    assert "token-0123456789" not in caplog.text + repr(sending.channels.opened(hook)) + repr(done)
    kept = (sending.folder / "meta.db-wal").read_bytes()
    assert b"token-0123456789" not in kept


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("Cannot POST /hook/token-0123456789", "Cannot POST ***"),
        ("Cannot POST /hook/token-0123456789?key=s3cret%2Fkey", "Cannot POST ***"),
        ("no such token: 'token-0123456789'", "no such token: '***'"),
        ('{"path": "\\/hook\\/token-0123456789", "key": "s3cret/key"}', '{"path": "\\/hook\\/***", "key": "***"}'),
        ("Bearer is not abcdefgh", "*** is not ***"),
    ],
    ids=["path", "query", "part", "escaped", "header"],
)
def test_a_receiver_that_repeats_a_part_of_a_secret_gives_none_away(
    sending: Sending, receiver: HttpReceiver, answer: str, shown: str
) -> None:
    url = f"{receiver.url}?key=s3cret%2Fkey"
    hook = sending.channel("webhook", url=url, headers={"Authorization": "Bearer abcdefgh"})
    receiver.answers.append((404, {}, answer.encode()))
    sending.tell(OPENED, hook)
    assert sending.settled(OPENED, hook).last_error == f"It answered 404: {shown}."


def test_a_redirect_into_our_own_walls_is_not_followed(sending: Sending, receiver: HttpReceiver) -> None:
    hook = sending.channel("webhook", url=receiver.url)
    with closing(HttpReceiver()) as inner:
        receiver.answers.append((307, {"Location": inner.url}, b""))
        sending.tell(OPENED, hook)
        done = sending.settled(OPENED, hook)
        assert done.status == "failed"
        assert "307, a redirect" in done.last_error
        assert inner.got.empty()


def test_a_private_address_is_not_connected_to_and_a_name_is_looked_up_once(
    tmp_path: Path, receiver: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookups: list[str] = []
    real = socket.getaddrinfo

    def answer(host: str, port: int, *args: Any, **more: Any) -> Any:
        if host != "hooks.test":
            return real(host, port, *args, **more)
        lookups.append(host)
        # What is looked at first is not what a second question would get.
        return real("127.0.0.1" if len(lookups) % 2 else "127.0.0.2", port, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    url = receiver.url.replace("127.0.0.1", "hooks.test")
    for allowed, status in (("127.0.0.1", "sent"), ("", "failed")):
        lookups.clear()
        folder = tmp_path / status
        folder.mkdir()
        with closing(Sending(folder, Pace(), Addresses(allowed))) as made:
            made.outbox.start()
            hook = made.channel("webhook", url=url)
            made.tell(OPENED, hook)
            done = made.settled(OPENED, hook)
            assert (done.status, len(lookups)) == (status, 1)
    assert (
        done.last_error == "hooks.test has an address that is not public; FARTHING_ALERTS_ALLOW_PRIVATE can allow it."
    )
    receiver.next()
    assert receiver.got.empty()


def test_what_hangs_delays_nobody_and_does_not_keep_the_server_from_ending(
    sending: Sending, receiver: HttpReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.goes_on.clear()
    stuck = sending.channel("webhook", url=receiver.url)
    with closing(HttpReceiver()) as quick:
        other = sending.channel("slack", url=quick.url)
        sending.tell(OPENED, stuck, other)
        receiver.next()
        assert sending.settled(OPENED, other).status == "sent"
        later = msgspec.structs.replace(OPENED, id="n2")
        sending.tell(later, stuck, other)
        assert sending.settled(later, other).status == "sent"
    assert (sending.one(OPENED, stuck).status, sending.one(later, stuck).attempts) == ("pending", 0)
    receiver.goes_on.set()
    assert sending.settled(later, stuck).status == "sent"


def test_in_the_end_it_is_given_up_and_that_shows(tmp_path: Path, receiver: HttpReceiver) -> None:
    with closing(Sending(tmp_path, Pace(first_s=0.05, give_up_s=0.3))) as made:
        made.outbox.start()
        hook = made.channel("webhook", url=receiver.url)
        receiver.answers += [(500, {}, b"")] * 50
        late = msgspec.structs.replace(OPENED, at=dt.datetime.now(dt.UTC).isoformat())
        made.tell(late, hook)
        done = made.settled(late, hook)
        assert (done.status, done.last_error) == ("given_up", "It answered 500.")
        assert made.channels.health("shop")[hook].failing_since_ns == done.due_ns


def test_what_was_claimed_by_a_server_that_is_gone_is_sent(tmp_path: Path, receiver: HttpReceiver) -> None:
    with closing(Sending(tmp_path, Pace())) as gone:
        hook = gone.channel("webhook", url=receiver.url)
        gone.tell(OPENED, hook)
        now = time.time_ns()
        with gone.database.write() as session:
            (claimed,) = deliveries.claim(session, "gone", now, now + 10**12, (), 1)
    with closing(Sending(tmp_path, Pace())) as next_one:
        next_one.outbox.start()
        assert receiver.next().headers["webhook-id"] == claimed.id
        assert next_one.settled(OPENED, hook).attempts == 2


def test_of_two_servers_one_sends(tmp_path: Path, receiver: HttpReceiver) -> None:
    with closing(Sending(tmp_path, Pace(), name="a")) as one, closing(Sending(tmp_path, Pace(), name="b")) as other:
        hook = one.channel("webhook", url=receiver.url)
        for server in (one, other):
            server.outbox.start()
        told = [
            msgspec.structs.replace(OPENED, id=f"n{number}", incident_id=f"in_{number % 3}") for number in range(12)
        ]
        for notice, server in zip(told, (one, other) * 6, strict=True):
            server.tell(notice, hook)
        got = [receiver.next() for _ in told]
        assert all(one.settled(notice, hook).attempts == 1 for notice in told)
    assert len({request.headers["webhook-id"] for request in got}) == len(told)
    assert receiver.got.empty()


def test_a_key_that_is_missing_for_a_while_loses_nothing(tmp_path: Path, receiver: HttpReceiver) -> None:
    with closing(Sending(tmp_path, Pace())) as before:
        hook = before.channel("webhook", url=receiver.url)
    key = (tmp_path / "secret.key").rename(tmp_path / "kept.key")
    with closing(Sending(tmp_path, Pace(first_s=0.05))) as without:
        without.tell(OPENED, hook)
        without.outbox.start()
        until(lambda: without.one(OPENED, hook).last_error != "", within=30)
        waiting = without.one(OPENED, hook)
        assert (waiting.status, "another key" in waiting.last_error) == ("pending", True)
    key.rename(tmp_path / "secret.key")
    with closing(Sending(tmp_path, Pace(first_s=0.05))) as after:
        after.outbox.start()
        assert after.settled(OPENED, hook).status == "sent"


def test_a_test_is_sent_once_and_says_what_happened(sending: Sending, receiver: HttpReceiver) -> None:
    hook = sending.channel("webhook", url=receiver.url)
    receiver.answers.append((500, {}, b"broken"))
    channel = sending.channels.get("shop", "webhook")
    failed = sending.outbox.try_out(channel)
    assert (failed.status, failed.last_error) == ("failed", "It answered 500: broken.")
    assert sending.outbox.try_out(channel).status == "sent"
    told = [json.loads(receiver.next().body) for _ in range(2)]
    assert told[1]["data"]["title"] == "Test: webhook works"
    assert told[1]["data"]["project"] == "The shop"
    sending.channels.change(ADMIN, hook, {"enabled": False})
    with pytest.raises(ConflictError, match="turned off"):
        sending.outbox.try_out(sending.channels.get("shop", hook))


def certificate(folder: Path) -> Path:
    """A certificate of localhost, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - dt.timedelta(days=1))
        .not_valid_after(NOW + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    place = folder / "localhost.pem"
    place.write_bytes(text + made.public_bytes(serialization.Encoding.PEM))
    return place


def test_a_mail_goes_out_encrypted_signed_in_and_with_its_chart(
    sending: Sending, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(place)
    with closing(MailReceiver(tls, "pass-word-0123456")) as server:
        settings: dict[str, Any] = {
            "host": "localhost",
            "port": server.port,
            "username": "farthing",
            "password": "pass-word-0123456",
            "sender": "farthing@example.com",
            "recipients": ["ops@example.com", "gone@refused.example"],
        }
        mail = sending.channel("email", **settings)
        untrusted = sending.outbox.try_out(sending.channels.get("shop", "email"))
        assert "its certificate is not to be trusted" in untrusted.last_error
        monkeypatch.setenv("SSL_CERT_FILE", str(place))
        drawn = msgspec.structs.replace(OPENED, image_png=chart.draw([chart.Bar(1.0, 0.0, 2.0)] * 24))
        sending.tell(drawn, mail)
        got = server.next()
        done = sending.settled(OPENED, mail)
        assert (done.status, done.last_error, done.image) == ("sent", "It refused gone@refused.example.", None)
        assert (got["Message-ID"], got["To"]) == (
            f"<{done.id}@example.com>",
            "ops@example.com, gone@refused.example",
        )
        assert [part.get_content_type() for part in got.walk()] == [
            "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
        ]  # fmt: skip
        assert server.signed_in == ["farthing"]
        sending.channels.change(ADMIN, mail, {"settings": {"password": "wrong-0123456789"}})
        refused = sending.outbox.try_out(sending.channels.get("shop", "email"))
        assert refused.status == "failed"
        assert refused.last_error.startswith("localhost answered 535")


def test_a_mail_that_is_refused_for_now_is_sent_later_and_one_for_good_is_not(sending: Sending) -> None:
    with closing(MailReceiver()) as server:
        settings: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": server.port,
            "security": "plain",
            "sender": "f@example.com",
        }
        mail = sending.channel("email", recipients=["ops@example.com"], **settings)
        server.refusal = "451 greylisted"
        sending.tell(OPENED, mail)
        until(lambda: sending.one(OPENED, mail).attempts > 0 and sending.one(OPENED, mail).last_error != "", within=30)
        assert sending.one(OPENED, mail).last_error == "127.0.0.1 answered 451: greylisted."
        server.refusal = ""
        got = server.next()
        assert got["Message-ID"] == f"<{sending.settled(OPENED, mail).id}@example.com>"
        nobody = sending.channel("email", "nobody", recipients=["x@refused.example"], **settings)
        sending.tell(OPENED, nobody)
        done = sending.settled(OPENED, nobody)
        assert (done.status, done.last_error) == ("failed", "127.0.0.1 refused all recipients (550).")
