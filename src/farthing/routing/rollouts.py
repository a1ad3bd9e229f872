"""Environments, rollouts and limits of keys in; kept and audited out."""

from collections.abc import Mapping
from typing import Any

import msgspec

from farthing.catalogue.overrides import Actor
from farthing.errors import ConflictError, NotFoundError
from farthing.query.errors import ParameterError
from farthing.routing.configured import Config, Environment, KeyLimit, Rollout, Variant, Version
from farthing.routing.records import Changing, Reading, Records, named, require_new, require_room
from farthing.store.meta import keys
from farthing.store.meta.database import Transaction
from farthing.store.meta.keys import Key

MOST_ENVIRONMENTS = 100
MOST_ROLLOUTS = 5_000
MOST_LIMITS = 20_000


class Shown(msgspec.Struct, frozen=True):
    """A rollout, and what it speaks of by slugs."""

    rollout: Rollout
    config: str
    variant: str
    environment: str
    """"": all."""


class Environments:
    """The environments of all projects. Every method may be called from any thread."""

    def __init__(self, records: Records) -> None:
        """Kept in these."""
        self._records = records

    def of(self, project_id: str) -> list[Environment]:
        """All of a project, oldest first."""
        with self._records.reading() as reading:
            return reading.of(Environment, project_id)

    def get(self, project_id: str, name: str) -> Environment:
        """The one of that slug or id. Raises `NotFoundError`."""
        return named(self.of(project_id), name, "environment")

    def create(self, actor: Actor, wanted: Environment) -> Environment:
        """Add one. Raises `BadRequestError`, `ConflictError`."""
        with self._records.changing(actor) as changing:
            mine = changing.of(Environment, actor.project_id)
            require_room(mine, MOST_ENVIRONMENTS, "environments")
            require_new(mine, wanted.slug, "environment")
            _require_one_production(mine, wanted)
            return changing.add(msgspec.structs.replace(wanted, project_id=actor.project_id))

    def change(self, actor: Actor, name: str, changes: Mapping[str, Any]) -> Environment:
        """Change some fields of one. Raises `BadRequestError`, `ConflictError`, `NotFoundError`."""
        with self._records.changing(actor) as changing:
            mine = changing.of(Environment, actor.project_id)
            before = named(mine, name, "environment")
            after = msgspec.structs.replace(before, **changes)
            require_new(mine, after.slug, "environment", before.id)
            _require_one_production(mine, after)
            return changing.replace(before, after)

    def remove(self, actor: Actor, name: str) -> None:
        """Forget one. Raises `NotFoundError`, and `ConflictError` while something is rolled out there."""
        with self._records.changing(actor) as changing:
            found = named(changing.of(Environment, actor.project_id), name, "environment")
            if any(one.environment_id == found.id for one in changing.of(Rollout, actor.project_id)):
                msg = f"There are rollouts in the environment {found.slug!r}; delete them first."
                raise ConflictError(msg)
            changing.remove(found)


class Rollouts:
    """The rollouts of all projects. Every method may be called from any thread."""

    def __init__(self, records: Records) -> None:
        """Kept in these."""
        self._records = records

    def of(self, project_id: str) -> list[Shown]:
        """All of a project, oldest first."""
        with self._records.reading() as reading:
            return _shown(reading, project_id, reading.of(Rollout, project_id))

    def get(self, project_id: str, rollout_id: str) -> Shown:
        """One of them. Raises `NotFoundError`."""
        with self._records.reading() as reading:
            return _one(reading, project_id, rollout_id)

    def create(self, actor: Actor, names: Mapping[str, str], fields: Mapping[str, Any]) -> Shown:
        """Add one; `names` are slugs or ids of config, variant, environment. Raises `BadRequestError`, `NotFoundError`."""
        with self._records.changing(actor) as changing:
            require_room(changing.of(Rollout, actor.project_id), MOST_ROLLOUTS, "rollouts")
            blank = Rollout("", actor.project_id, "", "")
            wanted = msgspec.structs.replace(blank, **_ids(changing, actor.project_id, blank, names), **fields)
            made = changing.add(_sound(changing, wanted))
            return _one(changing, actor.project_id, made.id)

    def change(self, actor: Actor, rollout_id: str, names: Mapping[str, str], fields: Mapping[str, Any]) -> Shown:
        """Change some fields of one; those who share it stay with it. Raises as `create` does."""
        with self._records.changing(actor) as changing:
            before = _one(changing, actor.project_id, rollout_id).rollout
            ids = _ids(changing, actor.project_id, before, names)
            after = msgspec.structs.replace(before, **ids, **fields)
            changing.replace(before, _sound(changing, after))
            return _one(changing, actor.project_id, rollout_id)

    def remove(self, actor: Actor, rollout_id: str) -> None:
        """Forget one. Raises `NotFoundError`."""
        with self._records.changing(actor) as changing:
            changing.remove(_one(changing, actor.project_id, rollout_id).rollout)


class Limits:
    """What keys may ask of the gateway. Every method may be called from any thread."""

    def __init__(self, records: Records) -> None:
        """Kept in these."""
        self._records = records

    def of(self, project_id: str) -> list[KeyLimit]:
        """All of a project, oldest first."""
        with self._records.reading() as reading:
            return reading.of(KeyLimit, project_id)

    def put(self, actor: Actor, wanted: KeyLimit) -> KeyLimit:
        """Limit a key, or with no key all that have no limit of their own. Raises `BadRequestError`, `NotFoundError`."""
        with self._records.changing(actor) as changing:
            if wanted.key_id and keys.get(changing.session, actor.project_id, wanted.key_id) is None:
                msg = f"There is no key {wanted.key_id[:64]!r} in this project."
                raise NotFoundError(msg)
            mine = changing.of(KeyLimit, actor.project_id)
            before = next((one for one in mine if one.key_id == wanted.key_id), None)
            if before is None:
                require_room(mine, MOST_LIMITS, "limits")
                return changing.add(msgspec.structs.replace(wanted, project_id=actor.project_id))
            kept = {name: getattr(before, name) for name in ("id", "project_id", "created_at", "updated_at")}
            return changing.replace(before, msgspec.structs.replace(wanted, **kept))

    def hand_on(self, session: Transaction, key: Key, successor: Key, by: str) -> None:
        """What a key may ask for, its successor may; in the transaction of the rotation."""
        changing = self._records.within(session, Actor(key.project_id, by or key.id))
        for one in changing.of(KeyLimit, key.project_id):
            if one.key_id == key.id:
                changing.add(msgspec.structs.replace(one, key_id=successor.id))

    def remove(self, actor: Actor, key_id: str) -> None:
        """Let a key do what all others may. Raises `NotFoundError`."""
        with self._records.changing(actor) as changing:
            found = next((one for one in changing.of(KeyLimit, actor.project_id) if one.key_id == key_id), None)
            if found is None:
                msg = f"There is no limit of its own for {f'the key {key_id[:64]!r}' if key_id else 'all keys'}."
                raise NotFoundError(msg)
            changing.remove(found)


def _require_one_production(mine: list[Environment], wanted: Environment) -> None:
    other = next((one for one in mine if one.is_production and one.id != wanted.id), None)
    if wanted.is_production and other:
        msg = f"{other.slug!r} is production already, and keys without an environment belong to it; change that one first."
        raise ConflictError(msg)


def _ids(reading: Reading, project_id: str, before: Rollout, names: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "config" in names:
        found["config_id"] = named(reading.of(Config, project_id), names["config"], "config").id
    config_id = found.get("config_id", before.config_id)
    if "variant" in names:
        variants = [one for one in reading.of(Variant, project_id) if one.config_id == config_id]
        found["variant_id"] = named(variants, names["variant"], "variant of this config").id
    if "environment" in names:
        where = names["environment"]
        found["environment_id"] = named(reading.of(Environment, project_id), where, "environment").id if where else None
    return found


def _sound(changing: Changing, rollout: Rollout) -> Rollout:
    variants = {one.id: one for one in changing.of(Variant, rollout.project_id)}
    if rollout.variant_id not in variants or variants[rollout.variant_id].config_id != rollout.config_id:
        raise ParameterError("variant", "give a variant of the rollout's config.")
    numbers = [one.number for one in changing.of(Version, rollout.project_id) if one.variant_id == rollout.variant_id]
    if rollout.version and rollout.version not in numbers:
        msg = f"there is no version {rollout.version}; the latest is {max(numbers, default=0)}. Without one, it is the latest."
        raise ParameterError("version", msg)
    return rollout


def _one(reading: Reading, project_id: str, rollout_id: str) -> Shown:
    found = [one for one in reading.of(Rollout, project_id) if one.id == rollout_id]
    if not found:
        msg = f"There is no rollout {rollout_id[:60]!r} in this project."
        raise NotFoundError(msg)
    return _shown(reading, project_id, found)[0]


def _shown(reading: Reading, project_id: str, rollouts: list[Rollout]) -> list[Shown]:
    slugs: dict[str, str] = {}
    for noun in (Config, Variant, Environment):
        slugs |= {one.id: one.slug for one in reading.of(noun, project_id)}
    return [
        Shown(one, slugs[one.config_id], slugs[one.variant_id], slugs.get(one.environment_id or "", ""))
        for one in rollouts
    ]
