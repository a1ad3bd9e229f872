"""Requests that are wrong in every way we could think of: refused or taken, never a 5xx, never a hang, nobody harmed."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Generator
from decimal import Decimal
from pathlib import Path

import pytest
from e2e import wire
from e2e.memory import peak_memory_mib
from e2e.odd_requests import LARGEST_MIB, MARKER, Maker, OddRequest
from e2e.raw_http import Answer, Connection
from e2e.waiting import metric, wait_until_settled
from server_process import ServerProcess

CONNECTIONS = 48
ANSWERED_WITHIN_S = 30
SETTLED_WITHIN_S = 120
MOST_MEMORY_MIB = 1_000
SINCE = "now-60d"


@pytest.fixture
def server(tmp_path: Path) -> Generator[ServerProcess]:
    running = ServerProcess(tmp_path, {"FARTHING_MAX_BODY_MB": str(LARGEST_MIB)})
    running.start()
    yield running
    running.kill()


@pytest.mark.timeout(300)
def test_no_request_breaks_the_server(server: ServerProcess, fuzz_bodies: int, fuzz_seed: int) -> None:
    repeat = f"repeat with --fuzz-bodies {fuzz_bodies} --fuzz-seed {fuzz_seed}"
    maker = Maker(fuzz_seed, time.time_ns(), server.headers)
    answers, markers = asyncio.run(send_all(server.port, maker, fuzz_bodies))
    assert markers, repeat
    assert answers[200] > fuzz_bodies // 3, answers
    wait_until_settled(server, SETTLED_WITHIN_S)
    assert metric(server, "farthing_settle_failures_total") == 0, repeat + "\n" + server.output()[-5_000:]
    total = server.get("/api/v1/spend", **{"from": SINCE, "feature": MARKER, "granularity": "none"})["total"]
    assert total["calls"] == len(markers), repeat
    wanted = sum((wire.cost(*maker.marker_tokens(number)) for number in markers), Decimal(0))
    assert Decimal(total["cost_usd"]) == wanted, repeat
    assert "Traceback" not in server.output(), repeat + "\n" + server.output()[-5_000:]
    assert peak_memory_mib(server.pid) < MOST_MEMORY_MIB
    assert server.stop() == 0


async def send_all(port: int, maker: Maker, bodies: int) -> tuple[Counter[int], list[int]]:
    """Every request once, some twice. How often each status was answered, and the numbers whose markers are kept."""
    answers: Counter[int] = Counter()
    markers: list[int] = []
    numbers = iter(range(1, bodies + 1))

    async def send_some() -> None:
        async with Connection(port) as connection:
            for number in numbers:
                request = maker.request(number)
                for _ in range(2 if number % 20 == 0 else 1):
                    answer = await ask(connection, request)
                    answers[answer.status] += 1
                if request.must_be_kept:
                    markers.append(number)

    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            group.create_task(send_some())
    return answers, markers


async def ask(connection: Connection, request: OddRequest) -> Answer:
    try:
        answer = await connection.ask(request.sent, ANSWERED_WITHIN_S)
    except TimeoutError:
        raise AssertionError(
            f"no answer within {ANSWERED_WITHIN_S} s: {request.kind}\n{request.sent[:5_000]!r}"
        ) from None
    good = {200} if request.must_be_kept else range(200, 500)
    if answer.status not in good and not (answer.status == 0 and request.may_hang_up):
        raise AssertionError(f"{answer.status} {answer.body[:500]!r}: {request.kind}\n{request.sent[:5_000]!r}")
    return answer


@pytest.fixture
def fuzz_bodies(request: pytest.FixtureRequest) -> int:
    number: int | None = request.config.getoption("--fuzz-bodies")
    assert number
    return number


@pytest.fixture
def fuzz_seed(request: pytest.FixtureRequest) -> int:
    seed: int | None = request.config.getoption("--fuzz-seed")
    return random.randrange(10**6) if seed is None else seed
