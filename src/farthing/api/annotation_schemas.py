"""The shapes of score configs, annotation queues and comments in requests and answers, as OpenAPI documents them."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from farthing.api.model import Model
from farthing.api.price_schemas import Strict

ScoreKind = Literal["NUMERIC", "CATEGORICAL", "BOOLEAN", "TEXT"]
ItemStatus = Literal["PENDING", "COMPLETED"]


class ScoreCategory(Strict):
    """A value a categorical score may have, and the number that stands for it."""

    label: str = Field(min_length=1, max_length=500)
    value: float = Field(allow_inf_nan=False)


class ScoreConfigWanted(Strict):
    """What scores of this name may be."""

    name: str = Field(min_length=1, max_length=200)
    data_type: ScoreKind
    min_value: float | None = Field(default=None, allow_inf_nan=False)
    max_value: float | None = Field(default=None, allow_inf_nan=False)
    categories: list[ScoreCategory] | None = Field(default=None, max_length=100)
    description: str | None = Field(default=None, max_length=2_000)


class ScoreConfigChanges(Strict):
    """What is to be changed; what isn't told stays."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    min_value: float | None = Field(default=None, allow_inf_nan=False)
    max_value: float | None = Field(default=None, allow_inf_nan=False)
    categories: list[ScoreCategory] | None = Field(default=None, max_length=100)
    description: str | None = Field(default=None, max_length=2_000)
    is_archived: bool | None = None


class ScoreConfigShown(ScoreConfigWanted):
    """A score config as it is kept."""

    id: str
    is_archived: bool = Field(description="It takes no scores any more.")
    created_at: datetime
    updated_at: datetime


class ScoreConfigList(Model):
    """Score configs, the newest first."""

    data: list[ScoreConfigShown]
    next_cursor: str | None = None


class QueueWanted(Strict):
    """A list of what people are to look at, and which scores they are to give."""

    name: str = Field(min_length=1, max_length=200)
    description: str | None = Field(default=None, min_length=1, max_length=2_000)
    score_config_ids: list[str] = Field(min_length=1, max_length=50)


class QueueShown(QueueWanted):
    """A queue as it is kept."""

    id: str
    created_at: datetime
    updated_at: datetime


class QueueWithProgress(QueueShown):
    """A queue, how far it is, and who works through it."""

    pending: int
    completed: int
    assigned: list[str]


class QueueList(Model):
    """Queues, by name."""

    data: list[QueueShown]
    next_cursor: str | None = None


class QueueItemWanted(Strict):
    """Something to be looked at."""

    object_type: Literal["TRACE", "OBSERVATION", "SESSION"]
    object_id: str = Field(min_length=1, max_length=500)
    status: ItemStatus = "PENDING"


class QueueItemChanges(Strict):
    """Whether it has been looked at."""

    status: ItemStatus


class QueueItemShown(QueueItemWanted):
    """Something in a queue."""

    id: str
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None


class QueueItemList(Model):
    """What is in a queue, the oldest first."""

    data: list[QueueItemShown]
    next_cursor: str | None = None


class Assignment(Strict):
    """Who works through a queue."""

    user_id: str = Field(min_length=1, max_length=200)


class CommentWanted(Strict):
    """What is to be said of something."""

    object_type: Literal["TRACE", "OBSERVATION", "SESSION", "PROMPT"]
    object_id: str = Field(min_length=1, max_length=500)
    content: str = Field(min_length=1, max_length=5_000)
    author_user_id: str | None = Field(default=None, min_length=1, max_length=200)


class CommentShown(CommentWanted):
    """A comment as it is kept."""

    id: str
    created_at: datetime
    updated_at: datetime


class CommentList(Model):
    """Comments, the newest first."""

    data: list[CommentShown]
    next_cursor: str | None = None
