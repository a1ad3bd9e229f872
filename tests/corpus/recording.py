"""The folder of one recorded case in; its truth, and the calls that we read from its bytes, out."""

import json
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from farthing.intake.otlp import decode_json, decode_protobuf
from farthing.model.call import Call
from farthing.model.span import Span
from farthing.normalize.trace import calls_of_linked
from farthing.privacy.scrub import scrub

RECORDINGS = Path(__file__).parent / "recordings"
EXPECTED = Path(__file__).parent / "expected"
LONG_AFTER_NS = 2_000_000_000 * 10**9
_DECODE = {".pb": decode_protobuf, ".json": decode_json}


class Expected(msgspec.Struct, forbid_unknown_fields=True):
    """What is known about one library's recordings, by case. The README says when a case belongs where."""

    never_sent: dict[str, str] = {}
    tokens_unknown: dict[str, str] = {}
    parts_unknown: dict[str, str] = {}
    crashed: dict[str, str] = {}
    other_ids: dict[str, str] = {}
    cost: dict[str, str] = {}


def cases(library: str = "*") -> list[str]:
    """Every case as `library/case`."""
    return sorted(
        f"{truth.parent.parent.name}/{truth.parent.name}" for truth in RECORDINGS.glob(f"{library}/*/truth.json")
    )


def libraries() -> list[str]:
    """The libraries whose dialects are there: those with a file of expectations."""
    return sorted(file.name.removesuffix(".toml") for file in EXPECTED.glob("*.toml"))


def expected(library: str) -> Expected:
    """The library's file of expectations; an empty one where there is none."""
    file = EXPECTED / f"{library}.toml"
    return msgspec.convert(tomllib.loads(file.read_text()), Expected) if file.exists() else Expected()


def reason(case: str) -> str:
    """Why less than the truth is expected of this case; "" when all of it is."""
    library, name = case.split("/")
    held = expected(library)
    for known in (held.never_sent, held.crashed, held.tokens_unknown, held.parts_unknown, held.other_ids):
        if name in known:
            return known[name]
    return ""


def truth(case: str) -> list[dict[str, Any]]:
    """The calls that the provider served."""
    return json.loads((RECORDINGS / case / "truth.json").read_text())["llm_calls"]


def requests(case: str) -> list[list[Span]]:
    """The recorded spans of each request in the order sent, scrubbed as they would be stored."""
    found: list[list[Span]] = []
    for file in sorted((RECORDINGS / case).glob("*-traces.*")):
        decoded = _DECODE[file.suffix](file.read_bytes(), LONG_AFTER_NS)
        assert not decoded.flaws.rejected
        found.append([scrub(span) for span in decoded.spans])
    return found


def spans(case: str) -> list[Span]:
    """The recorded spans of all requests."""
    return [span for request in requests(case) for span in request]


def calls(case: str) -> list[Call]:
    """What we make of them, owners and those that restate."""
    return understood(spans(case))


def understood(spans: list[Span]) -> list[Call]:
    """The calls of these spans, whose traces are all understood together."""
    return calls_of_linked(spans)
