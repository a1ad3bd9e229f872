"""The shapes of what was said, for /openapi.json: what `query.conversation` tells."""

from typing import Any

from pydantic import Field

from farthing.api.model import Model


class Part(Model):
    """A piece of a message."""

    type: str = Field(
        description="text, reasoning, tool_call, tool_result, image, audio, file, or json: anything else."
    )
    text: str | None = None
    id: str | None = Field(default=None, description="Of a tool's call; its result has the same.")
    name: str | None = Field(default=None, description="Of a tool, a file, or a medium's type.")
    value: Any = Field(default=None, description="Arguments, a result, or the piece as it was sent.")


class Message(Model):
    """What somebody said."""

    role: str = Field(description="system, user, assistant, tool, or whatever was told.")
    parts: list[Part] = Field(default=[])
    name: str | None = None
    finish_reason: str | None = None


class Messages(Model):
    """What was said, in one form whichever library told it."""

    input: list[Message]
    output: list[Message]
    system: list[Part] = Field(description="Instructions that stand apart from the conversation.")
    tools: list[Any] = Field(description="Tools on offer, as they were defined.")
    cut: bool = Field(description="Some of it was too long to be kept, and says where it ends.")


class Said(Model):
    """What was said, where content is kept."""

    messages: Messages | None = Field(description="null: no_messages_because says why.")
    no_messages_because: str | None = Field(description="Why there are none, and how to keep them.")
