"""What the stub serves per model: the truth a test compares with, in each provider's own usage shape."""

from dataclasses import dataclass, replace
from typing import Any

TEXT = "Observability tells you why a café ☕ costs $0.0042 per answer."


@dataclass(frozen=True)
class Served:
    """One answer. `input_tokens` includes what was read from and written to a cache, `output_tokens` reasoning.

    Both include audio. `calls_tool` says that it asks for a tool instead of saying anything.
    """

    model: str
    input_tokens: int
    output_tokens: int = 0
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0
    audio_input: int = 0
    audio_output: int = 0
    calls_tool: bool = False

    def openai_chat(self) -> dict[str, Any]:
        """The `usage` of chat/completions."""
        return {
            "prompt_tokens": self.input_tokens,
            "completion_tokens": self.output_tokens,
            "total_tokens": self.input_tokens + self.output_tokens,
            "prompt_tokens_details": {"cached_tokens": self.cache_read, "audio_tokens": self.audio_input},
            "completion_tokens_details": {
                "reasoning_tokens": self.reasoning,
                "audio_tokens": self.audio_output,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        }

    def openai_responses(self) -> dict[str, Any]:
        """The `usage` of responses."""
        return {
            "input_tokens": self.input_tokens,
            "input_tokens_details": {"cached_tokens": self.cache_read},
            "output_tokens": self.output_tokens,
            "output_tokens_details": {"reasoning_tokens": self.reasoning},
            "total_tokens": self.input_tokens + self.output_tokens,
        }

    def openai_embeddings(self) -> dict[str, Any]:
        """The `usage` of embeddings."""
        return {"prompt_tokens": self.input_tokens, "total_tokens": self.input_tokens}

    def anthropic(self, output_tokens: int | None = None) -> dict[str, Any]:
        """The `usage` of messages, where `input_tokens` leaves the cache out."""
        return {
            "input_tokens": self.input_tokens - self.cache_read - self.cache_write,
            "cache_read_input_tokens": self.cache_read,
            "cache_creation_input_tokens": self.cache_write,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.cache_write,
                "ephemeral_1h_input_tokens": 0,
            },
            "output_tokens": self.output_tokens if output_tokens is None else output_tokens,
            "service_tier": "standard",
        }

    def google(self) -> dict[str, Any]:
        """The `usageMetadata` of generateContent, where candidates leave the thoughts out."""
        told = {
            "promptTokenCount": self.input_tokens,
            "candidatesTokenCount": self.output_tokens - self.reasoning,
            "totalTokenCount": self.input_tokens + self.output_tokens,
        }
        if self.cache_read:
            told["cachedContentTokenCount"] = self.cache_read
        if self.reasoning:
            told["thoughtsTokenCount"] = self.reasoning
        return told

    def bedrock(self) -> dict[str, Any]:
        """The `usage` of converse, where `inputTokens` leaves the cache out."""
        plain = self.input_tokens - self.cache_read - self.cache_write
        told = {
            "inputTokens": plain,
            "outputTokens": self.output_tokens,
            "totalTokens": self.input_tokens + self.output_tokens,
        }
        if self.cache_read or self.cache_write:
            told |= {"cacheReadInputTokens": self.cache_read, "cacheWriteInputTokens": self.cache_write}
        return told


BY_MODEL = {
    "gpt-4o-mini": Served("gpt-4o-mini-2024-07-18", 21, 17),
    "gpt-4o": Served("gpt-4o-2024-08-06", 2006, 300, cache_read=1920),
    "o4-mini": Served("o4-mini-2025-04-16", 75, 1186, reasoning=1024),
    "gpt-4o-audio-preview": Served("gpt-4o-audio-preview-2025-06-03", 118, 77, audio_input=100, audio_output=60),
    "text-embedding-3-small": Served("text-embedding-3-small", 16),
    "claude-sonnet-4-5": Served("claude-sonnet-4-5-20250929", 3084, 42, cache_read=1024, cache_write=2048),
    "claude-haiku-4-5": Served("claude-haiku-4-5-20251001", 21, 17),
    "gemini-2.5-flash": Served("gemini-2.5-flash", 21, 17),
    "gemini-2.5-pro": Served("gemini-2.5-pro", 2006, 1324, cache_read=1920, reasoning=1024),
}
"""Any other model is answered as `gpt-4o-mini` is, under its own name."""

TURNS_WITH_TOOLS = (Served("", 84, 19, calls_tool=True), Served("", 121, 23))
"""With tools to choose from: first the model asks for one, then it answers with what the tool said."""

TOOL_ARGUMENTS = {"city": "Lisbon"}


def served(model: str, tools: bool = False, tool_has_answered: bool = False) -> Served:
    """What a request for `model` is answered with."""
    plain = BY_MODEL.get(model) or Served(model, 21, 17)
    return replace(TURNS_WITH_TOOLS[tool_has_answered], model=plain.model) if tools else plain
