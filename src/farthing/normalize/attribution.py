"""The attributes of a call's span, its ancestors and its resource in; who and what the call was for out.

The first name present wins, on the nearest span first. What an application set and no convention names
becomes a tag.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, cast

import msgspec

from farthing.model.attribution import NAMED, Attribution
from farthing.model.span import Attributes
from farthing.normalize import attribute_values

ALIASES: dict[str, tuple[str, ...]] = {
    "feature": ("feature", "endpointTag", "featureTag", "gen_ai.feature", "endpoint_tag"),
    "user_id": (
        "user_id",
        "user.id",
        "userId",
        "enduser.id",
        "langfuse.user.id",
        "langfuse_user_id",
        "langfuse.trace.user_id",
        "gen_ai.request.user",
        "llm.user",
        "litellm.end_user.id",
        "metadata.user_api_key_end_user_id",
        "metadata.user_api_key_user_id",
        "mlflow.trace.user",
        "user",
    ),
    "session_id": (
        "session.id",
        "session_id",
        "sessionId",
        "gen_ai.conversation.id",
        "langfuse.session.id",
        "langfuse_session_id",
        "langfuse.trace.session_id",
        "mlflow.trace.session",
    ),
    "team": (
        "team",
        "litellm.team.alias",
        "litellm.team_alias",
        "metadata.user_api_key_team_alias",
        "metadata.team_alias",
        "metadata.user_api_key_team_id",
    ),
    "tenant": ("tenant", "tenantSlug", "tenantId", "tenant.id", "tenant_id"),
    "environment": (
        "environment",
        "deployment.environment.name",
        "deployment.environment",
        "langfuse.environment",
    ),
    "prompt_version": (
        "promptVersion",
        "prompt_version",
        "gen_ai.prompt.version",
        "prompt.version",
        "traceloop.prompt.version",
        "llm.prompt_template.version",
        "langfuse.observation.prompt.version",
        "langfusePrompt",
    ),
    "config": ("config", "farthing.config"),
    "variant": ("variant", "farthing.variant"),
    "data_mode": ("farthing.data_mode", "dataMode", "data_mode"),
}
"""Dimension → the attributes that may hold it, best first."""

OFF_THE_TOTALS = frozenset({"test", "demo"})
"""Data modes whose calls are left out unless somebody asks for them; any other is real."""

MOST_TAGS = 64
LONGEST_KEY = 128
LONGEST_VALUE = 512
"""Bounds of what is kept as a tag; longer values are cut, further tags are left to the attributes as received."""

_UNTOLD = dict.fromkeys(NAMED, "")

_MAY_MEAN_MORE = frozenset({"", "[", '"'})
"""How a text begins that may be a mark where something was taken out, or a text as JSON; "" says nothing."""

_RANK = {alias: (dimension, rank) for dimension, aliases in ALIASES.items() for rank, alias in enumerate(aliases)}
_LISTS_OF_PROPERTIES = (
    "traceloop.association.properties.",
    "ai.telemetry.metadata.",
    "ai.settings.context.",
    "langfuse.trace.metadata.",
    "langfuse.observation.metadata.",
    "mlflow.traceTag.",
)
"""What libraries put before names that the application chose."""
_TAG_LISTS = frozenset({"tags", "tag.tags", "langfuse.trace.tags", "langfuse_tags", "logfire.tags"})
"""Attributes that list tags without values: each becomes a tag that is true."""
_LIBRARIES_OWN_TAGS = frozenset({"LLM"})
_TAGGED = {
    "ai.telemetry.functionId": "functionId",
    "gen_ai.agent.name": "agent",
    "langfuse.experiment.name": "experiment",
    "langfuse.observation.prompt.name": "prompt",
    "langfuse.release": "release",
    "langfuse.trace.name": "trace_name",
    "langfuse.version": "version",
}
"""Conventional attributes that are worth a tag → its name."""
_OF_RESPONSE = "langfuse.observation.metadata."
_RESPONSES = (
    {_OF_RESPONSE + "object", _OF_RESPONSE + "parallel_tool_calls"},
    {_OF_RESPONSE + "tools", _OF_RESPONSE + "status"},
)
"""Where all of these are, Langfuse's drop-ins have put a response of OpenAI's among the metadata."""
_RESPONSES_FIELDS = (
    "background billing completed_at conversation created_at error frequency_penalty id incomplete_details"
    " instructions max_output_tokens max_tool_calls metadata moderation object parallel_tool_calls"
    " presence_penalty previous_response_id prompt prompt_cache_key prompt_cache_retention reasoning"
    " safety_identifier service_tier status store temperature text tool_choice tools top_logprobs top_p truncation"
    " user"
)
_FIELDS_OF_RESPONSE = frozenset(_OF_RESPONSE + field for field in _RESPONSES_FIELDS.split())
"""Its fields: nothing that the application said of the call."""
_CONVENTIONAL = (
    "ai.",
    "anthropic.",
    "artifact.",
    "aws.",
    "az.",
    "azure.",
    "browser.",
    "checkpoint_",
    "client.",
    "cloud.",
    "code.",
    "container.",
    "cpu.",
    "db.",
    "destination.",
    "device.",
    "dns.",
    "embedding.",
    "enduser.",
    "error.",
    "event.",
    "exception.",
    "faas.",
    "farthing.",
    "feature_flag.",
    "file.",
    "function.",
    "gcp.",
    "gen_ai.",
    "graphql.",
    "host.",
    "http.",
    "input.",
    "k8s.",
    "langfuse.",
    "langgraph_",
    "litellm.",
    "llm.",
    "log.",
    "logfire.",
    "ls_",
    "messaging.",
    "mlflow.",
    "net.",
    "network.",
    "openai.",
    "openinference.",
    "openlit.",
    "operation.",
    "os.",
    "otel.",
    "output.",
    "peer.",
    "process.",
    "pydantic_ai.",
    "rpc.",
    "server.",
    "service.",
    "source.",
    "system.",
    "telemetry.",
    "thread.",
    "tls.",
    "tool.",
    "traceloop.",
    "url.",
    "user_agent.",
    "webengine.",
)
"""Prefixes of attributes that libraries set by themselves: kept as received, but no tags."""
_CALL_FACTS = frozenset(
    {
        "externalRequestId",
        "external_request_id",
        "metadata",
        # what libraries say of a call, under bare names
        "agent_name",
        "all_messages",
        "all_messages_events",
        "async",
        "completion",
        "duration",
        "embeddings",
        "events",
        "final_result",
        "finish_reason",
        "input_type",
        "inputs",
        "inputs_count",
        "is_langchain_root",
        "lc_versions",
        "langfusePrompt",
        "messages",
        "model_name",
        "model_request_parameters",
        "prompt",
        "request_data",
        "resource.name",
        "response_data",
        "tool_arguments",
        "tool_response",
        # what coding agents say of a call, under bare names
        "attempt",
        "cache_creation_tokens",
        "cache_read_tokens",
        "cached_token_count",
        "cost_usd",
        "duration_ms",
        "input_token_count",
        "input_tokens",
        "model",
        "output_token_count",
        "output_tokens",
        "prompt.id",
        "reasoning_token_count",
        "request_id",
        "slug",
        "status_code",
        "stop_reason",
        "tool_token_count",
        "ttft_ms",
        "hidden_params",
        "model_id",
    }
)
_PARAMETERS = frozenset(
    (  # noqa: SIM905  shorter so
        "dimensions encoding_format frequency_penalty instructions logprobs max_completion_tokens max_tokens n"
        " parallel_tool_calls presence_penalty reasoning reasoning_effort response_format seed service_tier stop store"
        " stream stream_options temperature tool_choice tools top_k top_logprobs top_p verbosity"
    ).split()
)
"""The parameters of a request, which MLflow copies."""
_LITELLM = "metadata.user_api_key_hash"
"""Where it is, all of LiteLLM's metadata are, most of them empty and none the application's."""
_RESOURCE_TAGS = frozenset({"service.name"})


def attribute(spans: Iterable[Attributes], resource: Attributes) -> Attribution:
    """Attribution from a call's own attributes, then its ancestors' from the nearest up, then the resource's."""
    dimensions = untold()
    tags: dict[str, str] = {}
    for attributes in spans:
        take(attributes, dimensions, tags)
    take(resource, dimensions, tags)
    for key in _RESOURCE_TAGS:
        if key in resource and len(tags) < MOST_TAGS:
            tags.setdefault(key, attribute_values.text(key, resource[key])[:LONGEST_VALUE])
    return settled(dimensions, tags)


def untold() -> dict[str, str]:
    """All dimensions, in the order in which an attribution has them, and nothing said of any."""
    return _UNTOLD.copy()


def settled(dimensions: dict[str, str], tags: dict[str, str]) -> Attribution:
    """What was taken, as an attribution."""
    if dimensions["data_mode"]:
        mode = dimensions["data_mode"].lower()
        dimensions["data_mode"] = mode if mode in OFF_THE_TOTALS else ""
    return Attribution(*dimensions.values(), tags=tags)


def take(attributes: Attributes, dimensions: dict[str, str], tags: dict[str, str]) -> None:
    """Add what these attributes say and nobody said before to `untold` dimensions, and to tags."""
    if not attributes:
        return
    places = _places(tuple(attributes))
    for dimension, names in places.dimensions:
        if not dimensions[dimension]:
            for name, plain in names:
                text = attributes[name]
                # Nearly all values are plain texts; a call for each of them would take longer than all the rest.
                if not plain or text.__class__ is not str or text[:1] in _MAY_MEAN_MORE:
                    text = attribute_values.text(name, text)
                if text:
                    dimensions[dimension] = text[:LONGEST_VALUE]
                    break
    if places.tags:
        _take_tagged(attributes, places.tags, tags)
    for name in places.lists:
        _take_listed(attribute_values.listed(attributes[name]), tags)
    if places.metadata:
        take(_metadata(attributes["metadata"]), dimensions, tags)


def take_tags(attributes: Attributes, tags: dict[str, str]) -> bool:
    """The same where these attributes say nothing but tags; False, and nothing taken, where they say more."""
    places = _places(tuple(attributes))
    if places.dimensions or places.lists or places.metadata:
        return False
    _take_tagged(attributes, places.tags, tags)
    return True


def _take_tagged(attributes: Attributes, placed: tuple[tuple[str, str, bool], ...], tags: dict[str, str]) -> None:
    for tag, name, plain in placed:
        if tag not in tags and len(tags) < MOST_TAGS:
            text = attributes[name]
            if not plain or text.__class__ is not str or text[:1] in _MAY_MEAN_MORE:
                text = attribute_values.text(name, text)
            if text:
                tags[tag] = text[:LONGEST_VALUE]


def _take_listed(listed: list[str], tags: dict[str, str]) -> None:
    for tag in listed:
        if len(tags) < MOST_TAGS and len(tag) <= LONGEST_KEY and tag not in _LIBRARIES_OWN_TAGS:
            tags.setdefault(tag, "true")


class _Places(msgspec.Struct, frozen=True):
    """Where the attributes of one set of keys go."""

    dimensions: tuple[tuple[str, tuple[tuple[str, bool], ...]], ...]
    """Dimension → the attributes that may hold it, best first, and whether their texts mean what they say."""
    tags: tuple[tuple[str, str, bool], ...]
    """Tag → the attribute that holds it, and likewise."""
    lists: tuple[str, ...]
    """Attributes that list tags."""
    metadata: bool


@lru_cache(maxsize=4096)
def _places(keys: tuple[str, ...]) -> _Places:
    """Worked out once for each set of keys: one library sends the same ones every time."""
    dimensions: dict[str, list[tuple[int, str]]] = {}
    tags: list[tuple[str, str]] = []
    lists: list[str] = []
    holds_response = any(fields.issubset(keys) for fields in _RESPONSES)
    conventions = (*_CONVENTIONAL, "metadata.") if _LITELLM in keys else _CONVENTIONAL
    for key in keys:
        if holds_response and key in _FIELDS_OF_RESPONSE:
            continue
        bare = key
        for prefix in _LISTS_OF_PROPERTIES:
            bare = bare.removeprefix(prefix)
        if bare in _TAG_LISTS:
            lists.append(key)
            continue
        if bare in _TAGGED:
            tags.append((_TAGGED[bare], key))
            continue
        dimension, rank = _RANK.get(bare, ("", 0))
        if dimension:
            dimensions.setdefault(dimension, []).append((rank, key))
        # A dimension's plain names need no second copy; an application's own spelling stays findable as a tag.
        plain = bool(dimension) and (rank == 0 or "." in bare or "_" in bare)
        conventional = bare in _CALL_FACTS or bare in _PARAMETERS or bare.startswith(conventions)
        if not (plain or conventional or not bare or len(bare) > LONGEST_KEY):
            tags.append((bare, key))
    ranked = tuple([(name, tuple([_placed(key) for _, key in sorted(names)])) for name, names in dimensions.items()])
    return _Places(ranked, tuple([(tag, *_placed(key)) for tag, key in tags]), tuple(lists), "metadata" in keys)


def _placed(key: str) -> tuple[str, bool]:
    return key, not attribute_values.is_document(key)


def _metadata(raw: Any) -> Attributes:
    if isinstance(raw, str) and raw.startswith("{"):
        try:
            raw = msgspec.json.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            return {}
    if not isinstance(raw, dict):
        return {}
    return {str(key): value for key, value in cast("dict[Any, Any]", raw).items() if key != "metadata"}
