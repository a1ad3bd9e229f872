"""Calls go in as they happen; what they used goes out to a Farthing server, off the application's way."""

from __future__ import annotations

from farthing_sdk._attempts import new_request_id
from farthing_sdk._call import Call, Context, call, context, current_call, guard, track
from farthing_sdk._client import Client, aflush, current, flush, init, shutdown
from farthing_sdk._context import in_context
from farthing_sdk._gateway import gateway_headers
from farthing_sdk._hashing import hash_user_id
from farthing_sdk._record import AttributionFields, CallFields, ContextFields, Record, UsageFields
from farthing_sdk._result import Result, Stats
from farthing_sdk._settings import Options
from farthing_sdk._tracked import tracked
from farthing_sdk._trouble import BudgetExceeded, DeliveryError, FarthingError
from farthing_sdk._version import __version__

__all__ = [
    "AttributionFields",
    "BudgetExceeded",
    "Call",
    "CallFields",
    "Client",
    "Context",
    "ContextFields",
    "DeliveryError",
    "FarthingError",
    "Options",
    "Record",
    "Result",
    "Stats",
    "UsageFields",
    "__version__",
    "aflush",
    "call",
    "context",
    "current",
    "current_call",
    "flush",
    "gateway_headers",
    "guard",
    "hash_user_id",
    "in_context",
    "init",
    "new_request_id",
    "shutdown",
    "track",
    "tracked",
]
