"""One system in; what it reached out: acknowledged and durable rates, loss after SIGKILL, memory, cold start."""

import http.client
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from benchmarks import machine
from benchmarks.ingest.generator import Generator
from benchmarks.process import Server
from benchmarks.systems import System

Say = Callable[[str], None]

_IDLE_S = 3.0
"""How long after its first answer a server is left alone before its idle memory is read."""

_SETTLE_S = 6.0
"""A count after a restart that has not moved for this long is final."""


class Plan(msgspec.Struct, frozen=True):
    """What to send to one system. `limit_s` bounds each of the two runs."""

    spans: int
    kill_spans: int
    limit_s: float
    connections: int = 4
    batch: int = 512


class Speed(msgspec.Struct, frozen=True):
    """The undisturbed run. `durable_per_s` is `readable` by `elapsed_s`, the time from the first byte until that count.
    `others_cores` is how many cores were busy with neither server nor sender: 0 on a quiet machine.
    """

    sent: int
    acked: int
    acked_per_s: float
    readable: int
    elapsed_s: float
    durable_per_s: float
    busy_answers: int
    failed: int
    failure: str
    body_bytes: int
    server_cpu_s: float
    generator_cpu_s: float
    others_cores: float


class Loss(msgspec.Struct, frozen=True):
    """The killed run: SIGKILL right after the last 2xx, restart on the same folder, count until it stands still."""

    acked: int
    found: int
    restart_s: float

    @property
    def lost(self) -> int:
        """Acknowledged and gone."""
        return max(0, self.acked - self.found)


class Result(msgspec.Struct, frozen=True):
    """Everything about one system. Memory in MiB; `idle_pss` counts pages shared by its processes once."""

    system: str
    version: str
    notes: tuple[str, ...]
    cold_start_s: float
    idle_rss: float
    idle_pss: float
    peak_rss: float
    speed: Speed
    loss: Loss


def measure(system: System, plan: Plan, say: Say, after_speed: Callable[[Path], None] | None = None) -> Result:
    """Both runs, each on an empty folder. `after_speed` gets the folder of the first when its server has ended."""
    with tempfile.TemporaryDirectory(prefix="farthing-bench-") as name:
        folder = Path(name)
        say("starting on an empty folder")
        with system.start(folder) as server:
            first_start = server.wait_healthy(system.health)
            time.sleep(_IDLE_S)
            idle = server.memory()
            speed = _speed(system, server, plan, say)
            peak = server.memory().peak
            server.terminate()
        if after_speed:
            after_speed(folder)
    with tempfile.TemporaryDirectory(prefix="farthing-bench-") as name:
        say("starting again on an empty folder")
        second_start, loss = _kill(system, Path(name), plan, say)
    return Result(
        system=system.name,
        version=system.version,
        notes=system.notes,
        cold_start_s=min(first_start, second_start),  # the first one may have read the program from the disk
        idle_rss=idle.resident,
        idle_pss=idle.proportional,
        peak_rss=peak,
        speed=speed,
        loss=loss,
    )


def _speed(system: System, server: Server, plan: Plan, say: Say) -> Speed:
    with _generator(system, server, plan, plan.spans, seed=1) as load:
        say(f"building {plan.spans:,} spans")
        load.wait_ready()
        cpu, busy = server.cpu_seconds(), machine.busy_seconds()
        load.go()
        say(f"sending {plan.spans:,} spans")
        load.wait_done(plan.limit_s)
        readable, elapsed = _readable(system, server, plan, load, say)
        # Read before the stragglers of an unfinished run come home.
        acked, acked_per_s = load.acked, load.acked_per_s
        cpu, busy = server.cpu_seconds() - cpu, machine.busy_seconds() - busy
        load.stop()
        load.wait_done(plan.limit_s)
    return Speed(
        sent=plan.spans,
        acked=acked,
        acked_per_s=acked_per_s,
        readable=readable,
        elapsed_s=elapsed,
        durable_per_s=readable / elapsed,
        busy_answers=load.busy,
        failed=load.failed,
        failure=load.failure,
        body_bytes=load.size,
        server_cpu_s=cpu,
        generator_cpu_s=load.cpu_s,
        others_cores=max(0.0, busy - cpu - load.cpu_s) / elapsed,
    )


def _readable(system: System, server: Server, plan: Plan, load: Generator, say: Say) -> tuple[int, float]:
    """Ask until everything sent is there or the time is up. The first question is asked when the last 2xx is in."""
    deadline = load.first_byte + plan.limit_s
    while True:
        count = _count(system, server)
        answered = time.monotonic()
        elapsed = answered - load.first_byte
        say(f"{load.acked:,} acknowledged, {count:,} readable after {elapsed:.0f} s")
        if count >= plan.spans - load.failed or answered >= deadline:
            return count, elapsed
        # A question costs the server time it could spend on writing, so the next one waits for a fifth of what is
        # left to do at the pace so far; and for a twentieth of the time so far at most, which bounds the error.
        left = elapsed * (plan.spans - count) / max(1, count)
        time.sleep(max(0.05, min(2.0, left / 5, elapsed / 20)))


def _kill(system: System, folder: Path, plan: Plan, say: Say) -> tuple[float, Loss]:
    with system.start(folder) as server:
        start = server.wait_healthy(system.health)
        with _generator(system, server, plan, plan.kill_spans, seed=2) as load:
            load.wait_ready()
            say(f"sending {plan.kill_spans:,} spans, then SIGKILL")
            load.go()
            if not load.wait_done(plan.limit_s):
                load.stop()
                load.wait_done(plan.limit_s)
            server.kill()
            acked = load.acked
    say("killed; restarting")
    with system.start(folder) as server:
        restart = server.wait_healthy(system.health)
        return start, Loss(acked=acked, found=_final_count(system, server, acked, plan.limit_s), restart_s=restart)


def _final_count(system: System, server: Server, expected: int, limit_s: float) -> int:
    """What is there after a restart; a system that still has work to catch up with is given time."""
    count, moved, started = -1, time.monotonic(), time.monotonic()
    while time.monotonic() - moved < _SETTLE_S and time.monotonic() - started < limit_s:
        seen = _count(system, server)
        if seen != count:
            count, moved = seen, time.monotonic()
        if count >= expected:
            break
        time.sleep(0.5)
    return count


def _count(system: System, server: Server) -> int:
    """A server too busy to answer is asked again; that it takes long is part of the figure."""
    for _ in range(10):
        with suppress(OSError, http.client.HTTPException):
            return system.count(server)
        time.sleep(1)
    return system.count(server)


def _generator(system: System, server: Server, plan: Plan, spans: int, seed: int) -> Generator:
    return Generator(server.port, system.headers, spans, connections=plan.connections, batch=plan.batch, seed=seed)
