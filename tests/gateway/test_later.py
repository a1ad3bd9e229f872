"""What is to be done after a while: done once, in order, and not at all where it was called off."""

import asyncio

from farthing.gateway.later import Later


def test_it_is_done_once_and_in_order_unless_it_was_called_off() -> None:
    async def go() -> list[str]:
        done: list[str] = []
        over = asyncio.Event()
        later = Later(0.01)
        later.add(lambda: done.append("first"))
        later.add(lambda: done.append("called off")).cancel()
        later.add(lambda: done.append("second"))
        later.add(over.set)
        assert done == []
        await over.wait()
        # The timer ended with the last of them; another one begins it again.
        over.clear()
        later.add(over.set)
        await over.wait()
        return done

    assert asyncio.run(asyncio.wait_for(go(), 30)) == ["first", "second"]


def test_it_is_not_done_early() -> None:
    async def go() -> float:
        loop = asyncio.get_running_loop()
        over: asyncio.Future[float] = loop.create_future()
        began = loop.time()
        Later(0.05).add(lambda: over.set_result(loop.time()))
        return await over - began

    assert asyncio.run(asyncio.wait_for(go(), 30)) >= 0.049
