"""Providers that answer before all of the request is there, in; their answers, out, whether they wait for the rest or close."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator

from gateway.upstream.scripted_provider import Line, asked, each_loop, provider, run, upstream, whole

PATIENCE_S = 30


@each_loop
def test_an_answer_before_all_was_asked(loop: str) -> None:
    async def main() -> None:
        ended = asyncio.Event()

        async def script(line: Line) -> None:
            await line.head()
            await line.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
            await line.gone()

        async def endless() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"x" * 65536
                    await asyncio.sleep(0)
            finally:
                ended.set()

        async with provider(script) as there, upstream() as client:
            answer = await asked(client, there.url, endless())
            assert (answer.status, await whole(answer)) == (413, b"no")
            await ended.wait()
            await there.left.wait()

    run(loop, main())


@each_loop
def test_who_refuses_and_closes_before_all_was_asked_is_heard(loop: str) -> None:
    is_closed = threading.Event()

    def refuse(listener: socket.socket) -> None:
        accepted, _ = listener.accept()
        accepted.recv(10)
        accepted.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        accepted.close()
        is_closed.set()

    async def body() -> AsyncIterator[bytes]:
        yield b"x" * 65536
        await asyncio.sleep(0)
        # Nothing is read meanwhile: what is sent next fails first.
        assert is_closed.wait(PATIENCE_S)
        while True:
            yield b"x" * 65536
            await asyncio.sleep(0)

    async def main(port: int) -> None:
        async with upstream() as client:
            answer = await asked(client, f"http://127.0.0.1:{port}", body())
            assert (answer.status, await whole(answer)) == (413, b"no")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        refusing = threading.Thread(target=refuse, args=(listener,), daemon=True)
        refusing.start()
        run(loop, main(listener.getsockname()[1]))
        refusing.join()
