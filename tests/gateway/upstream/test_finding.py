"""A name that many ask for is looked up once; one that nobody knew is looked up again."""

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

import pytest

from farthing.gateway.upstream.finding import Addresses


def test_looked_up_once_and_again_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        asked: list[str] = []
        let: asyncio.Event = asyncio.Event()
        found: Sequence[Any] = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 80))]

        async def getaddrinfo(host: str, port: int, **_: Any) -> Sequence[Any]:
            asked.append(host)
            await let.wait()
            if len(asked) == 2:
                raise socket.gaierror(socket.EAI_NONAME, "unknown")
            return found

        monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
        addresses = Addresses()
        several = [asyncio.create_task(addresses.of("one", 80)) for _ in range(3)]
        await asyncio.sleep(0)
        several[0].cancel()  # whoever goes away leaves the others waiting
        let.set()
        await asyncio.wait(several)
        assert [one.result() for one in several[1:]] == [found, found]
        assert (await addresses.of("one", 80), asked) == (found, ["one"])
        with pytest.raises(socket.gaierror):
            await addresses.of("two", 80)
        assert (await addresses.of("two", 80), asked) == (found, ["one", "two", "two"])
        addresses.close()

    asyncio.run(main())
