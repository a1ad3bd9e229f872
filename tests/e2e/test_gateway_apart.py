"""Two gateways on one PostgreSQL, each with a ledger of its own: a budget that blocks holds for both, whichever dies meanwhile."""

import asyncio
from collections import Counter
from collections.abc import Generator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import pytest
from e2e.gateway_accounts import accounts_with
from e2e.test_budgets import make, standing
from e2e.test_gateway_budgets import CALLERS, EACH, LIMIT, charged, storm
from e2e.waiting import until
from postgres import PostgresServer
from server_process import ServerProcess
from stub_provider import StubProvider


@pytest.fixture
def provider() -> Generator[StubProvider]:
    with StubProvider() as running:
        yield running


@pytest.fixture
def both(
    tmp_path: Path, provider: StubProvider, postgres_server: PostgresServer
) -> Generator[tuple[ServerProcess, ServerProcess]]:
    environment = accounts_with(provider) | {"FARTHING_META_URL": postgres_server.new_database()}
    with ExitStack() as running:
        found: list[ServerProcess] = []
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            one = ServerProcess(tmp_path / name, environment)
            one.start()
            running.callback(one.kill)
            found.append(one)
        yield (found[0], found[1])


async def storms(*servers: ServerProcess) -> Counter[int]:
    half = CALLERS // len(servers)
    done = await asyncio.gather(*(storm(one, range(at * half, at * half + half)) for at, one in enumerate(servers)))
    return sum(done, Counter[int]())


def counted(server: ServerProcess, budget: dict[str, str]) -> Decimal:
    found = standing(server, budget)
    return Decimal(found["spent_usd"] or 0) + Decimal(found["reserved_usd"])


def test_what_one_spends_is_taken_from_the_other(
    both: tuple[ServerProcess, ServerProcess], provider: StubProvider
) -> None:
    a, b = both
    budget = make(a, limit_usd=str(LIMIT), enforcement="block")
    # A server looks every five seconds which budgets others made.
    until(lambda: standing(b, budget)["spent_usd"] is not None, 30)

    def nobody_gets_in() -> bool:
        last = asyncio.run(storms(a, b))
        assert charged(provider) <= LIMIT
        return set(last) == {429}

    until(nobody_gets_in, 60)
    # Both say the same of it.
    until(lambda: counted(a, budget) == counted(b, budget) >= charged(provider), 30)
    assert counted(a, budget) <= LIMIT
    assert charged(provider) >= 25 * EACH


def test_a_server_that_is_killed_and_comes_back_counts_all_the_while(
    both: tuple[ServerProcess, ServerProcess], provider: StubProvider
) -> None:
    a, b = both
    budget = make(a, limit_usd=str(LIMIT), enforcement="block")
    until(lambda: standing(b, budget)["spent_usd"] is not None, 30)

    async def killed() -> None:
        storming = asyncio.create_task(storms(a, b))
        await asyncio.to_thread(until, lambda: len(provider.answered) >= 10, 30)
        a.kill()
        await storming

    asyncio.run(killed())
    asyncio.run(storm(b, range(CALLERS)))
    assert charged(provider) <= LIMIT
    a.start()
    for _ in range(2):
        asyncio.run(storms(a, b))
        assert charged(provider) <= LIMIT
    until(lambda: counted(a, budget) == counted(b, budget) >= charged(provider), 30)
    assert counted(a, budget) <= LIMIT
    b.stop()
    b.start()
    asyncio.run(storms(a, b))
    assert charged(provider) <= LIMIT
    until(lambda: counted(a, budget) == counted(b, budget) >= charged(provider), 30)
