"""Traces that are to be deleted in; their spans, content, events and scores gone for good, and that noted, out.

What they cost stays in the ledger: it was spent.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from farthing.access.acting import actor
from farthing.access.identity import Identity
from farthing.errors import StoreError
from farthing.langfuse.names import trace_bytes
from farthing.langfuse.parts import Parts
from farthing.store.meta import audit
from farthing.store.meta.audit import Entry
from farthing.store.telemetry import wiping

SETTLED_S = 20.0
_MOST_NAMED = 100


def unmake(parts: Parts, who: Identity, ids: Sequence[str]) -> None:
    """Returns when they are gone. Raises `StoreError`, and may be asked again."""
    # A trace that is still being settled is read whole, and its calls would be written of what is left.
    if not parts.pipeline.wait_settled(SETTLED_S):
        msg = "Calls are still being settled. Send the same again in a moment."
        raise StoreError(msg)
    wiping.wipe_traces(parts.engine, who.project_id, [trace_bytes(one) for one in ids])
    after = msgspec.json.encode({"traces": list(ids[:_MOST_NAMED]), "count": len(ids)}).decode()
    with parts.database.write() as session:
        entry = Entry(datetime.now(UTC), actor(who), "deleted", "traces", who.project_id, None, after)
        audit.record(session, entry)
