"""Calls go in as they happen; what they used goes out to a Farthing server, off the application's way."""

from __future__ import annotations

from farthing_sdk._client import Client, current
from farthing_sdk._context import context, in_context, new_request_id
from farthing_sdk._record import AttributionFields, CallFields, Record, UsageFields

__all__ = [
    "AttributionFields",
    "CallFields",
    "Client",
    "Record",
    "UsageFields",
    "context",
    "current",
    "in_context",
    "new_request_id",
]
