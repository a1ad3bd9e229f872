"""Requests about a project's keys in; keys, and a new one's secret once, out. Scope admin."""

from datetime import datetime, timedelta
from typing import Any

from fastapi import Depends, Request
from pydantic import ConfigDict, Field

from farthing.access.keys import OVERLAP, Keys
from farthing.access.minting import Created, Wanted
from farthing.api.identity import Guard, project_of
from farthing.api.model import Model
from farthing.api.price_overrides import actor_of
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.store.meta.keys import Key

LONGEST_OVERLAP_HOURS = 24 * 365


class KeyShown(Model):
    """A key without its secret."""

    id: str
    name: str
    prefix: str = Field(description="How the secret begins.")
    kind: str
    scopes: list[str]
    public_key: str | None
    environment: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    rotated_from: str | None
    content: bool = Field(description="Whether what is said in what it sends is kept: prompts, answers, arguments.")


class KeyCreated(KeyShown):
    """A new key. The secret is shown here and never again."""

    secret: str


class KeyList(Model):
    """All keys of the project."""

    data: list[KeyShown]
    next_cursor: str | None = None


class KeyWanted(Model):
    """A key to be made."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    scopes: list[str] = Field(default=["ingest"], max_length=10, description="ingest, gateway, read, admin.")
    kind: str = Field(
        default="bearer", pattern="^(bearer|pair)$", description="bearer (fk_…) or pair (pk-lf-…, sk-lf-…)."
    )
    environment: str | None = Field(default=None, max_length=200)
    expires_at: datetime | None = None
    content: bool | None = Field(
        default=None,
        description="Whether what is said in what it sends is kept. null: by kind; pairs do, others don't.",
    )


class KeyChanges(Model):
    """What can be changed of a key."""

    model_config = ConfigDict(extra="forbid")

    content: bool = Field(description="From now on. What is kept stays until it is over age.")


class Rotation(Model):
    """How a key is rotated."""

    model_config = ConfigDict(extra="forbid")

    overlap_hours: float = Field(
        default=OVERLAP / timedelta(hours=1),
        ge=0,
        le=LONGEST_OVERLAP_HOURS,
        description="How long the old key goes on.",
    )


def router(keys: Keys, guard: Guard) -> Routes:
    """The routes; `guard` lets in keys with the scope admin."""
    routes = Routes(
        prefix="/api/v1/keys", tags=["keys"], dependencies=[Depends(guard)], responses=documented(400, 401, 403, 422)
    )

    @routes.get("", summary="List keys")
    def listing(request: Request) -> KeyList:
        return KeyList(data=[KeyShown(**_shown(key)) for key in keys.of(project_of(request))])

    @routes.post("", summary="Make a key", status_code=201)
    def create(wanted: KeyWanted, request: Request) -> KeyCreated:
        kind: Any = wanted.kind
        return _created(
            keys.create(
                Wanted(
                    project_of(request),
                    wanted.name,
                    frozenset(wanted.scopes),
                    kind,
                    wanted.environment,
                    wanted.expires_at,
                    wanted.content,
                )
            )
        )

    @routes.patch("/{key_id}", summary="Change a key", responses=documented(404))
    def change(key_id: str, changes: KeyChanges, request: Request) -> KeyShown:
        by = str(actor_of(request))
        return KeyShown(**_shown(keys.keep_content(project_of(request), key_id, by, keeps=changes.content)))

    @routes.post("/{key_id}/rotate", summary="Make a key's successor", status_code=201, responses=documented(404, 409))
    def rotate(key_id: str, request: Request, how: Rotation | None = None) -> KeyCreated:
        overlap = timedelta(hours=(how or Rotation()).overlap_hours)
        return _created(keys.rotate(project_of(request), key_id, overlap, actor_of(request).key_id))

    @routes.post("/{key_id}/revoke", summary="Stop a key from working", responses=documented(404))
    def revoke(key_id: str, request: Request) -> KeyShown:
        return KeyShown(**_shown(keys.revoke(project_of(request), key_id)))

    return routes


def _created(made: Created) -> KeyCreated:
    return KeyCreated(**_shown(made.key), secret=made.secret)


def _shown(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "kind": key.kind,
        "scopes": sorted(key.scopes),
        "public_key": key.public_key,
        "environment": key.environment,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
        "rotated_from": key.rotated_from,
        "content": key.keeps_content,
    }
