"""The shapes of prompts in requests and answers, as OpenAPI documents them."""

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from farthing.api.model import Model
from farthing.api.price_schemas import Strict
from farthing.api.schemas import Measures

_MESSAGES = "Text, or for a chat its messages: role and content, or a placeholder with a name."


class PromptWanted(Strict):
    """A new version of a prompt."""

    name: str = Field(min_length=1, max_length=255, description="Slashes make folders.")
    type: Literal["text", "chat"] | None = Field(default=None, description="What the prompt itself is, unless told.")
    prompt: str | list[dict[str, Any]] = Field(description=_MESSAGES)
    config: Any = Field(default=None, description="Whatever the application wants to keep beside it.")
    labels: list[str] = Field(default=[], max_length=50, description="They leave the version they stand on.")
    tags: list[str] | None = Field(
        default=None, max_length=50, description="Of all versions; as they were unless told."
    )
    commit_message: str | None = Field(default=None, max_length=500)


class PromptChanges(Strict):
    """What may be changed of a prompt as a whole."""

    tags: list[str] = Field(max_length=50)


class VersionChanges(Strict):
    """What may be changed of a version."""

    labels: list[str] = Field(max_length=50, description="All labels that are to stand on it, without latest.")


class PromptVersion(Model):
    """A version of a prompt."""

    id: str
    name: str
    version: int
    type: Literal["text", "chat"]
    prompt: str | list[dict[str, Any]] = Field(description=_MESSAGES)
    config: Any
    labels: list[str] = Field(description="latest always stands on the newest version.")
    tags: list[str]
    commit_message: str | None
    created_at: datetime
    created_by: str


class WholePrompt(PromptVersion):
    """A version with the texts of all it quotes."""

    quotes: list[str] = Field(description="The ids of the versions it quotes, and those quote.")


class MeasuredVersion(PromptVersion):
    """A version, and what calls with it cost."""

    usage: Measures | None = Field(description="null: there was no call with it.")


class PromptInList(Model):
    """A prompt in a list."""

    name: str
    type: Literal["text", "chat"]
    tags: list[str]
    labels: dict[str, int] = Field(description="Which version each label stands on.")
    versions: list[int]
    created_at: datetime
    updated_at: datetime


class PromptList(Model):
    """Prompts, by name."""

    data: list[PromptInList]
    next_cursor: str | None


class UnknownVersion(Measures):
    """What calls cost that told a version of this prompt which isn't kept here; null where they told none."""

    prompt_version: str | None


class MeasuredPrompt(Model):
    """A prompt with all its versions, the newest first, and what calls with each cost."""

    model_config = ConfigDict(populate_by_name=True)

    name: str
    start: str = Field(alias="from")
    to: str
    total: Measures
    versions: list[MeasuredVersion]
    other_versions: list[UnknownVersion]
