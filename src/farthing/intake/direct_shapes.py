"""The shapes of direct ingest: what may be posted of a call, every field with its bounds, and what is answered."""

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from farthing.errors import BadRequestError
from farthing.shapes import Shape

MOST_CALLS = 1_000
"""Of one batch."""
MOST_TOKENS = 2**53
MOST_MS = 31 * 86_400_000
MOST_EXTRAS = 200
LONGEST_ID = 200
LONGEST_NAME = 300
LONGEST_REGION = 63

_Id = Annotated[str, Meta(min_length=1, max_length=LONGEST_ID, extra_json_schema={"pattern": r"^[^\u0000]*$"})]
_Name = Annotated[str, Meta(max_length=LONGEST_NAME)]
_Tokens = Annotated[int, Meta(ge=0, le=MOST_TOKENS)]
_WholeMs = Annotated[int, Meta(ge=0, le=MOST_MS)]
_Ms = Annotated[float, Meta(ge=0, le=MOST_MS)]


def _told(text: str) -> Any:
    return Meta(description=text)


class CallPosted(msgspec.Struct, rename="camel", kw_only=True, gc=False):
    """One LLM call. Any further field becomes a tag. A count that is left out is unknown, which is not zero."""

    external_request_id: Annotated[
        _Id, _told("Your own id of this call, one per logical call and the same on every retry: it counts once.")
    ]
    provider: Annotated[str, Meta(min_length=1, max_length=100, description="Who served it: openai, anthropic, …")]
    status: Annotated[Literal["success", "error"], _told("How it ended.")]
    model: Annotated[_Name | None, _told("The model asked for; or requestModel.")] = None
    request_model: Annotated[_Name | None, _told("The same as model.")] = None
    response_model: Annotated[_Name | None, _told("The model that answered.")] = None
    operation: Annotated[_Name | None, _told("chat (the default), text_completion, embeddings, …")] = None
    input_tokens: Annotated[_Tokens | None, _told("All input: cached, written to a cache and audio included.")] = None
    output_tokens: Annotated[_Tokens | None, _told("All output: reasoning and audio included.")] = None
    total_tokens: Annotated[_Tokens | None, _told("Compared with the others; a contradiction is flagged.")] = None
    cached_input_tokens: Annotated[_Tokens | None, _told("The part of the input that was read from a cache.")] = None
    cache_write_tokens: Annotated[_Tokens | None, _told("The part written to a cache for 5 minutes.")] = None
    cache_write30m_tokens: Annotated[_Tokens | None, _told("The part written to a cache for 30 minutes.")] = (
        msgspec.field(default=None, name="cacheWrite30mTokens")
    )
    cache_write1h_tokens: Annotated[_Tokens | None, _told("The part written to a cache for an hour.")] = msgspec.field(
        default=None, name="cacheWrite1hTokens"
    )
    cache_write12h_tokens: Annotated[_Tokens | None, _told("The part written to a cache for 12 hours.")] = (
        msgspec.field(default=None, name="cacheWrite12hTokens")
    )
    reasoning_tokens: Annotated[_Tokens | None, _told("The part of the output spent on reasoning.")] = None
    audio_input_tokens: Annotated[_Tokens | None, _told("The part of the input that is audio.")] = None
    audio_output_tokens: Annotated[_Tokens | None, _told("The part of the output that is audio.")] = None
    image_input_tokens: Annotated[_Tokens | None, _told("The part of the input that is images.")] = None
    image_output_tokens: Annotated[_Tokens | None, _told("The part of the output that is images.")] = None
    web_searches: Annotated[_Tokens | None, _told("Searches made by the provider's own tool.")] = None
    web_fetches: Annotated[_Tokens | None, _told("Pages fetched by it.")] = None
    file_searches: Annotated[_Tokens | None, _told("Searches of files, likewise.")] = None
    code_sessions: Annotated[_Tokens | None, _told("Containers that code ran in, likewise.")] = None
    images: Annotated[_Tokens | None, _told("Images made, where they are charged by the piece and not by tokens.")] = (
        None
    )
    image_quality: Annotated[_Name | None, _told("Theirs, where the price goes by it: standard, hd, …")] = None
    image_size: Annotated[_Name | None, _told("Likewise: 1024x1024, …")] = None
    characters: Annotated[_Tokens | None, _told("Characters spoken, where they are charged and not tokens.")] = None
    audio_seconds: Annotated[
        Annotated[float, Meta(ge=0, le=MOST_MS // 1000)] | None,
        _told("Seconds of audio heard, where they are charged and not tokens; begun ones count."),
    ] = None
    cost_usd: Annotated[
        Annotated[str, Meta(max_length=60, pattern=r"^\d{1,12}(\.\d{1,40})?([eE]-?\d{1,2})?$")]
        | Annotated[float, Meta(ge=0, le=1e12)]
        | None,
        _told("What you believe it cost, in US dollars; kept beside our own figure."),
    ] = None
    latency_ms: Annotated[_WholeMs | _Ms | None, _told("From the request to the end of the answer.")] = None
    ttft_ms: Annotated[_WholeMs | _Ms | None, _told("From the request to the first token.")] = None
    streaming: bool | None = None
    service_tier: Annotated[_Name | None, _told("The tier that was served: default, flex, priority, batch, …")] = None
    region: Annotated[
        Annotated[str, Meta(max_length=LONGEST_REGION)] | None,
        _told("Where it was served, in the provider's own words: eu-west-1, us-east5, global, …"),
    ] = None
    error_code: Annotated[_Name | None, _told("What kind of error it ended with.")] = None
    response_id: Annotated[_Name | None, _told("The provider's id of its response; joins what others tell of it.")] = (
        None
    )
    created_at: Annotated[
        Annotated[str, Meta(max_length=60)] | Annotated[float, Meta(ge=0, le=1e13)] | None,
        _told("When the call began: RFC 3339, or Unix seconds or milliseconds. Else it is taken to end now."),
    ] = None
    endpoint_tag: Annotated[_Name | None, _told("The product feature, such as checkout.ai_summary.")] = None
    feature: Annotated[_Name | None, _told("The same.")] = None
    feature_tag: Annotated[_Name | None, _told("The feature, where endpointTag is not given; else a tag.")] = None
    prompt_version: Annotated[_Name | None, _told("A label of the deployed prompt: summarizer_v3.")] = None
    user_id: Annotated[_Name | None, _told("Hashed; never personal data.")] = None
    session_id: _Name | None = None
    tenant_id: Annotated[_Name | None, _told("The customer it was for.")] = None
    tenant: Annotated[_Name | None, _told("The same.")] = None
    team: _Name | None = None
    environment: Annotated[_Name | None, _told("prod, staging, dev, …; the key's own, else prod.")] = None
    data_mode: Annotated[
        Literal["real", "test", "demo"] | None, _told("test and demo are left out of totals. real by default.")
    ] = None
    traceparent: Annotated[
        Annotated[str, Meta(max_length=120)] | None, _told("W3C trace context of the span around the call.")
    ] = None
    metadata: Annotated[dict[str, Any] | None, _told("Strings, numbers and booleans become tags.")] = None


_CALL = Shape(CallPosted)


class Batch(msgspec.Struct):
    """Several calls at once."""

    requests: Annotated[list[Any], Meta(min_length=1, max_length=MOST_CALLS)]


NAMES = {field.name: field.encode_name for field in msgspec.structs.fields(CallPosted)}
"""Our name of a field → the sender's."""
FIELDS = frozenset(NAMES.values())


class Wrong(msgspec.Struct, frozen=True):
    """A field that can't be taken as it is."""

    field: str
    message: str


class Answer(msgspec.Struct, rename="camel", kw_only=True):
    """What happened to one call. Branch on the explicit fields; the two budget flags are the seed's."""

    ok: bool
    request_id: Annotated[str | None, _told("The call's id: GET /api/v1/calls/{id}.")] = None
    external_request_id: str | None = None
    duplicate: Annotated[bool, _told("It was told before; this is what was answered then.")] = False
    cost_usd: Annotated[str | None, _told("US dollars as an exact decimal string; null when nobody knows.")] = None
    cost_status: Annotated[str | None, _told("computed, estimated, unpriced or unknown.")] = None
    plan_tier: str = "self-hosted"
    warnings: list[str] = msgspec.field(default_factory=list[str])
    reason: Annotated[str | None, _told("Why not ok: plan_limit_reached, throttled, invalid.")] = None
    telemetry_paused: bool = False
    provider_calls_continue: Annotated[bool, _told("Always: telemetry never stands in a call's way.")] = True
    is_plan_limit_reached: bool = False
    plan_limit_requests: int | None = None
    free_limit_remaining_requests: int | None = None
    budget_warning: bool = False
    budget_exceeded: bool = False
    errors: list[Wrong] = msgspec.field(default_factory=list[Wrong])


class Answers(msgspec.Struct, rename="camel", kw_only=True):
    """What happened to a batch: one result per item, in order."""

    ok: Annotated[bool, _told("Whether all of them are kept.")]
    accepted: int
    duplicates: int
    rejected: int
    results: list[Answer]


class FieldError(BadRequestError):
    """A field of a posted call can't be taken."""

    code = "invalid"

    def __init__(self, field: str, message: str) -> None:
        """`field` as the sender names it, "" for the whole."""
        super().__init__(f"{field}: {message}" if field else message)
        self.wrong = Wrong(field, message)


def read(told: Any) -> tuple[CallPosted, dict[str, Any]]:
    """A decoded object as a call, and the fields that are the sender's own. Raises `FieldError`."""
    try:
        posted = _CALL.of(told)
    except msgspec.ValidationError as error:
        raise _named(error) from None
    if "\0" in posted.external_request_id:
        raise FieldError("externalRequestId", "no NUL character.")
    extras: dict[str, Any] = {}
    if len(told) > len(FIELDS) or not FIELDS.issuperset(told):
        extras = {name: value for name, value in told.items() if name not in FIELDS}
    if len(extras) + len(posted.metadata or ()) > MOST_EXTRAS:
        name = "metadata" if posted.metadata else ""
        raise FieldError(name, f"at most {MOST_EXTRAS} fields of your own.")
    if not (posted.model or posted.request_model):
        raise FieldError("model", "say which model was asked for.")
    return posted, extras


_CHOICES = {"status": ("success", "error"), "dataMode": ("real", "test", "demo")}
_PLACE = re.compile(r"(?s)(.*?) - at `(key in )?\$\.?([^`]*)`")
_MISSING = re.compile(r"Object missing required field `([^`]+)`")


def _named(error: msgspec.ValidationError) -> FieldError:
    text = str(error)
    missing = _MISSING.match(text)
    if missing:
        return FieldError(missing[1], "it is required.")
    place = _PLACE.fullmatch(text)
    if place is None:
        return FieldError("", f"{text}.")
    message = "a decimal amount such as 0.00054" if "matching regex" in place[1] else place[1]
    if "enum value" in message and place[3] in _CHOICES:
        message = f"one of {', '.join(_CHOICES[place[3]])}"
    return FieldError(place[3], f"{message}.")
