"""Logfire turned on, sending to an OTLP endpoint; a function that flushes out."""

import logfire


def instrument():
    logfire.configure(send_to_logfire=False, console=False, service_name="shop")
    logfire.instrument_openai()
    logfire.instrument_anthropic()
    return logfire.force_flush
