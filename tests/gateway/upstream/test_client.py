"""What providers say, as bytes on a socket; what whoever asked them gets, and whether the connection is used again."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from gateway.upstream.scripted_provider import Line, asked, each_loop, provider, run, upstream, whole

from farthing.gateway.refusals import UpstreamCutError, UpstreamError, UpstreamTimeoutError
from farthing.gateway.upstream import pool
from farthing.routing.plan import Timeouts

OK = b"HTTP/1.1 200 OK\r\n"
SHORT = OK + b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


async def told(line: Line) -> None:
    """Answer everything."""
    while True:
        await line.heard()
        await line.say(SHORT)


@each_loop
def test_what_goes_out_and_what_comes_back(loop: str) -> None:
    async def main() -> None:
        heard: list[tuple[bytes, bytes]] = []

        async def script(line: Line) -> None:
            while True:
                heard.append(await line.heard())
                await line.say(
                    OK + b"Content-Type: a/b\r\nSet-Cookie: c=1\r\nDate: x\r\nX-E: \xe9\r\nContent-Length: 2\r\n\r\n",
                    b"{",
                    b"}",
                )

        async def pieces() -> AsyncIterator[bytes]:
            for piece in (b"ab", b"", b"c"):
                yield piece

        large = bytes(range(256)) * 4096
        async with provider(script) as there, upstream() as client:
            url = f"{there.url}/v1/chat?a=%2F%20&b=ü x"
            answer = await asked(client, url, b"body")
            assert (answer.status, answer.header(b"content-type")) == (200, "a/b")
            assert answer.headers == [(b"content-type", b"a/b"), (b"x-e", b"\xe9"), (b"content-length", b"2")]
            assert await whole(answer) == b"{}"
            for body in (None, pieces(), large):
                assert await whole(await asked(client, url, body)) == b"{}"
            assert await whole(await asked(client, url, None, "POST")) == b"{}"
            assert await whole(await asked(client, url, pieces(), length=3)) == b"{}"
            assert there.lines == 1
        host = there.url.removeprefix("http://")
        first = f"/v1/chat?a=%2F%20&b=%C3%BC%20x HTTP/1.1\r\nhost: {host}\r\nx-one: ".encode() + b"\xe9\r\n"
        assert heard == [
            (b"POST " + first + b"content-length: 4\r\n\r\n", b"body"),
            (b"GET " + first + b"\r\n", b""),
            (b"POST " + first + b"transfer-encoding: chunked\r\n\r\n", b"abc"),
            (b"POST " + first + b"content-length: 1048576\r\n\r\n", large),
            (b"POST " + first + b"content-length: 0\r\n\r\n", b""),
            (b"POST " + first + b"content-length: 3\r\n\r\n", b"abc"),
        ]

    run(loop, main())


def test_odd_headers() -> None:
    async def main() -> None:
        async def script(line: Line) -> None:
            await line.heard()
            await line.say(
                OK + b"Retry-After: 7 \r\nFolded: a\r\n b\r\nOdd: a\x01b\r\nEmpty:\r\nContent-Length: 0\r\n"
                b"Set-Cookie: a=b\r\nStrict-Transport-Security: max-age=9\r\nX-Farthing-Request-Id: 1\r\nTraceparent: 2\r\n\r\n"
            )

        async with provider(script) as there, upstream() as client:
            answer = await asked(client, there.url)
            assert answer.headers == [
                (b"retry-after", b"7 "), (b"folded", b"a b"), (b"empty", b""), (b"content-length", b"0"),
            ]  # fmt: skip
            assert (answer.header(b"retry-after"), await whole(answer)) == ("7", b"")

    run("uvloop", main())


ANSWERS: Sequence[tuple[str, tuple[bytes, ...], bytes, bool]] = (
    ("length", (SHORT,), b"{}", True),
    ("byte by byte", tuple(bytes([one]) for one in SHORT), b"{}", True),
    ("chunks", (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", b"1;x=y\r\n", b"!\r\n0\r\n\r\n"), b"{}!", True),
    ("trailers", (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n",), b"{}", True),
    ("no content", (b"HTTP/1.1 204 No Content\r\n\r\n",), b"", True),
    ("no content, and how much", (b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",), b"", True),
    ("interim", (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", SHORT), b"{}", True),
    ("said to close", (OK + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}",), b"{}", False),
    ("old", (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",), b"{}", False),
    ("until closed", (OK + b"\r\n{", b"}"), b"{}", False),
    ("more than asked", (SHORT + SHORT,), b"{}", False),
    ("nonsense behind it", (SHORT + b"hello there\r\n\r\n",), b"{}", False),
)  # fmt: skip


@each_loop
@pytest.mark.parametrize(("said", "body", "stays"), [one[1:] for one in ANSWERS], ids=[one[0] for one in ANSWERS])
def test_a_connection_is_used_again_where_its_answer_ended_cleanly(
    loop: str, said: Sequence[bytes], body: bytes, *, stays: bool
) -> None:
    async def main() -> None:
        async def script(line: Line) -> None:
            await line.heard()
            await line.say(*said)
            if body == b"{}" and said[0].endswith(b"\r\n{"):
                return
            await line.heard()
            await line.say(SHORT)
            await line.gone()

        async with provider(script) as there, upstream() as client:
            assert await whole(await asked(client, there.url, b"1")) == body
            assert await whole(await asked(client, there.url, b"2")) == b"{}"
            assert there.lines == (1 if stays else 2)

    run(loop, main())


@each_loop
def test_a_head_alone(loop: str) -> None:
    async def main() -> None:
        async def script(line: Line) -> None:
            await line.heard()
            await line.say(OK + b"Content-Length: 1000\r\n\r\n")
            await line.gone()

        async with provider(script) as there, upstream() as client:
            answer = await asked(client, there.url, None, "HEAD")
            assert (answer.header(b"content-length"), await whole(answer)) == ("1000", b"")
            await there.left.wait()

    run(loop, main())


WRONG: Sequence[tuple[str, bytes, bytes, str]] = (
    ("nothing", b"", b"", "went away"),
    ("half a head", OK + b"Content-Le", b"", "went away"),
    ("too short", OK + b"Content-Length: 9\r\n\r\n{}", b"{}", "went away"),
    ("a chunk is missing", OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", b"{}", "went away"),
    ("no HTTP", b"hello there\r\n\r\n", b"", "no HTTP"),
    ("an odd chunk", OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n", b"{}", "no HTTP"),
    ("two lengths", OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", b"", "no HTTP"),
    ("a status of its own", b"HTTP/1.1 999 Denied\r\nContent-Length: 2\r\n\r\n{}", b"", "no HTTP"),
    ("another protocol", b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nxyz", b"", "no HTTP"),
    ("a head without end", OK + b"X: " + b"x" * (1 << 20), b"", "no HTTP"),
    ("headers without end", OK + b"X: y\r\n" * (1 << 17), b"", "no HTTP"),
    ("trailers without end", OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + b"X: y\r\n" * (1 << 17), b"{}", "no HTTP"),
)  # fmt: skip


@each_loop
@pytest.mark.parametrize(("said", "body", "why"), [one[1:] for one in WRONG], ids=[one[0] for one in WRONG])
def test_an_answer_that_goes_wrong(loop: str, said: bytes, body: bytes, why: str) -> None:
    async def main() -> None:
        async def script(line: Line) -> None:
            await line.heard()
            await line.say(said)

        came: list[bytes] = []
        async with provider(script) as there, upstream() as client:
            with pytest.raises(UpstreamCutError, match=why):
                answer = await asked(client, there.url, b"")
                while part := await answer.read():
                    came.append(part)
        assert b"".join(came) == body

    run(loop, main())


@each_loop
def test_a_connection_that_was_closed_meanwhile_is_not_asked(loop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_READ_BY_NOW_S", -1.0)

    async def main() -> None:
        async def script(line: Line) -> None:
            await line.heard()
            await line.say(SHORT)

        async with provider(script) as there, upstream() as client:
            answer = await asked(client, there.url, b"")
            await there.left.wait()
            # Nobody has told the client yet: the loop had no time.
            assert await whole(answer) == b"{}"
            assert await whole(await asked(client, there.url, b"")) == b"{}"
            assert there.lines == 2

    run(loop, main())


@each_loop
def test_what_is_paid_for_is_not_asked_twice(loop: str) -> None:
    """The provider closes a connection while it is asked once more on it."""

    async def main() -> None:
        async def script(line: Line) -> None:
            await line.heard()
            await line.say(SHORT)
            if line.number == 1:
                await line.head()
            else:
                await told(line)

        for method, body in (("GET", None), ("POST", b"{}")):
            async with provider(script) as there, upstream() as client:
                await whole(await asked(client, there.url, b""))
                if method == "POST":
                    with pytest.raises(UpstreamCutError):
                        await asked(client, there.url, body, method)
                    assert there.lines == 1
                else:
                    assert await whole(await asked(client, there.url, body, method)) == b"{}"
                    assert there.lines == 2

    run(loop, main())


@each_loop
def test_a_client_that_goes_away_in_the_middle_of_its_request(loop: str) -> None:
    async def main() -> None:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"a"
            raise ConnectionError

        async def script(line: Line) -> None:
            await line.gone()

        async with provider(script) as there, upstream() as client:
            with pytest.raises(UpstreamCutError):
                await asked(client, there.url, pieces())
            await there.left.wait()

    run(loop, main())


@each_loop
def test_whoever_is_slow_is_waited_for(loop: str) -> None:
    """Neither a body that nobody takes nor an answer that nobody reads is kept in memory."""

    async def main() -> None:
        stalled, reads = asyncio.Event(), asyncio.Event()
        given = 0

        async def script(line: Line) -> None:
            await line.head()
            line.writer.transport.set_write_buffer_limits(0)
            await line.say(OK + b"Content-Length: 67108864\r\n\r\n")
            for _ in range(64):
                line.writer.write(b"x" * (1 << 20))
                try:
                    async with asyncio.timeout(0.5):
                        await line.writer.drain()
                except TimeoutError:
                    stalled.set()
                    await line.writer.drain()
            await reads.wait()
            assert stalled.is_set()
            await line.heard()

        async def body() -> AsyncIterator[bytes]:
            nonlocal given
            for _ in range(1024):
                given += 1
                yield b"x" * 65536

        async with provider(script) as there, upstream() as client:
            answer = await asked(client, there.url, body())
            await stalled.wait()
            assert given < 1024
            size = 0
            while size < 67108864:
                size += len(await answer.read())
            assert size == 67108864
            answer.close()
            reads.set()

    run(loop, main())


@each_loop
def test_whoever_is_not_heard_of_is_given_up(loop: str) -> None:
    async def main() -> None:
        async def script(line: Line) -> None:
            await line.heard()
            await line.say(SHORT)
            head, _ = await line.heard()
            if b"/begins" in head:
                await line.say(OK + b"Content-Length: 9\r\n\r\n{}")
            elif b"/drips" in head:
                await line.say(OK + b"Transfer-Encoding: chunked\r\n\r\n")
                while True:
                    await line.say(b"1\r\nx\r\n")
                    await asyncio.sleep(0.01)
            await line.gone()

        async with provider(script) as there, upstream() as client:
            for path, timeouts in (
                ("/silent", Timeouts(9, 0.05, 60)),
                ("/silent", Timeouts(9, 60, 0.05)),
                ("/begins", Timeouts(9, 0.2, 60)),
                ("/drips", Timeouts(9, 60, 0.2)),
            ):
                await whole(await asked(client, there.url, b""))  # to connect may take longer than that
                there.left.clear()
                with pytest.raises(UpstreamTimeoutError):
                    await whole(await asked(client, there.url + path, b"", timeouts=timeouts))
                await there.left.wait()

    run(loop, main())


@each_loop
def test_nobody_waits_for_what_nobody_wants(loop: str) -> None:
    """Cancelled before the answer, or closed in its middle: the provider hears of it."""

    async def main() -> None:
        heard = asyncio.Event()

        async def script(line: Line) -> None:
            head, _ = await line.heard()
            if b"/begins" in head:
                await line.say(OK + b"Content-Length: 9\r\n\r\n{}")
            heard.set()
            await line.gone()

        async with provider(script) as there, upstream() as client:
            asking = asyncio.create_task(asked(client, there.url, b""))
            await heard.wait()
            asking.cancel()
            await asyncio.wait([asking])
            await there.left.wait()
            there.left.clear()
            (await asked(client, f"{there.url}/begins", b"")).close()
            await there.left.wait()

    run(loop, main())


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("ftp://localhost/", {}),
        ("http:///v1", {}),
        ("http://localhost:99999/", {}),
        ("http://localhost/", {"authorization": "Bearer a\r\nx: y"}),
        ("http://localhost/", {"authorization": "Bearer €"}),
    ],
)
def test_what_cannot_be_sent(address: str, headers: dict[str, str]) -> None:
    async def main() -> None:
        async with upstream() as client:
            with pytest.raises(UpstreamError, match="address, or is to be sent a header, that is none"):
                await client.ask("GET", address, headers, None, Timeouts())

    run("asyncio", main())
