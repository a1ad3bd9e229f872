"""Questions about how taking in goes in; what waits, was kept or refused since the start, and the room taken, out. Scope admin."""

from fastapi import Depends
from prometheus_client import CollectorRegistry
from pydantic import Field

from farthing import vitals
from farthing.api.identity import Guard
from farthing.api.model import Model
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.store.telemetry import size
from farthing.store.telemetry.engine import Engine


class Refused(Model):
    """So many, for one reason."""

    what: str = Field(description="spans, logs, metrics, requests or calls.")
    reason: str
    count: int


class TableShown(Model):
    """Room of one table."""

    table: str
    rows: int
    bytes: int


class IngestHealth(Model):
    """Of the whole server, not of one project. Counters begin at the server's start."""

    pending_spans: int = Field(description="Received and not yet settled.")
    most_pending_spans: int = Field(description="With more waiting, senders are told to come again.")
    spans_kept: int
    rows_settled: int = Field(description="Rows of calls written, corrections included.")
    settle_failures: int
    commits: int
    commit_ms: float | None = Field(description="On average; null before the first.")
    settle_ms: float | None = Field(description="On average; null before the first.")
    refused: list[Refused]
    stale_half_hours: int = Field(description="Half hours that questions read call by call.")
    tables: list[TableShown]
    bytes: int
    free_bytes: int | None


_REFUSED = (
    ("farthing_spans_rejected_total", "spans", "reason"),
    ("farthing_records_rejected_total", "", "reason"),
    ("farthing_requests_refused_total", "requests", "code"),
)


def router(engine: Engine, most_pending: int, guard: Guard) -> Routes:
    """The route; `guard` lets in those with the scope admin."""
    routes = Routes(
        prefix="/api/v1", tags=["health"], dependencies=[Depends(guard)], responses=documented(401, 403, 503)
    )

    @routes.get("/ingest/health", summary="How taking in goes: what waits, what was refused, the room taken")
    def told() -> IngestHealth:
        value = _Values(vitals.REGISTRY)
        found = size.tables(engine)
        return IngestHealth(
            pending_spans=value.of("farthing_spans_pending"),
            most_pending_spans=most_pending,
            spans_kept=value.of("farthing_spans_kept_total"),
            rows_settled=value.of("farthing_calls_settled_total"),
            settle_failures=value.of("farthing_settle_failures_total"),
            commits=value.of("farthing_commit_seconds_count"),
            commit_ms=value.mean_ms("farthing_commit_seconds"),
            settle_ms=value.mean_ms("farthing_settle_seconds"),
            refused=value.refused(),
            stale_half_hours=value.of("farthing_rollup_stale"),
            tables=[TableShown(table=one.table, rows=one.rows, bytes=one.bytes) for one in found],
            bytes=sum(one.bytes for one in found),
            free_bytes=size.free_bytes(engine),
        )

    return routes


class _Values:
    """The samples of a registry at one moment."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._samples = [sample for metric in registry.collect() for sample in metric.samples]

    def of(self, name: str) -> int:
        return int(sum(sample.value for sample in self._samples if sample.name == name))

    def mean_ms(self, name: str) -> float | None:
        count = self.of(f"{name}_count")
        seconds = sum(sample.value for sample in self._samples if sample.name == f"{name}_sum")
        return round(1000 * seconds / count, 1) if count else None

    def refused(self) -> list[Refused]:
        return [
            Refused(what=what or sample.labels["signal"], reason=sample.labels[label], count=int(sample.value))
            for name, what, label in _REFUSED
            for sample in self._samples
            if sample.name == name and sample.value
        ]
