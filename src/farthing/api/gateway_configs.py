"""Requests about configs, variants and versions in; they, and what differs between versions, out. Scope admin."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import Depends, Request

from farthing.api.gateway_schemas import (
    ConfigList,
    ConfigShown,
    ConfigWanted,
    Content,
    FieldDifference,
    NameChanges,
    VariantList,
    VariantShown,
    VariantWanted,
    VersionDifference,
    VersionList,
    VersionShown,
    VersionWanted,
)
from farthing.api.identity import Guard, project_of
from farthing.api.price_overrides import actor_of
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.errors import BadRequestError
from farthing.routing import configured
from farthing.routing.configs import Configs, differences, pick
from farthing.routing.configured import Config, Variant, Version
from farthing.shapes import Shape

_CONTENT = Shape(configured.Content)


def router(configs: Configs, may_change: Guard) -> Routes:
    """The routes; the guard lets in keys with the scope admin."""
    routes = Routes(
        prefix="/api/v1/gateway/configs",
        tags=["gateway"],
        dependencies=[Depends(may_change)],
        responses=documented(400, 401, 403, 422, 503),
    )
    _add_configs(routes, configs)
    _add_variants(routes, configs)
    _add_versions(routes, configs)
    return routes


def _add_configs(routes: Routes, configs: Configs) -> None:
    @routes.get("", summary="List configs")
    def listing(request: Request) -> ConfigList:
        return ConfigList(data=[_config(one) for one in configs.of(project_of(request))])

    @routes.post("", summary="Add a config", status_code=201, responses=documented(409))
    def create(wanted: ConfigWanted, request: Request) -> ConfigShown:
        return _config(configs.create(actor_of(request), wanted.slug, wanted.name))

    @routes.get("/{config}", summary="One config", responses=documented(404))
    def one(config: str, request: Request) -> ConfigShown:
        return _config(configs.get(project_of(request), config))

    @routes.patch("/{config}", summary="Give a config another name", responses=documented(404))
    def change(config: str, wanted: NameChanges, request: Request) -> ConfigShown:
        return _config(configs.change(actor_of(request), config, wanted.model_dump(exclude_unset=True)))

    @routes.delete(
        "/{config}", summary="Delete a config, its variants and rollouts", status_code=204, responses=documented(404)
    )
    def remove(config: str, request: Request) -> None:
        configs.remove(actor_of(request), config)


def _add_variants(routes: Routes, configs: Configs) -> None:
    @routes.get("/{config}/variants", summary="List a config's variants", responses=documented(404))
    def listing(config: str, request: Request) -> VariantList:
        slug = configs.get(project_of(request), config).slug
        return VariantList(data=[_variant(slug, *one) for one in configs.variants(project_of(request), config)])

    @routes.post(
        "/{config}/variants",
        summary="Add a variant with its first version",
        status_code=201,
        responses=documented(404, 409),
    )
    def create(config: str, wanted: VariantWanted, request: Request) -> VariantShown:
        blank = Variant("", "", "", wanted.slug, wanted.name)
        made = configs.add_variant(actor_of(request), config, blank, _content(wanted), wanted.note)
        return _variant(configs.get(project_of(request), config).slug, *made)

    @routes.get("/{config}/variants/{variant}", summary="One variant", responses=documented(404))
    def one(config: str, variant: str, request: Request) -> VariantShown:
        slug = configs.get(project_of(request), config).slug
        return _variant(slug, *configs.variant(project_of(request), config, variant))

    @routes.patch("/{config}/variants/{variant}", summary="Give a variant another name", responses=documented(404))
    def change(config: str, variant: str, wanted: NameChanges, request: Request) -> VariantShown:
        configs.change_variant(actor_of(request), config, variant, wanted.model_dump(exclude_unset=True))
        return one(config, variant, request)

    @routes.delete(
        "/{config}/variants/{variant}", summary="Delete a variant", status_code=204, responses=documented(404, 409)
    )
    def remove(config: str, variant: str, request: Request) -> None:
        configs.remove_variant(actor_of(request), config, variant)


def _add_versions(routes: Routes, configs: Configs) -> None:
    @routes.get("/{config}/variants/{variant}/versions", summary="List a variant's versions", responses=documented(404))
    def listing(config: str, variant: str, request: Request) -> VersionList:
        _, found = configs.variant(project_of(request), config, variant)
        return VersionList(data=[_version(one) for one in found])

    @routes.post(
        "/{config}/variants/{variant}/versions",
        summary="Let a variant be so from now on",
        description="What it is already is not kept twice: then the latest version is answered.",
        status_code=201,
        responses=documented(404, 409),
    )
    def create(config: str, variant: str, wanted: VersionWanted, request: Request) -> VersionShown:
        return _version(configs.add_version(actor_of(request), config, variant, _content(wanted), wanted.note))

    @routes.get(
        "/{config}/variants/{variant}/versions/{version}", summary="A variant as it was", responses=documented(404)
    )
    def one(config: str, variant: str, version: int, request: Request) -> VersionShown:
        return _version(configs.version(project_of(request), config, variant, version))

    @routes.get(
        "/{config}/variants/{variant}/diff",
        summary="What differs between two versions",
        description="Without `to` the latest, without `from` the one before that.",
        responses=documented(404),
    )
    def diff(config: str, variant: str, request: Request) -> VersionDifference:
        _, found = configs.variant(project_of(request), config, variant)
        to = pick(found, _number(request, "to"))
        since = pick(found, _number(request, "from") or max(1, to.number - 1))
        told = differences(since.content, to.content)
        return VersionDifference(
            before=since.number,
            after=to.number,
            data=[
                FieldDifference(field=one.field, before=one.before, after=one.after, lines=list(one.lines))
                for one in told
            ],
        )


def _number(request: Request, name: str) -> int:
    told = request.query_params.get(name, "")
    if not re.fullmatch(r"[0-9]{0,9}", told):
        msg = f"{name}: the number of a version."
        raise BadRequestError(msg)
    return int(told or 0)


def _content(wanted: Content) -> configured.Content:
    return _CONTENT.of(wanted.model_dump(exclude={"slug", "name", "note"}))


def _config(config: Config) -> ConfigShown:
    return ConfigShown(
        id=config.id, slug=config.slug, name=config.name, created_at=config.created_at, updated_at=config.updated_at
    )


def _variant(config: str, variant: Variant, versions: Sequence[Version]) -> VariantShown:
    return VariantShown(
        id=variant.id,
        slug=variant.slug,
        name=variant.name,
        config=config,
        latest=_version(versions[-1]) if versions else None,
        versions=len(versions),
        created_at=variant.created_at,
        updated_at=variant.updated_at,
    )


def _version(version: Version) -> VersionShown:
    content: dict[str, Any] = msgspec.to_builtins(version.content)
    return VersionShown(
        version=version.number,
        note=version.note,
        created_by=version.created_by,
        created_at=version.created_at,
        **content,
    )
