"""Every span processor in this process, whoever hides it, in; all of them flushed out."""

import gc

from opentelemetry.sdk.trace import SpanProcessor


def flush_all():
    for one in [found for found in gc.get_objects() if isinstance(found, SpanProcessor)]:
        one.force_flush()
