"""Traceloop's SDK turned on; a function that flushes out."""

import os

from traceloop.sdk import Traceloop


def instrument():
    Traceloop.init(app_name="shop", api_endpoint=os.environ["RECEIVER_URL"], api_key="stub", telemetry_enabled=False)

    def flush():
        from opentelemetry import trace

        trace.get_tracer_provider().force_flush()

    return flush
