"""OpenLIT turned on; a function that flushes out."""

import os

import openlit
from opentelemetry import _logs, trace


def instrument():
    openlit.init(otlp_endpoint=os.environ["RECEIVER_URL"], disable_metrics=True)

    def flush():
        trace.get_tracer_provider().force_flush()
        flush_logs = getattr(_logs.get_logger_provider(), "force_flush", None)
        if flush_logs:
            flush_logs()

    return flush
