"""What waits for the end of the loop's turn; when it is done, and in which order."""

import asyncio

import pytest

from farthing.turning import MOST, end_of


def test_all_that_came_in_one_turn_is_done_at_its_end_in_order() -> None:
    async def main() -> tuple[list[int], list[int]]:
        end, done = end_of(asyncio.get_running_loop()), list[int]()
        for number in range(MOST):
            end.add(lambda number=number: done.append(number))
        before = list(done)
        await asyncio.sleep(0)
        return before, done

    assert asyncio.run(main()) == ([], list(range(MOST)))


def test_many_dont_wait_for_more_and_none_is_done_twice() -> None:
    async def main() -> tuple[int, int]:
        end, done = end_of(asyncio.get_running_loop()), list[int]()
        for number in range(MOST + 1):
            end.add(lambda number=number: done.append(number))
        at_once = len(done)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return at_once, len(done)

    assert asyncio.run(main()) == (MOST, MOST + 1)


def test_each_loop_has_its_own() -> None:
    async def main() -> object:
        loop = asyncio.get_running_loop()
        assert end_of(loop) is end_of(loop)
        return end_of(loop)

    assert asyncio.run(main()) is not asyncio.run(main())


def test_one_that_fails_keeps_none_of_the_others(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> list[float]:
        end, done = end_of(asyncio.get_running_loop()), list[float]()
        end.add(lambda: done.append(1 / 0))
        end.add(lambda: done.append(2))
        await asyncio.sleep(0)
        return done

    assert asyncio.run(main()) == [2]
    assert "ZeroDivisionError" in caplog.text
