"""What a file says of accounts, environments, configs and limits in; the steps that make it so out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec

from farthing.cli.client import Client
from farthing.cli.differing import Asked, ById, Json, Section, Step, require, rows, steps, told
from farthing.cli.gateway_rollouts import PATH, part
from farthing.errors import BadRequestError
from farthing.routing.configured import Content
from farthing.settings import variables
from farthing.shapes import Shape

_READ_CONTENT = Shape(Content)

_ACCOUNT = ("slug", "provider", "name", "base_url", "options", "enabled", "level", "secret_from")
_ENVIRONMENT = ("slug", "name", "is_production")
_CONFIG = ("slug", "name", "variants", "rollouts")
_ROLLOUT = ("name", "variant", "environment", "version", "weight", "priority", "conditions", "enabled")
_LIMIT = ("key", "models", "requests_per_minute", "tokens_per_minute", "concurrent", "when_spent", "cheaper_model")
_NO_LIMIT: Json = dict.fromkeys(_LIMIT[1:5]) | {"when_spent": "block", "cheaper_model": ""}
_CONTENT = Content.__struct_fields__


def accounts(client: Client, declared: Mapping[str, Any], *, prune: bool) -> list[Step]:
    """Those of the accounts. A secret stands in a variable, which `secret_from` names."""
    path, given = f"{PATH}/accounts", rows(declared, "accounts")
    held = [one for one in client.get(path)["data"] if one["level"] != "environment"]
    for one in given:
        require(one, ("slug", "provider"), _ACCOUNT, f"account {one.get('slug')}")
        one.setdefault("level", "project")
        if variable := one.pop("secret_from", ""):
            one["secret"] = _secret(str(variable), str(one["slug"]))
    by_slug = {(one["level"], one["slug"]): one for one in held}
    for one in given:
        before = by_slug.get((one["level"], one["slug"]))
        if before and before["provider"] != one["provider"]:
            msg = (
                f"account {one['slug']}: it is one with {before['provider']}, which can't be changed; use another slug."
            )
            raise BadRequestError(msg)
        if (
            before
            and "secret" in one
            and before["has_secret"]
            and one["secret"].endswith(before["secret_hint"] or "\0")
        ):
            # As far as can be told; the server never shows more of it.
            before["secret"] = one["secret"]

    named = {(one["level"], one["slug"]) for one in given}
    mine = [one for one in held if one["level"] == "project" or (one["level"], one["slug"]) in named]
    return steps(_Accounts("account", path), given, mine, prune=prune)


class _Accounts(ById):
    def name_of(self, one: Json) -> str:
        return f"{one['slug']}{' (organisation)' if one['level'] == 'organisation' else ''}"

    def shown(self, field: str, value: Any) -> str:
        return "set" if field == "secret" and value else told(value)


def environments(client: Client, declared: Mapping[str, Any], *, prune: bool) -> list[Step]:
    """Those of the environments."""
    path, given = f"{PATH}/environments", rows(declared, "environments")
    for one in given:
        require(one, ("slug",), _ENVIRONMENT, f"environment {one.get('slug')}")
    return steps(Section("environment", path), given, client.get(path)["data"], prune=prune)


def configs(client: Client, declared: Mapping[str, Any], *, prune: bool) -> list[Step]:
    """Those of the configs, of their variants and of their rollouts."""
    path, given = f"{PATH}/configs", rows(declared, "configs")
    held = client.get(path)["data"]
    there = {one["slug"] for one in held}
    rolled = client.get(f"{PATH}/rollouts")["data"]
    plain: list[Json] = []
    inner: list[Step] = []
    removals: list[Step] = []
    for one in given:
        require(one, ("slug",), _CONFIG, f"config {one.get('slug')}")
        slug = str(one["slug"])
        plain.append({field: value for field, value in one.items() if field in ("slug", "name")})
        before: list[Json] = client.get(f"{path}/{part(slug)}/variants")["data"] if slug in there else []
        mine = _variants(slug, one, before, prune=prune and "variants" in one)
        shares = _rollouts(
            slug, one, [each for each in rolled if each["config"] == slug], prune=prune and "rollouts" in one
        )
        inner += [step for step in (*mine, *shares) if step.sign != "-"]
        removals += [step for step in (*shares, *mine) if step.sign == "-"]
    return [*steps(Section("config", path), plain, held, prune=prune), *inner, *removals]


def limits(client: Client, declared: Mapping[str, Any], *, prune: bool) -> list[Step]:
    """Those of the limits; a key is told by its name or id, `default` are all others."""
    path, given = f"{PATH}/limits", rows(declared, "limits")
    if not given and not prune:
        return []
    ids, leaving = _keys(client)
    wanted: list[Json] = []
    for one in given:
        require(one, ("key",), _LIMIT, f"limit of {one.get('key')}")
        key = str(one["key"])
        if key not in ids:
            msg = f"limit of {key}: there is no such key, or several of that name; tell it by its id."
            raise BadRequestError(msg)
        wanted.append({**_NO_LIMIT, **one, "key": ids[key]})
    held = [{**one, "key": one["key_id"] or "default"} for one in client.get(path)["data"]]
    # Until it ends, a rotated key is limited as it was.
    held = [one for one in held if one["key"] not in leaving or one["key"] in {each["key"] for each in wanted}]
    return steps(_Limits("limit of", path), wanted, held, prune=prune)


class _Limits(Section):
    def name_of(self, one: Json) -> str:
        return str(one["key"])

    def key_of(self, held: Json) -> str:
        return str(held["key"])

    def add(self, one: Json) -> list[Asked]:
        return [Asked("PUT", self._place(one), {field: value for field, value in one.items() if field != "key"})]

    def change(self, one: Json, held: Json, differing: Json) -> list[Asked]:  # noqa: ARG002
        return self.add(one)


def _variants(config: str, declared: Json, held: Sequence[Json], *, prune: bool) -> list[Step]:
    path = f"{PATH}/configs/{part(config)}/variants"
    given: list[Json] = []
    for one in rows(declared, "variants", f"config {config}: "):
        what = f"variant {config}/{one.get('slug')}"
        require(one, ("slug",), ("slug", "name", "note", *_CONTENT), what)
        names = {field: str(one[field]) for field in ("slug", "name", "note") if field in one}
        given.append({**names, **_content(one, what)})
    notes = {one["slug"]: one.get("note") for one in given}
    now: list[Json] = []
    for one in held:
        latest: Json = one["latest"] or {}
        # A note tells of a version, and is none of what makes two differ.
        now.append({**latest, "slug": one["slug"], "name": one["name"], "note": notes.get(one["slug"])})
    return steps(_Variants(f"variant {config}:", path), given, now, prune=prune)


class _Variants(Section):
    def change(self, one: Json, held: Json, differing: Json) -> list[Asked]:
        asked: list[Asked] = []
        if "name" in differing:
            asked.append(Asked("PATCH", self._place(held), {"name": one["name"]}))
        if set(differing) - {"name"}:
            body = {field: value for field, value in one.items() if field in ("note", *_CONTENT)}
            asked.append(Asked("POST", f"{self._place(held)}/versions", body))
        return asked


def _rollouts(config: str, declared: Json, held: Sequence[Json], *, prune: bool) -> list[Step]:
    path, given = f"{PATH}/rollouts", rows(declared, "rollouts", f"config {config}: ")
    for one in given:
        require(one, ("variant",), _ROLLOUT, f"rollout of {config}")

    return steps(_Rollouts(config, path), given, held, prune=prune)


class _Rollouts(ById):
    def __init__(self, config: str, path: str) -> None:
        super().__init__(f"rollout {config}:", path)
        self._config = config

    def name_of(self, one: Json) -> str:
        return one.get("name") or f"{one['variant']} in {one.get('environment') or 'all environments'}"

    def add(self, one: Json) -> list[Asked]:
        return [Asked("POST", self.path, {"config": self._config, **one})]


def _content(declared: Json, what: str) -> Json:
    """All of it, also what isn't declared: a version is a whole."""
    try:
        given = {field: value for field, value in declared.items() if field in _CONTENT}
        found = _READ_CONTENT.of(given)
        found.check()
    except (msgspec.ValidationError, BadRequestError) as error:
        msg = f"{what}: {error}"
        raise BadRequestError(msg) from error
    return cast("Json", msgspec.json.decode(msgspec.json.encode(found)))


def _keys(client: Client) -> tuple[dict[str, str], frozenset[str]]:
    """Names of keys in use that are nobody else's, and ids, to ids; and those that were rotated, whose name is their successor's."""
    found = [one for one in client.get("/api/v1/keys")["data"] if not one["revoked_at"]]
    leaving = frozenset(str(one["rotated_from"]) for one in found if one["rotated_from"])
    names = Counter(one["name"] for one in found if one["id"] not in leaving)
    ids = {one["name"]: str(one["id"]) for one in found if one["id"] not in leaving and names[one["name"]] == 1}
    return ids | {str(one["id"]): str(one["id"]) for one in found} | {"default": "default"}, leaving


def _secret(variable: str, account: str) -> str:
    found = variables([variable]).get(variable)
    if not found:
        msg = f"account {account}: the variable {variable}, which holds its secret, is not set."
        raise BadRequestError(msg)
    return found
