"""`python -m benchmarks.gateway`: chats through Farthing, a bare pass-through, LiteLLM's proxy and nothing, side by side."""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.environments import ensure
from benchmarks.gateway.load import Figures
from benchmarks.machine import describe, inspect
from benchmarks.process import HOST, Server, free_port, get
from benchmarks.systems.farthing import Farthing

LITELLM = "litellm[proxy]==1.100.0"
MODEL = "gpt-4o-mini"
ROOT = Path(__file__).parents[2]
WIDTH = 190
"""Columns of what is printed, wherever it goes: the table's names stay on one line."""
LIMIT = "a bare pass-through"
LOGGING = "LiteLLM, logging and a budget"
FLAT = 0.05
"""Memory that grows by more is not flat."""
LOOK_S = 0.2
"""How often memory is looked at."""


class Way(NamedTuple):
    """How calls reach the provider."""

    name: str
    port: int
    key: str
    server: Server


def main() -> None:
    """Start everything, ask in turns, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway", description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000, help="over many connections")
    parser.add_argument("--alone", type=int, default=1_000, help="one after the other")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--streams", type=int, default=500, help="at once")
    parser.add_argument(
        "--requests", type=int, default=0, help="after all else, through Farthing: does its memory grow?"
    )
    parser.add_argument(
        "--memory",
        type=int,
        nargs="?",
        const=200_000,
        default=0,
        metavar="CALLS",
        help="nothing but that: so many calls, 200,000 where no number is named",
    )
    parser.add_argument("--rounds", type=int, default=3, help="of which the best counts")
    parser.add_argument("--without", action="append", default=[], choices=["litellm"], help="leave it out")
    given = parser.parse_args()
    console = Console(soft_wrap=True, width=WIDTH)
    if given.memory:
        _remember(given, console)
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ways = _started(stack, folder, given, console)
        _measure(ways, given, console)
        if given.requests:
            _last_long(ways[2], given, console)
    console.print(f"Machine: {describe(inspect(('aiohttp', 'uvicorn', 'uvloop', 'httptools')))}")


def _started(stack: ExitStack, folder: Path, given: argparse.Namespace, console: Console) -> list[Way]:
    provider = stack.enter_context(_stub(folder, 0.0))
    upstream = f"http://{HOST}:{provider.port}"
    found = [Way("the provider itself", provider.port, "none", provider)]
    found.append(stack.enter_context(_limit(folder, upstream)))
    found.append(stack.enter_context(_farthing(folder, upstream)))
    if "litellm" not in given.without:
        found.append(stack.enter_context(_litellm("LiteLLM", folder, upstream, console)))
        found.append(stack.enter_context(_litellm(LOGGING, folder, upstream, console)))
    return found


def _measure(ways: list[Way], given: argparse.Namespace, console: Console) -> None:
    for way in ways:
        _ask(way, 300, given.connections)
    crowd = {way.name: list[Figures]() for way in ways}
    alone = {way.name: list[Figures]() for way in ways}
    streams = {way.name: list[Figures]() for way in ways}
    used: dict[str, list[float]] = {way.name: [] for way in ways}
    # In turns: what else the machine does then meets all alike.
    for _ in range(given.rounds):
        for way in ways:
            calls = given.calls if not _is_litellm(way) else given.calls // 20
            before = way.server.cpu_seconds()
            crowd[way.name].append(_ask(way, calls, given.connections))
            used[way.name].append((way.server.cpu_seconds() - before) / calls * 1e6)
            lone = given.alone if not _is_litellm(way) else given.alone // 5
            alone[way.name].append(_ask(way, lone, 1))
            streams[way.name].append(_ask(way, lone, 1, stream=True))
    rates = {name: max(one.calls / one.seconds for one in runs) for name, runs in crowd.items()}
    table = _table(given, rates)
    for way in ways:
        lone = min(alone[way.name], key=lambda one: one.p50_ms)
        first = min(streams[way.name], key=lambda one: one.first_p50_ms)
        wrong = sum(one.wrong for one in (*crowd[way.name], *alone[way.name], *streams[way.name]))
        table.add_row(
            way.name, f"{rates[way.name]:,.0f}", *_ratios(way.name, rates), f"{min(used[way.name]):,.0f}",
            f"{lone.p50_ms:.2f}", f"{lone.p99_ms:.2f}", f"{first.first_p50_ms:.2f}", str(wrong),
        )  # fmt: skip
    console.print(table)
    for way in ways[1:3]:
        before = way.server.memory().resident
        together = _ask(way, given.streams * 2, given.streams, stream=True)
        after = way.server.memory()
        console.print(
            f"{way.name}: {given.streams} streams at once, twice: {before:.0f} MiB before, {after.resident:.0f} after,"
            f" {after.peak:.0f} at most; {together.wrong} wrong"
        )


def _is_litellm(way: Way) -> bool:
    return way.name.startswith("LiteLLM")


def _table(given: argparse.Namespace, rates: Mapping[str, float]) -> Table:
    compared = [f"x {name.replace(', ', chr(10))}" for name in ("LiteLLM", LOGGING) if name in rates]
    table = Table()
    for name in (
        "", f"calls/s at {given.connections}", "of the\npass-through", *compared, "CPU µs/call", "p50 ms at 1",
        "p99 ms at 1", "first p50 ms", "wrong",
    ):  # fmt: skip
        table.add_column(name, no_wrap=True)
    return table


def _ratios(name: str, rates: Mapping[str, float]) -> list[str]:
    """A way's calls a second as a part of the pass-through's, and as a multiple of each LiteLLM's."""
    mine = rates[name]
    return [f"{mine / rates[LIMIT]:.2f}", *(f"{mine / rates[one]:.1f}" for one in ("LiteLLM", LOGGING) if one in rates)]


def _remember(given: argparse.Namespace, console: Console) -> None:
    """Memory over very many calls: first and last tenth within five per cent of each other."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        provider = stack.enter_context(_stub(folder, 0.0))
        way = stack.enter_context(_farthing(folder, f"http://{HOST}:{provider.port}"))
        # What a server grows into with its first calls is not what it grows by.
        _ask(way, given.memory // 10, given.connections)
        given.requests = given.memory
        seen = _last_long(way, given, console)
    grew = seen[-1] / seen[0] - 1
    console.print(f"From the first tenth to the last: {grew:+.1%}" + ("" if abs(grew) <= FLAT else ": not flat"))


def _last_long(way: Way, given: argparse.Namespace, console: Console) -> list[float]:
    """Memory in each tenth of very many calls: as it mostly was. The store's merges take more of it for a moment, which is told as well."""
    mostly, most = list[float](), list[float]()
    with ThreadPoolExecutor(1) as beside:
        for _ in range(10):
            asking = beside.submit(_ask, way, given.requests // 10, given.connections)
            seen: list[float] = []
            while not wait((asking,), LOOK_S).done:
                seen.append(way.server.memory().resident)
            asking.result()
            seen.append(way.server.memory().resident)
            mostly.append(median(seen))
            most.append(max(seen))
    for what, tenths in (("median", mostly), ("most", most)):
        told = " ".join(f"{mib:.0f}" for mib in tenths)
        console.print(f"{way.name}: {given.requests:,} calls, MiB in each tenth of them, {what}: {told}")
    return mostly


@contextmanager
def _stub(folder: Path, pause: float) -> Generator[Server]:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.gateway.stub", "--port", str(port), "--pause", str(pause)]
    place = folder / f"stub-{port}"
    place.mkdir()
    with Server(command, {"PYTHONPATH": str(ROOT)}, place, port) as server:
        server.wait_healthy("/")
        yield server


@contextmanager
def _limit(folder: Path, upstream: str) -> Generator[Way]:
    port = free_port()
    place = folder / "limit"
    place.mkdir()
    command = [
        sys.executable, "-m", "uvicorn", "benchmarks.gateway.limit:app", "--port", str(port), "--log-level", "warning",
        "--no-access-log", "--lifespan", "off",
    ]  # fmt: skip
    with Server(command, {"PYTHONPATH": str(ROOT), "UPSTREAM": upstream}, place, port) as server:
        server.wait_healthy("/v1/models")
        yield Way(LIMIT, port, "none", server)


@contextmanager
def _farthing(folder: Path, upstream: str) -> Generator[Way]:
    place = folder / "farthing"
    place.mkdir()
    system = Farthing({"OPENAI_API_KEY": "sk-none", "FARTHING_OPENAI_BASE_URL": f"{upstream}/v1"})
    with system.start(place) as server:
        server.wait_healthy(system.health)
        # One that blocks: the worst case of every call is reserved, and settled when the call is over.
        budget = {"name": "everything", "limit_usd": "1000", "period": "month", "enforcement": "block"}
        headers = {**system.headers, "Content-Type": "application/json"}
        get(server.port, "/api/v1/budgets", headers, msgspec.json.encode(budget))
        yield Way("Farthing", server.port, system.headers["Authorization"].removeprefix("Bearer "), server)


@contextmanager
def _litellm(name: str, folder: Path, upstream: str, console: Console) -> Generator[Way]:
    binaries = ensure("litellm-proxy", LITELLM, console)
    port = free_port()
    place = folder / f"litellm-{port}"
    place.mkdir()
    settings, routing = "  telemetry: false\n", ""
    if name == LOGGING:
        # What it can do of both without a database: a line in a file for each call, and a budget in memory, which counts
        # a call when it is over.
        shutil.copy(Path(__file__).with_name("litellm_logging.py"), place)
        settings += "  callbacks: litellm_logging.calls\n"
        budget = "      budget_limit: 1000\n      time_period: 30d\n"
        routing = f"router_settings:\n  provider_budget_config:\n    openai:\n{budget}"
    (place / "config.yaml").write_text(
        f"model_list:\n  - model_name: {MODEL}\n    litellm_params:\n      model: openai/{MODEL}\n"
        f"      api_base: {upstream}/v1\n      api_key: sk-none\n"
        f"litellm_settings:\n{settings}{routing}general_settings:\n  master_key: sk-bench\n"
    )
    command = [
        str(binaries / "litellm"),
        "--config",
        "config.yaml",
        "--port",
        str(port),
        "--host",
        HOST,
        "--num_workers",
        "1",
    ]
    with Server(command, {"LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}, place, port) as server:
        server.wait_healthy("/health/liveliness", 180)
        yield Way(name, port, "sk-bench", server)
        logged = place / "calls.jsonl"
        if name == LOGGING and not logged.stat().st_size:
            msg = "LiteLLM has logged no call: it was not measured with what its name says."
            raise RuntimeError(msg)


def _ask(way: Way, calls: int, connections: int, *, stream: bool = False) -> Figures:
    asked = {"port": way.port, "calls": calls, "connections": connections, "key": way.key, "model": MODEL}
    options = [part for name, value in asked.items() for part in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "benchmarks.gateway.load", *options, *(["--stream"] if stream else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    return msgspec.json.decode(done.stdout, type=Figures)


if __name__ == "__main__":
    main()
