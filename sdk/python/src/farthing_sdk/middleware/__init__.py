"""A web application goes in; it comes out knowing what the LLM calls of each request cost. One module per framework."""

from __future__ import annotations

from farthing_sdk._web import HEADER_CALLS, HEADER_COST, Sum, current_sum

__all__ = ["HEADER_CALLS", "HEADER_COST", "Sum", "current_sum"]
