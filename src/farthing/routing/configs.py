"""Configs, their variants and the versions of these in; kept and audited, versions numbered and never changed, out."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, cast

import msgspec

from farthing.catalogue.overrides import Actor
from farthing.errors import ConflictError, NotFoundError
from farthing.routing.configured import Config, Content, Rollout, Variant, Version
from farthing.routing.records import Changing, Reading, Records, named, require_new, require_room

MOST_CONFIGS = 1_000
MOST_VARIANTS = 100
MOST_VERSIONS = 10_000


class Difference(msgspec.Struct, frozen=True):
    """What differs between two versions in one field; None where one doesn't have it."""

    field: str
    before: Any
    after: Any
    lines: tuple[str, ...] = ()
    """Of longer text, a unified difference."""


class Configs:
    """The configs of all projects. Every method may be called from any thread."""

    def __init__(self, records: Records) -> None:
        """Kept in these."""
        self._records = records

    def of(self, project_id: str) -> list[Config]:
        """All of a project, oldest first."""
        with self._records.reading() as reading:
            return reading.of(Config, project_id)

    def get(self, project_id: str, config: str) -> Config:
        """The one of that slug or id. Raises `NotFoundError`."""
        return named(self.of(project_id), config, "config")

    def create(self, actor: Actor, slug: str, name: str) -> Config:
        """Add one. Raises `BadRequestError`, `ConflictError`."""
        with self._records.changing(actor) as changing:
            mine = changing.of(Config, actor.project_id)
            require_room(mine, MOST_CONFIGS, "configs")
            require_new(mine, slug, "config")
            return changing.add(Config("", actor.project_id, slug, name))

    def change(self, actor: Actor, config: str, changes: Mapping[str, Any]) -> Config:
        """Give one another slug or name. Raises `BadRequestError`, `ConflictError`, `NotFoundError`."""
        with self._records.changing(actor) as changing:
            mine = changing.of(Config, actor.project_id)
            before = named(mine, config, "config")
            after = msgspec.structs.replace(before, **changes)
            require_new(mine, after.slug, "config", before.id)
            return changing.replace(before, after)

    def remove(self, actor: Actor, config: str) -> None:
        """Forget one, with its variants and rollouts; recorded calls keep its name. Raises `NotFoundError`."""
        with self._records.changing(actor) as changing:
            found = named(changing.of(Config, actor.project_id), config, "config")
            for rollout in changing.of(Rollout, actor.project_id):
                if rollout.config_id == found.id:
                    changing.remove(rollout)
            for variant in _variants(changing, found):
                _remove(changing, variant)
            changing.remove(found)

    def variants(self, project_id: str, config: str) -> list[tuple[Variant, list[Version]]]:
        """The variants of a config and all their versions, oldest first. Raises `NotFoundError`."""
        with self._records.reading() as reading:
            found = named(reading.of(Config, project_id), config, "config")
            return [(one, _versions(reading, one)) for one in _variants(reading, found)]

    def variant(self, project_id: str, config: str, variant: str) -> tuple[Variant, list[Version]]:
        """One of them. Raises `NotFoundError`."""
        with self._records.reading() as reading:
            found = _variant(reading, project_id, config, variant)
            return found, _versions(reading, found)

    def add_variant(
        self, actor: Actor, config: str, wanted: Variant, first: Content, note: str = ""
    ) -> tuple[Variant, list[Version]]:
        """Add a variant with its first version. Raises `BadRequestError`, `ConflictError`, `NotFoundError`."""
        with self._records.changing(actor) as changing:
            found = named(changing.of(Config, actor.project_id), config, "config")
            others = _variants(changing, found)
            require_room(others, MOST_VARIANTS, "variants of this config")
            require_new(others, wanted.slug, "variant")
            mine = msgspec.structs.replace(wanted, project_id=actor.project_id, config_id=found.id)
            made = changing.add(mine)
            return made, [_add_version(changing, made, 1, first, note)]

    def change_variant(self, actor: Actor, config: str, variant: str, changes: Mapping[str, Any]) -> Variant:
        """Give one another slug or name. Raises `BadRequestError`, `ConflictError`, `NotFoundError`."""
        with self._records.changing(actor) as changing:
            before = _variant(changing, actor.project_id, config, variant)
            after = msgspec.structs.replace(before, **changes)
            others = [one for one in changing.of(Variant, actor.project_id) if one.config_id == before.config_id]
            require_new(others, after.slug, "variant", before.id)
            return changing.replace(before, after)

    def remove_variant(self, actor: Actor, config: str, variant: str) -> None:
        """Forget one. Raises `NotFoundError`, and `ConflictError` while it is rolled out."""
        with self._records.changing(actor) as changing:
            found = _variant(changing, actor.project_id, config, variant)
            if any(one.variant_id == found.id for one in changing.of(Rollout, actor.project_id)):
                msg = f"The variant {found.slug!r} is rolled out; delete its rollouts first."
                raise ConflictError(msg)
            _remove(changing, found)

    def add_version(self, actor: Actor, config: str, variant: str, content: Content, note: str) -> Version:
        """Let a variant be so from now on. What it was already is not kept twice. Raises as `add_variant` does."""
        with self._records.changing(actor) as changing:
            found = _variant(changing, actor.project_id, config, variant)
            before = _versions(changing, found)
            require_room(before, MOST_VERSIONS, "versions of this variant")
            if before and before[-1].content == content:
                return before[-1]
            return _add_version(changing, found, before[-1].number + 1 if before else 1, content, note)

    def version(self, project_id: str, config: str, variant: str, number: int) -> Version:
        """A variant as it was; 0 for the latest. Raises `NotFoundError`."""
        _, found = self.variant(project_id, config, variant)
        return pick(found, number)


def pick(versions: list[Version], number: int) -> Version:
    """The version of that number; 0 for the latest. Raises `NotFoundError`."""
    one = versions[-1] if versions and not number else next((v for v in versions if v.number == number), None)
    if one is None:
        msg = f"There is no version {number} of this variant; its latest is {versions[-1].number if versions else 'none'}."
        raise NotFoundError(msg)
    return one


def differences(before: Content, after: Content) -> list[Difference]:
    """What differs between two versions, field by field."""
    old, new = (dict(_fields("", msgspec.to_builtins(one))) for one in (before, after))
    found: list[Difference] = []
    fields = dict.fromkeys((*old, *new))
    for field in fields:
        was, now = old.get(field), new.get(field)
        # What was empty is not worth a word where all that came to be in it is told.
        filled = {} in (was, now) and any(other.startswith(f"{field}.") for other in fields)
        if not filled and (was != now or (field in old) != (field in new)):
            found.append(Difference(field, was, now, _lines(was, now)))
    return found


def _fields(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Leaves by their path. What is empty is a leaf too, so that it is told when something comes to be there."""
    if isinstance(value, dict) and value:
        for name, inner in cast("dict[str, Any]", value).items():
            yield from _fields(f"{prefix}.{name}" if prefix else name, inner)
    elif prefix:
        yield prefix, value


def _lines(before: Any, after: Any) -> tuple[str, ...]:
    texts = [one for one in (before, after) if isinstance(one, str)]
    if len(texts) != 2 or not any("\n" in text for text in texts):
        return ()
    return tuple(difflib.unified_diff(texts[0].splitlines(), texts[1].splitlines(), "before", "after", lineterm=""))


def _variants(reading: Reading, config: Config) -> list[Variant]:
    return [one for one in reading.of(Variant, config.project_id) if one.config_id == config.id]


def _variant(reading: Reading, project_id: str, config: str, variant: str) -> Variant:
    found = named(reading.of(Config, project_id), config, "config")
    return named(_variants(reading, found), variant, "variant of this config")


def _versions(reading: Reading, variant: Variant) -> list[Version]:
    mine = [one for one in reading.of(Version, variant.project_id) if one.variant_id == variant.id]
    return sorted(mine, key=lambda one: one.number)


def _add_version(changing: Changing, variant: Variant, number: int, content: Content, note: str) -> Version:
    made = Version("", variant.project_id, variant.id, number, content, note, str(changing.actor))
    return changing.add(made)


def _remove(changing: Changing, variant: Variant) -> None:
    for version in _versions(changing, variant):
        changing.remove(version)
    changing.remove(variant)
