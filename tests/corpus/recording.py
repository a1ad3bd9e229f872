"""The folder of one recorded case in; its truth, and the calls that we read from its bytes, out."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from farthing.intake.otlp import decode_protobuf
from farthing.model.call import Call
from farthing.model.span import Span
from farthing.normalize.trace import calls_of
from farthing.privacy.scrub import scrub

RECORDINGS = Path(__file__).parent / "recordings"
LONG_AFTER_NS = 2_000_000_000 * 10**9


def cases() -> list[str]:
    """Every case as `library/case`."""
    return sorted(f"{truth.parent.parent.name}/{truth.parent.name}" for truth in RECORDINGS.glob("*/*/truth.json"))


def truth(case: str) -> list[dict[str, Any]]:
    """The calls that the provider served."""
    return json.loads((RECORDINGS / case / "truth.json").read_text())["llm_calls"]


def spans(case: str) -> list[Span]:
    """The recorded spans in the order sent, scrubbed as they would be stored."""
    found: list[Span] = []
    for file in sorted((RECORDINGS / case).glob("*-traces.pb")):
        decoded = decode_protobuf(file.read_bytes(), LONG_AFTER_NS)
        assert not decoded.rejected
        found.extend(scrub(span) for span in decoded.spans)
    return found


def calls(case: str) -> list[Call]:
    """What we make of them, owners and those that restate."""
    traces: dict[bytes, list[Span]] = defaultdict(list)
    for span in spans(case):
        traces[span.trace_id].append(span)
    return [call for trace in traces.values() for call in calls_of(trace)]
