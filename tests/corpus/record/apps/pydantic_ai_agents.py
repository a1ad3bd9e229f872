"""Pydantic AI's own instrumentation of all agents turned on; a function that flushes out."""

from otel import tracing
from pydantic_ai import Agent


def instrument():
    flush = tracing()
    Agent.instrument_all()
    return flush
