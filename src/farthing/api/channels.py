"""Requests about channels in; channels without their secrets, what was sent through them, and tests out."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from fastapi import Depends, Request

from farthing.alerts.channels.book import Channels
from farthing.alerts.channels.channel import Channel, Digest
from farthing.alerts.outbox import Outbox
from farthing.api import changes
from farthing.api.channel_schemas import (
    ChannelChanges,
    ChannelList,
    ChannelMade,
    ChannelShown,
    ChannelWanted,
    DeliveryList,
    DeliveryShown,
    DigestWanted,
    Outcome,
    Tested,
)
from farthing.api.identity import Guard, project_of
from farthing.api.price_overrides import actor_of
from farthing.api.price_schemas import ChangeList
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.query.errors import ParameterError
from farthing.store.meta.deliveries import Delivery, Health

_NS = 10**9
_MOST = 1_000


def router(channels: Channels, outbox: Outbox, may_read: Guard, may_change: Guard) -> Routes:
    """The routes; the guards let in keys with the scopes read and admin."""
    routes = Routes(prefix="/api/v1/alerts", tags=["alerts"], responses=documented(400, 401, 403, 404, 422, 503))
    reading, changing = [Depends(may_read)], [Depends(may_change)]

    def shown(channel: Channel) -> ChannelShown:
        return _shown(channel, channels.health(channel.project_id).get(channel.id, Health()))

    @routes.get("/channels", summary="List channels and how they do", dependencies=reading)
    def listing(request: Request) -> ChannelList:
        project = project_of(request)
        health = channels.health(project)
        return ChannelList(data=[_shown(one, health.get(one.id, Health())) for one in channels.of(project)])

    @routes.post(
        "/channels", summary="Make a channel", status_code=201, dependencies=changing, responses=documented(409)
    )
    def create(wanted: ChannelWanted, request: Request) -> ChannelMade:
        given: dict[str, Any] = {**wanted.model_dump(), "digest": _digest(wanted.digest)}
        made, secret = channels.create(actor_of(request), Channel(id="", project_id="", **given))
        return ChannelMade(**shown(made).model_dump(), signing_secret=secret or None)

    @routes.get("/channels/history", summary="Who changed which channel, when, from what to what", dependencies=reading)
    def history(request: Request, limit: int = 100) -> ChangeList:
        return changes.shown(channels.history(project_of(request), changes.most(limit)))

    @routes.get("/channels/{channel}", summary="One channel, by its id or name", dependencies=reading)
    def one(channel: str, request: Request) -> ChannelShown:
        return shown(channels.get(project_of(request), channel))

    @routes.patch("/channels/{channel}", summary="Change a channel", dependencies=changing, responses=documented(409))
    def change(channel: str, wanted: ChannelChanges, request: Request) -> ChannelShown:
        given = wanted.model_dump(exclude_unset=True)
        if "digest" in given:
            given["digest"] = _digest(wanted.digest)
        return shown(channels.change(actor_of(request), channel, given))

    @routes.delete("/channels/{channel}", summary="Delete a channel", status_code=204, dependencies=changing)
    def remove(channel: str, request: Request) -> None:
        channels.remove(actor_of(request), channel)

    @routes.post(
        "/channels/{channel}/test", summary="Send a test, once", dependencies=changing, responses=documented(409)
    )
    def test(channel: str, request: Request) -> Tested:
        found = outbox.try_out(channels.get(project_of(request), channel))
        return Tested(ok=found.status == "sent", error=found.last_error or None, delivery=_delivery(found))

    _add_deliveries(routes, channels, may_read)
    return routes


def _add_deliveries(routes: Routes, channels: Channels, may_read: Guard) -> None:
    @routes.get("/deliveries", summary="What was, or is to be, sent", dependencies=[Depends(may_read)])
    def sent(
        request: Request,
        channel: str = "",
        incident: str = "",
        status: Outcome | None = None,
        limit: int = 100,
        cursor: str = "",
    ) -> DeliveryList:
        most = max(1, min(limit, _MOST))
        project = project_of(request)
        found = channels.deliveries(
            project,
            channel_id=channels.named(project, channel),
            incident_id=incident,
            status=status or "",
            before=_before(cursor),
            limit=most + 1,
        )
        more = str(found[most - 1].number) if len(found) > most else None
        return DeliveryList(data=[_delivery(one) for one in found[:most]], next_cursor=more)


def _before(cursor: str) -> int | None:
    if not cursor:
        return None
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise ParameterError("cursor", "next_cursor of the page before.")
    return int(cursor)


def _digest(wanted: DigestWanted | None) -> Digest | None:
    return None if wanted is None else Digest(**wanted.model_dump())


def _shown(channel: Channel, health: Health) -> ChannelShown:
    fields: dict[str, Any] = {
        name: getattr(channel, name)
        for name in ("id", "name", "kind", "enabled", "least_severity", "created_at", "updated_at")
    }
    return ChannelShown(
        **fields,
        settings=dict(channel.settings),
        secrets=dict(channel.hints),
        digest=None if channel.digest is None else DigestWanted(**msgspec.structs.asdict(channel.digest)),
        pending=health.pending,
        last_sent_at=_at(health.sent_ns),
        failing_since=_at(health.failing_since_ns),
        last_error=health.last_error or None,
    )


def _delivery(found: Delivery) -> DeliveryShown:
    fields: dict[str, Any] = {
        name: getattr(found, name)
        for name in ("id", "channel_id", "kind", "what", "severity", "title", "status", "attempts")
    }
    return DeliveryShown(
        **fields,
        channel=found.channel_name,
        incident_id=found.incident_id or None,
        created_at=datetime.fromtimestamp(found.created_ns / _NS, UTC),
        next_at=_at(found.next_ns) if found.status == "pending" else None,
        finished_at=_at(found.finished_ns),
        error=found.last_error or None,
    )


def _at(ns: int | None) -> datetime | None:
    return None if ns is None else datetime.fromtimestamp(ns // 10**6 / 10**3, UTC)
