"""The name of an attribute in; what kind of value stands under it out: message content, a credential, an address, or neither.

What libraries call the content of their messages is known by name. Of names nobody has seen yet the last part decides, so
that a new library leaks nothing: too much is hidden rather than too little. What names, counts or measures stays readable.
"""

import re
from enum import StrEnum
from functools import lru_cache


class Kind(StrEnum):
    """What stands under a name."""

    PLAIN = "plain"
    CONTENT = "content"
    SECRET = "secret"  # noqa: S105  a kind, no secret
    ADDRESS = "address"
    """A URL, whose query may hold a credential."""


_CONTENT = frozenset(
    {
        "all_messages",
        "all_messages_events",
        "args",
        "arguments",
        "completion",
        "content",
        "contents",
        "events",
        "final_result",
        "functions",
        "hidden_params",
        "input",
        "inputs",
        "instructions",
        "kwargs",
        "message",
        "messages",
        "model_request_parameters",
        "output",
        "outputs",
        "prompt",
        "prompts",
        "request_data",
        "response_data",
        "response_format",
        "suffix",
        "system",
        "text",
        "tool_arguments",
        "tool_input",
        "tool_output",
        "tool_parameters",
        "tool_response",
        "tool_result",
        "tools",
        "ai.response.providerMetadata",
        "ai.value",
        "ai.values",
        "mlflow.spanInputs",
        "mlflow.spanOutputs",
        "mlflow.traceInputs",
        "mlflow.traceOutputs",
        "mlflow.chunk.value",
        "metadata.requester_custom_headers",
        "metadata.mcp_tool_call_metadata",
        "pydantic_ai.all_messages",
        "tool.description",
        "tool.parameters",
    }
)
_CONTENT_PREFIXES = (
    "ai.documents",
    "ai.embedding",
    "ai.prompt",
    "ai.response.files",
    "ai.response.object",
    "ai.response.reasoning",
    "ai.response.text",
    "ai.response.toolCalls",
    "ai.schema",
    "ai.toolCall.args",
    "ai.toolCall.result",
    "audio.",
    "document.",
    "embedding.embeddings",
    "embedding.invocation_parameters",
    "gcp.vertex.agent.data",
    "gcp.vertex.agent.llm_",
    "gcp.vertex.agent.tool_",
    "gen_ai.completion",
    "gen_ai.content.",
    "gen_ai.event.content",
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.prompt",
    "gen_ai.response.tool_calls",
    "gen_ai.retrieval.",
    "gen_ai.system_instructions",
    "gen_ai.tool.definitions",
    "image.",
    "input.",
    "inputs.",
    "langfuse.observation.input",
    "langfuse.observation.output",
    "langfuse.trace.input",
    "langfuse.trace.output",
    "llm.choices",
    "llm.completions",
    "llm.function_call",
    "llm.input_messages",
    "llm.invocation_parameters",
    "llm.output_messages",
    "llm.prompt_template.",
    "llm.prompts",
    "llm.request.functions",
    "llm.tools",
    "message.",
    "message_content.",
    "output.",
    "reranker.",
    "retrieval.documents",
    "tool_call.",
    "traceloop.entity.input",
    "traceloop.entity.output",
    "video.",
)
_CONTENT_ENDS = frozenset(
    {
        "args",
        "arguments",
        "backstory",
        "body",
        "completion",
        "completions",
        "content",
        "contents",
        "description",
        "documents",
        "embedding",
        "embeddings",
        "expected_output",
        "expectedOutput",
        "goal",
        "input",
        "input_json",
        "inputs",
        "instruction",
        "instructions",
        "json_schema",
        "kwargs",
        "messages",
        "output",
        "output_json",
        "outputs",
        "parameters",
        "prompt",
        "prompts",
        "query",
        "reasoning",
        "result",
        "results",
        "schema",
        "stringified_raw_response",
        "system_prompt",
        "template",
        "text",
        "thinking",
        "tool_input",
        "tool_output",
        "tool_results",
        "tools",
        "transcript",
        "variables",
        "vector",
    }
)
_PLAIN = frozenset(
    {
        "gen_ai.output.type",
        "gen_ai.prompt.id",
        "gen_ai.prompt.name",
        "gen_ai.prompt.version",
        "gen_ai.prompt.label",
        "input.mime_type",
        "langfuse.experiment.description",
        "langfuse.observation.model.parameters",
        "llm.prompt_template.version",
        "output.mime_type",
        "reranker.model_name",
        "reranker.top_k",
    }
)
_PLAIN_ENDS = (".finish_reason", ".role")
_OTHERS = (
    "browser.",
    "cloud.",
    "code.",
    "container.",
    "db.",
    "error.",
    "exception.",
    "faas.",
    "farthing.",
    "host.",
    "k8s.",
    "messaging.",
    "network.",
    "os.",
    "process.",
    "rpc.",
    "server.",
    "service.",
    "telemetry.",
    "thread.",
)
"""Namespaces of the conventions that have nothing to do with models."""

_RAW_FIELD = re.compile(r"llm\.([^.]+)\.([^.]+)")
_NO_PROVIDERS = frozenset(
    {"token_count", "cost", "request", "response", "usage", "prompt_template", "chat", "openai_assistant"}
)
_RAW_PLAIN = frozenset(
    {
        "created",
        "created_at",
        "dimensions",
        "frequency_penalty",
        "id",
        "max_completion_tokens",
        "max_output_tokens",
        "max_tokens",
        "metrics",
        "model",
        "modelVersion",
        "n",
        "object",
        "parallel_tool_calls",
        "presence_penalty",
        "previous_response_id",
        "provider",
        "responseId",
        "role",
        "seed",
        "service_tier",
        "status",
        "stopReason",
        "stop_reason",
        "store",
        "stream",
        "system_fingerprint",
        "temperature",
        "tool_choice",
        "top_k",
        "top_logprobs",
        "top_p",
        "truncation",
        "type",
        "usage",
        "usageMetadata",
        "user",
    }
)
"""Of what LiteLLM copies from raw requests and responses (`llm.<provider>.<field>`), what is no content."""

SECRET_WORDS = (
    "authorization",
    "api_key",
    "api-key",
    "apikey",
    "cookie",
    "password",
    "passwd",
    "secret",
    "access_token",
    "credential",
    "private_key",
)
_OWNER_OF_KEY = re.compile(
    r"(?:litellm\.|metadata\.)?(?:user_)?api_key_(?!hash|auth|value)\w+|litellm\.key_alias|litellm\.api_key\.alias"
)
"""Who a LiteLLM key was given to: names and budgets, not the key."""

_ADDRESSES = frozenset({"url.full", "url.query", "http.url", "http.target"})


@lru_cache(maxsize=2**14)
def kind_of(name: str) -> Kind:
    """What kind of value stands under this name."""
    if name in _ADDRESSES:
        return Kind.ADDRESS
    if _is_content(name):
        return Kind.CONTENT
    lowered = name.lower()
    if any(word in lowered for word in SECRET_WORDS) and not _OWNER_OF_KEY.fullmatch(lowered):
        return Kind.SECRET
    return Kind.PLAIN


def _is_content(name: str) -> bool:
    if name in _PLAIN or name.endswith(_PLAIN_ENDS) or name.startswith(_OTHERS):
        return False
    if name in _CONTENT or name.startswith(_CONTENT_PREFIXES):
        return True
    raw = _RAW_FIELD.fullmatch(name)
    if raw and raw[1] not in _NO_PROVIDERS:
        return raw[2] not in _RAW_PLAIN
    _, dot, last = name.rpartition(".")
    return bool(dot) and last in _CONTENT_ENDS
