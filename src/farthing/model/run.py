"""One case of an experiment: which item of a dataset a run tried, in which trace, and how that went."""

import hashlib
from enum import StrEnum

import msgspec

NO_TRACE = b"\0" * 16
NO_SPAN = b"\0" * 8


class Outcome(StrEnum):
    """How a case ended."""

    UNKNOWN = "unknown"
    """Nobody said yet."""
    OK = "ok"
    ERROR = "error"


class RunItem(msgspec.Struct, frozen=True, gc=False):
    """What one signal tells of a case. Several tell of the same one: the greater of what they say of a thing holds.

    "", zero and None mean not told. Times are Unix nanoseconds.
    """

    run_id: str
    item_id: str
    trace_id: bytes = NO_TRACE
    """Zeros: it left no trace."""
    dataset_id: str = ""
    """"": it was tried on data of nobody's keeping."""
    run_name: str = ""
    description: str = ""
    metadata: str = ""
    """The run's, a JSON document."""
    item_version_ns: int = 0
    """Of when the item is that was tried."""
    trace: str = ""
    """The trace's id as it was told, where that is not its 16 bytes in hex."""
    span_id: bytes = NO_SPAN
    """The span within the trace that is the case; zeros: all of it is, or nobody said."""
    observation: str = ""
    """That span's id as it was told, where that is not its 8 bytes in hex."""
    started_ns: int = 0
    ended_ns: int = 0
    """Zero: it is not over, or nobody told how long it took."""
    outcome: Outcome = Outcome.UNKNOWN
    error: str = ""
    output: str = ""
    """What it answered, a JSON document, where somebody wants that kept."""
    whole: bool = False
    """Whether the trace was made for this case, so that all of it belongs to it."""

    @property
    def trace_text(self) -> str:
        """The id of its trace as it was told; "" where there is none."""
        return self.trace or ("" if self.trace_id == NO_TRACE else self.trace_id.hex())

    @property
    def observation_text(self) -> str:
        """The id of its span as it was told; "" where nobody told one."""
        return self.observation or ("" if self.span_id == NO_SPAN else self.span_id.hex())


def run_id_of(project_id: str, dataset_id: str, name: str) -> str:
    """The id of the run with this name on this dataset: the same wherever and whenever it is asked for.

    The 16 hex digits Langfuse's SDKs from version 5 reckon themselves and send with their spans.
    """
    said = msgspec.json.encode(["langfuse-experiment-v1", project_id, dataset_id, name])
    return hashlib.sha256(said).hexdigest()[:16]


def case_id(run_id: str, item_id: str, trace_id: bytes) -> str:
    """An id of a case, made of what it is found by."""
    said = msgspec.json.encode([run_id, item_id, trace_id.hex()])
    return hashlib.blake2b(said, digest_size=16).hexdigest()
