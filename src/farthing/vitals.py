"""Counters and timings about ourselves, served at /metrics; anyone may count, nobody reads them to decide."""

import gc

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

SPANS_KEPT = Counter("farthing_spans_kept", "Spans durable and acknowledged", registry=REGISTRY)
SPANS_REJECTED = Counter("farthing_spans_rejected", "Spans refused, by reason", ["reason"], registry=REGISTRY)
RECORDS_KEPT = Counter(
    "farthing_records_kept", "Rows of other tables than spans durable and acknowledged", ["table"], registry=REGISTRY
)
RECORDS_REJECTED = Counter(
    "farthing_records_rejected", "Log records and data points refused", ["signal", "reason"], registry=REGISTRY
)
SPANS_REPAIRED = Counter("farthing_spans_repaired", "Spans kept and mended, by reason", ["reason"], registry=REGISTRY)
RECORDS_REPAIRED = Counter(
    "farthing_records_repaired", "Log records and data points kept and mended", ["signal", "reason"], registry=REGISTRY
)
USAGE_CONTRADICTIONS = Counter(
    "farthing_usage_contradictions",
    "Calls whose reported usage contradicts itself, by flag",
    ["flag"],
    registry=REGISTRY,
)
REQUESTS_REFUSED = Counter(
    "farthing_requests_refused", "Telemetry requests refused whole, by code", ["code"], registry=REGISTRY
)
CALLS_POSTED = Counter(
    "farthing_calls_posted", "Calls posted as JSON: kept, duplicate or refused", ["outcome"], registry=REGISTRY
)
GATEWAY_CALLS = Counter(
    "farthing_gateway_calls", "Calls through the gateway, by what became of them", ["outcome"], registry=REGISTRY
)
GATEWAY_ATTEMPTS = Counter(
    "farthing_gateway_attempts",
    "Requests to providers, by the status that came",
    ["provider", "status"],
    registry=REGISTRY,
)
GATEWAY_UNTOLD = Counter("farthing_gateway_untold", "Calls that could not be told; the log says why", registry=REGISTRY)
GATEWAY_CONTENT_LOST = Counter(
    "farthing_gateway_content_lost", "Calls whose content was to be kept and had no room in memory", registry=REGISTRY
)
GATEWAY_UNJOURNALED = Counter(
    "farthing_gateway_unjournaled", "Calls that went on although the journal could not be written", registry=REGISTRY
)
ALERT_DELIVERIES = Counter(
    "farthing_alert_deliveries",
    "Notices tried to be sent, by what became of it: sent, retry, failed or given_up",
    ["kind", "outcome"],
    registry=REGISTRY,
)
CALLS_SETTLED = Counter("farthing_calls_settled", "Rows of calls written, corrections included", registry=REGISTRY)
COMMIT_SECONDS = Histogram(
    "farthing_commit_seconds",
    "Time of one group commit of spans",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=REGISTRY,
)
COMMIT_SPANS = Histogram(
    "farthing_commit_spans",
    "Spans sharing one commit",
    buckets=(1, 10, 100, 500, 1000, 5000, 10000, 20000, 50000),
    registry=REGISTRY,
)
SETTLE_SECONDS = Histogram(
    "farthing_settle_seconds",
    "Time to derive and write the calls of one commit",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=REGISTRY,
)
SPANS_PENDING = Gauge("farthing_spans_pending", "Spans received and not yet settled", registry=REGISTRY)
SETTLE_FAILURES = Counter(
    "farthing_settle_failures", "Settling attempts that failed and will be repeated", registry=REGISTRY
)
ROLLUP_SECONDS = Histogram(
    "farthing_rollup_seconds",
    "Time to recompute the stale buckets of one day and grain",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=REGISTRY,
)
PRICE_DATA_AGE = Gauge("farthing_price_data_age_seconds", "How old the price data is, by the day", registry=REGISTRY)
CALLS_REPRICED = Counter("farthing_calls_repriced", "Rows of calls that got another price", registry=REGISTRY)
REPRICE_SECONDS = Histogram(
    "farthing_reprice_seconds",
    "Time of one step of re-pricing",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
FORWARDED_SPANS = Counter("farthing_forwarded_spans", "Spans the other backend has taken", registry=REGISTRY)
FORWARD_REFUSED = Counter(
    "farthing_forward_refused", "Spans the other backend refused for good, by its answer", ["status"], registry=REGISTRY
)
FORWARD_FAILURES = Counter(
    "farthing_forward_failures", "Attempts to forward that failed and will be repeated", registry=REGISTRY
)
FORWARD_BEHIND = Gauge(
    "farthing_forward_behind_seconds", "Age of the oldest span that is settled and not forwarded", registry=REGISTRY
)
BUDGET_SECONDS = Histogram(
    "farthing_budget_seconds",
    "Time to bring the budgets of one project up to date",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=REGISTRY,
)
ALERT_ROUND_SECONDS = Histogram(
    "farthing_alert_round_seconds",
    "Time to judge all alert rules that are due",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
ROLLUP_STALE = Gauge("farthing_rollup_stale", "Half hours that questions read call by call", registry=REGISTRY)


def calm_the_collector() -> None:
    """Let Python's cycle collector come less often. To be called before much is imported.

    Importing makes a million objects that live for ever, and decoding hundreds of thousands of short-lived ones without
    cycles; with the default thresholds the collector takes an eighth of the time of both.
    """
    gc.set_threshold(50_000, 50, 100)


def keep_from_the_collector() -> None:
    """Let it leave alone, from now on, what there is: it lives for ever."""
    gc.freeze()
