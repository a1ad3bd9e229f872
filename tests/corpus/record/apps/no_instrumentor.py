"""A tracer provider and nothing else: what SDKs send by themselves."""

from otel import tracing


def instrument():
    return tracing()
