"""Instrumentors named in INSTRUMENTORS (`module:Class`, between commas) turned on; a function that flushes out."""

import importlib
import os

from otel import tracing


def instrument():
    flush = tracing(logs=bool(os.environ.get("WITH_LOGS")))
    for one in os.environ["INSTRUMENTORS"].split(","):
        module, _, name = one.partition(":")
        getattr(importlib.import_module(module), name)().instrument()
    return flush
