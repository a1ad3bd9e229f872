"""The shapes of answers about sessions and users, for /openapi.json: what `query.sessions` makes."""

from pydantic import ConfigDict, Field

from farthing.api.model import Model
from farthing.api.schemas import Group, Measures, Traces


class Seen(Measures):
    """Sums over calls that own their tokens, and when those began and ended."""

    first_seen: str = Field(description="When the first of the calls began.")
    last_seen: str = Field(description="When the last of the calls began.")
    duration_ms: int = Field(description="From the start of the first call to the end of the last.")
    trace_count: int
    models: list[str] = Field(description="At most 20 of them.")


class Session(Seen):
    """A session in a list."""

    session_id: str
    user_count: int
    user_ids: list[str] = Field(description="At most 20 of them.")


class Sessions(Model):
    """A page of sessions."""

    data: list[Session]
    next_cursor: str | None


class _Range(Model):
    model_config = ConfigDict(populate_by_name=True)

    start: str = Field(alias="from")
    to: str
    by_model: list[Group] = Field(description="The 100 dearest; the rest is one with others=true.")


class SessionDetail(Session, _Range):
    """A session, by model, with its traces in order: sums of a trace are over this session's calls alone."""

    traces: Traces


class User(Seen):
    """A user in a list."""

    user_id: str
    session_count: int


class Users(Model):
    """A page of users."""

    data: list[User]
    next_cursor: str | None


class UserDetail(User, _Range):
    """A user, by model and by feature, with the latest sessions: sums of a session are over this user's calls alone."""

    by_feature: list[Group] = Field(description="The 100 dearest; the rest is one with others=true.")
    sessions: Sessions
