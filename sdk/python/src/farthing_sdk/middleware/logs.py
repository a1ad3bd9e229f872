"""Log records go in; they come out with what the LLM calls of the web request have come to so far."""

from __future__ import annotations

import logging

from farthing_sdk._web import current_sum


class LogFields(logging.Filter):
    """`handler.addFilter(LogFields())` gives every record `llm_calls` and `llm_cost`; outside of a request both are None."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything pass."""
        known = current_sum()
        record.llm_calls = None if known is None else known.calls
        record.llm_cost = None if known is None else known.cost
        return True
