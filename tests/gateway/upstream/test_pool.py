"""Connections that are made, kept for a while and closed; TLS; hosts that nobody finds."""

import asyncio
import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from gateway.upstream.scripted_provider import Line, asked, each_loop, provider, run, upstream, whole

from farthing.gateway.refusals import UpstreamError
from farthing.gateway.upstream import pool, wire
from farthing.gateway.upstream.pool import Pool
from farthing.routing.plan import Timeouts

SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


async def told(line: Line) -> None:
    while True:
        await line.heard()
        await line.say(SHORT)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of localhost, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    place = tmp_path_factory.mktemp("tls") / "localhost.pem"
    place.write_bytes(text + made.public_bytes(serialization.Encoding.PEM))
    return place


def serving(certificate: Path) -> ssl.SSLContext:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    return tls


@each_loop
def test_tls(loop: str, certificate: Path) -> None:
    large = b"x" * (3 << 20)

    async def main() -> None:
        async def script(line: Line) -> None:
            _, body = await line.heard()
            await line.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body), body)
            await line.heard()
            # No length: it ends with the connection, which says so.
            await line.say(b"HTTP/1.1 200 OK\r\n\r\n", large)

        def trust() -> ssl.SSLContext:
            return ssl.create_default_context(cafile=str(certificate))

        async with provider(script, serving(certificate)) as there, upstream(trust) as client:
            assert await whole(await asked(client, there.url, large)) == large
            assert await whole(await asked(client, there.url, b"")) == large
            assert there.lines == 1
            with pytest.raises(UpstreamError, match="TLS failed"):
                await asked(client, there.url.replace("localhost", "127.0.0.1"))

    run(loop, main())


@each_loop
def test_nobody_is_trusted_unseen(loop: str, certificate: Path) -> None:
    async def main() -> None:
        async def plain(line: Line) -> None:
            await line.reader.read(1)
            await line.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        async with provider(told, serving(certificate)) as there, upstream() as client:
            with pytest.raises(UpstreamError, match="TLS failed") as raised:
                await asked(client, there.url)
            assert raised.value.code == "upstream_unreachable"
        async with provider(plain) as there, upstream() as client:
            with pytest.raises(UpstreamError, match="TLS failed"):
                await asked(client, there.url.replace("http:", "https:"))

    run(loop, main())


@each_loop
def test_who_cannot_be_reached(loop: str) -> None:
    async def main() -> None:
        async def silent(line: Line) -> None:
            await line.gone()

        async with provider(silent) as there, upstream() as client:
            with pytest.raises(UpstreamError, match="in time") as raised:
                await asked(client, there.url.replace("http:", "https:"), timeouts=Timeouts(0.5, 9, 9))
            assert raised.value.code == "upstream_unreachable"
            if there.lines:  # it may have taken until then to find the host
                await there.left.wait()
        async with upstream() as client:
            with pytest.raises(UpstreamError, match="the connection failed"):
                await asked(client, there.url)
            with pytest.raises(UpstreamError, match="its name is none"):
                await asked(client, f"http://{'x' * 64}.example/")

    run(loop, main())


@each_loop
def test_what_nobody_uses_is_closed(loop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "MOST_KEPT", 2)

    async def main() -> None:
        async with provider(told) as there:
            origin = wire.place(there.url).origin
            made, brief = Pool(), Pool(kept_s=0.1)
            upstreams = [await made.connected(origin, 30) for _ in range(3)]
            for one in upstreams:
                made.free(one)
            await there.left.wait()
            assert [one.is_usable for one in upstreams] == [False, True, True]
            assert await made.kept(origin) is upstreams[2]
            await made.close()
            one = await brief.connected(origin, 30)
            brief.free(one)
            await asyncio.wait_for(one.lost, 30)
            assert await brief.kept(origin) is None
            await brief.close()

    run(loop, main())


@each_loop
def test_who_speaks_unasked_is_not_listened_to(loop: str) -> None:
    async def main() -> None:
        async def script(line: Line) -> None:
            await line.heard()
            await line.say(SHORT)
            await line.head()
            await line.say(SHORT)
            await line.gone()

        async with provider(script) as there:
            made = Pool()
            connection = await made.connected(wire.place(there.url).origin, 30)
            connection.data_received(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
            await connection.lost
            assert not connection.is_usable
            await made.close()

    run(loop, main())
