"""Who asks and what they wrote of score configs in; configs kept and audited, and scores held against them, out."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from farthing.access.acting import actor
from farthing.access.identity import Identity
from farthing.annotation.score_config import Rules, checked, checked_kind, checked_name, conforming
from farthing.errors import BadRequestError, NotFoundError
from farthing.model.score import DataType
from farthing.shapes import Shape
from farthing.store.meta import annotation, audit
from farthing.store.meta.annotation import StoredConfig
from farthing.store.meta.audit import Entry
from farthing.store.meta.database import Database, Transaction

SUBJECT = "score_config:"

_rules = Shape(Rules).of_json


class Config(msgspec.Struct, frozen=True):
    """A score config as it is kept. One that is archived takes no scores any more."""

    id: str
    name: str
    rules: Rules
    is_archived: bool
    created_at: datetime
    updated_at: datetime


class Told(msgspec.Struct, frozen=True):
    """A config as a client told it; nothing of it is checked yet. UNSET is what it didn't tell."""

    name: Any = msgspec.UNSET
    kind: Any = msgspec.UNSET
    min_value: Any = msgspec.UNSET
    max_value: Any = msgspec.UNSET
    categories: Any = msgspec.UNSET
    description: Any = msgspec.UNSET
    is_archived: Any = msgspec.UNSET


class ScoreConfigs:
    """The score configs of all projects. Every method may be called from any thread."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """`clock` answers an aware moment."""
        self._database = database
        self._clock = clock

    def create(self, who: Identity, told: Told) -> Config:
        """Add one. Raises `BadRequestError`."""
        given = _given(told)
        kind = checked_kind(given["kind"])
        rules = checked(kind, given["min_value"], given["max_value"], given["categories"], given["description"])
        now = self._clock()
        made = Config(f"sc_{secrets.token_hex(8)}", checked_name(given["name"]), rules, False, now, now)
        with self._database.write() as session:
            self._put(session, who, "created", None, made)
        return made

    def get(self, project_id: str, config_id: str) -> Config:
        """One of a project's. Raises `NotFoundError`."""
        with self._database.read() as session:
            return _mine(session, project_id, config_id)

    def listing(self, project_id: str, offset: int, limit: int) -> tuple[list[Config], int]:
        """A part of a project's, the newest first, and how many there are."""
        with self._database.read() as session:
            found, total = annotation.configs(session, project_id, offset, limit)
            return [_config(stored) for stored in found], total

    def change(self, who: Identity, config_id: str, told: Told) -> Config:
        """Change what was told; what kind of scores it is for stays. Raises `BadRequestError`, `NotFoundError`."""
        if told.kind is not msgspec.UNSET:
            msg = "dataType: it stays what it is; make another config."
            raise BadRequestError(msg)
        if told.is_archived is not msgspec.UNSET and not isinstance(told.is_archived, bool):
            msg = "isArchived: true or false."
            raise BadRequestError(msg)
        with self._database.write() as session:
            before = _mine(session, who.project_id, config_id)
            rules = _changed(before.rules, told)
            after = Config(
                before.id,
                before.name if told.name is msgspec.UNSET else checked_name(told.name),
                rules,
                before.is_archived if told.is_archived is msgspec.UNSET else told.is_archived,
                before.created_at,
                self._clock(),
            )
            self._put(session, who, "changed", before, after)
        return after

    def conforming(self, project_id: str, config_id: str, name: Any, kind: Any, value: Any) -> tuple[DataType, Any]:
        """The kind and value of a score that names a config, as they are to be kept. Raises `BadRequestError` when it doesn't fit."""
        try:
            config = self.get(project_id, config_id)
        except NotFoundError as error:
            msg = f"configId: {error}"
            raise BadRequestError(msg) from error
        if config.is_archived:
            msg = f"configId: the config {config.name!r} is archived and takes no scores any more."
            raise BadRequestError(msg)
        return conforming(config.name, config.rules, name, kind, value)

    def _put(self, session: Transaction, who: Identity, action: str, before: Config | None, after: Config) -> None:
        document = msgspec.json.encode(after.rules).decode()
        annotation.put_config(
            session,
            StoredConfig(
                after.id,
                who.project_id,
                after.name,
                after.is_archived,
                document,
                after.created_at,
                after.updated_at,
            ),
        )
        was = None if before is None else msgspec.json.encode(before).decode()
        now = msgspec.json.encode(after).decode()
        entry = Entry(after.updated_at, actor(who), action, SUBJECT + after.id, who.project_id, was, now)
        audit.record(session, entry)


def _given(told: Told) -> dict[str, Any]:
    return {name: None if (value := getattr(told, name)) is msgspec.UNSET else value for name in Told.__struct_fields__}


def _changed(rules: Rules, told: Told) -> Rules:
    def now(name: str) -> Any:
        value = getattr(told, name)
        return getattr(rules, name) if value is msgspec.UNSET else value

    categories = told.categories
    if categories is msgspec.UNSET:
        categories = [msgspec.to_builtins(one) for one in rules.categories]
    return checked(rules.kind, now("min_value"), now("max_value"), categories, now("description"))


def _mine(session: Transaction, project_id: str, config_id: str) -> Config:
    stored = annotation.config(session, project_id, config_id)
    if stored is None:
        msg = f"There is no score config {config_id[:80]!r} in this project."
        raise NotFoundError(msg)
    return _config(stored)


def _config(stored: StoredConfig) -> Config:
    rules = _rules(stored.document)
    return Config(stored.id, stored.name, rules, stored.is_archived, stored.created_at, stored.updated_at)
