"""One LLM request as we understand it: `Call` before pricing, `PricedCall` after."""

from enum import StrEnum

import msgspec

from farthing.model.attribution import Attribution
from farthing.model.ledger import Cost
from farthing.model.usage import MISSING, Usage, UsageSource


class Operation(StrEnum):
    """What was asked of the model (OpenTelemetry's `gen_ai.operation.name` where it names a model call)."""

    CHAT = "chat"
    TEXT_COMPLETION = "text_completion"
    GENERATE_CONTENT = "generate_content"
    EMBEDDINGS = "embeddings"


class Status(StrEnum):
    """How a call ended."""

    OK = "ok"
    ERROR = "error"


GATEWAY = "gateway"
"""The dialect of calls that our own gateway made: each of them is one, whatever the provider named its answer."""

CUT_OFF = ("client_disconnected", "gateway_interrupted", "stream_failed", "upstream_cut", "upstream_timeout")
"""Types of errors after which nobody knows what a call used, though its provider may well charge for it."""


class Call(msgspec.Struct, frozen=True, gc=False):
    """One model call. Times are Unix nanoseconds, durations nanoseconds; "" and None mean not told.

    `owner` is the raw span id of the call that owns this call's tokens when this row merely restates
    them; None when this row is the owner. Only owners count in totals. `owner_trace` is the raw id of the owner's
    trace when that is another one. `links` are the keys under which this call may be the same as one of another
    trace: traces that share one are to be understood together.
    """

    trace_id: bytes
    span_id: bytes
    start_ns: int
    duration_ns: int
    dialect: str
    provider: str
    request_model: str
    response_model: str = ""
    operation: str = Operation.CHAT
    response_id: str = ""
    external_request_id: str = ""
    status: Status = Status.OK
    error_type: str = ""
    finish_reason: str = ""
    streaming: bool | None = None
    ttft_ns: int | None = None
    requested_tier: str = ""
    served_tier: str = ""
    usage: Usage = MISSING
    reported_cost: int | None = None
    """The emitter's own figure, in units of 10^-24 dollars (see `money`)."""
    attribution: Attribution = Attribution()
    owner: bytes | None = None
    owner_trace: bytes | None = None
    links: tuple[int, ...] = ()
    region: str = ""
    """Where it was served, in the provider's own words, if anybody said."""

    @property
    def model(self) -> str:
        """The model asked for, else the one that answered: failed calls and dated snapshots stay with their kin."""
        return self.request_model or self.response_model

    @property
    def may_be_charged(self) -> bool:
        """Whether its provider may charge for it; where a provider refused it, or never had it, there is nothing to charge."""
        return self.status is Status.OK or self.usage.source is not UsageSource.MISSING or self.error_type in CUT_OFF


class PricedCall(msgspec.Struct, frozen=True, gc=False):
    """A call with what it cost: the receipt that pricing was done; the store accepts nothing less."""

    call: Call
    cost: Cost
    key_id: str = ""
    """The key it was told of with, which its price may depend on."""
