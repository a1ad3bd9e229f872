"""`python -m benchmarks.experiments`: runs with their calls and scores are posted; how long comparing them takes."""

import argparse
import json
import random
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.machine import describe, inspect
from benchmarks.process import Server, get
from benchmarks.systems.farthing import Farthing

BATCH = 500
ASKED = (
    ("compare", "/api/v1/experiments/compare?runs={runs}"),
    ("items that regressed", "/api/v1/experiments/compare/items?runs={runs}&only=regressed&sort=regression"),
    ("list of runs", "/api/v1/experiments"),
)


def main() -> None:
    """Start a server, fill it, ask, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.experiments", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--items", type=int, default=10_000, help="of each run, with a call and three scores")
    parser.add_argument("--times", type=int, default=5, help="how often each is asked")
    given = parser.parse_args()
    console = Console(soft_wrap=True)
    system = Farthing()
    names = [f"run-{at}" for at in range(given.runs)]
    with tempfile.TemporaryDirectory() as folder, system.start(Path(folder)) as server:
        server.wait_healthy(system.health)
        headers = {**system.headers, "Content-Type": "application/json"}
        draws = random.Random(7)
        for at, name in enumerate(names):
            for first in range(0, given.items, BATCH):
                _post(server, headers, name, range(first, min(first + BATCH, given.items)), 0.7 - 0.02 * at, draws)
        while system.count(server) < given.runs * given.items:
            time.sleep(0.2)
        console.print(f"{given.runs} runs of {given.items:,} items, each with a call and three scores:")
        for what, path in ASKED:
            console.print(f"  {what}: {_asked(server, headers, path.format(runs=','.join(names)), given.times)}")
        console.print(f"  memory: {server.memory().resident:,.0f} MiB resident afterwards")
    console.print(f"Machine: {describe(inspect(('chdb-core', 'clickhouse-connect', 'numpy')))}")


def _asked(server: Server, headers: dict[str, str], path: str, times: int) -> str:
    """The first time apart: it imports what it needs."""
    took: list[tuple[float, float]] = []
    for _ in range(times + 1):
        cpu, clock = server.cpu_seconds(), time.perf_counter()
        get(server.port, path, headers)
        took.append((time.perf_counter() - clock, server.cpu_seconds() - cpu))
    seconds, cpus = (sorted(part) for part in zip(*took[1:], strict=True))
    middle = len(seconds) // 2
    return (
        f"{seconds[middle]:.2f} s (median), {cpus[middle]:.2f} s of processor time; the first time {took[0][0]:.2f} s"
    )


def _post(server: Server, headers: dict[str, str], name: str, items: range, mean: float, draws: random.Random) -> None:
    now = datetime.now(UTC).isoformat()
    results: list[dict[str, Any]] = []
    calls: list[dict[str, Any]] = []
    for item in items:
        trace, span = draws.randbytes(16).hex(), draws.randbytes(8).hex()
        quality = min(1.0, max(0.0, draws.gauss(mean, 0.2)))
        scores = [("quality", quality), ("square", quality**2), ("passed", draws.random() < mean)]
        results.append(
            {
                "item_id": f"item-{item:06}", "trace_id": trace, "span_id": span, "started_at": now,
                "latency_ms": 100 + item % 70,
                "scores": [{"name": one, "value": value, "evaluator": f"{one}@1"} for one, value in scores],
            }
        )  # fmt: skip
        calls.append(
            {
                "externalRequestId": trace, "provider": "openai", "model": "gpt-4o-mini", "status": "success",
                "inputTokens": 900 + item % 100, "outputTokens": 100, "createdAt": now,
                "traceparent": f"00-{trace}-{span}-01",
            }
        )  # fmt: skip
    told = {"run": {"name": name}, "results": results}
    get(server.port, "/api/v1/experiments/results", headers, json.dumps(told).encode())
    get(server.port, "/v1/ingest/llm-requests", headers, json.dumps({"requests": calls}).encode())


if __name__ == "__main__":
    main()
