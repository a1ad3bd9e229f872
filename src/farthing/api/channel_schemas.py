"""The shapes of what is asked and answered about channels and deliveries; what the OpenAPI document is made of."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from farthing.api.model import Model
from farthing.api.price_schemas import Strict

KindName = Literal["slack", "discord", "teams", "pagerduty", "webhook", "email"]
Least = Literal["info", "warning", "critical", "none"]
Outcome = Literal["pending", "sent", "failed", "given_up"]

_SETTINGS = (
    "slack, discord, teams: url. pagerduty: routing_key, region (us or eu), url. webhook: url, signing_secret, headers, body. "
    "email: host, port, security (starttls, tls or plain), username, password, sender, recipients."
)
_LEAST = "Incidents less urgent than this are not told here; none leaves the digest alone."


class DigestWanted(Strict):
    """When a channel gets the sum of things."""

    every: Literal["day", "week"] = "day"
    at: str = Field(default="08:00", max_length=5, description="By the clock of the time zone.")
    timezone: str = Field(default="UTC", max_length=100, description="An IANA name; days and weeks are its own too.")
    weekday: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = Field(default="mon", description="Of week.")


class ChannelChanges(Strict):
    """What is to be changed of a channel; what isn't given stays, secrets too."""

    name: str = Field(default="", min_length=1, max_length=200)
    enabled: bool = True
    least_severity: Least = Field(default="info", description=_LEAST)
    settings: dict[str, Any] = Field(
        default={}, max_length=20, description=f"Those that change; null takes one away. {_SETTINGS}"
    )
    digest: DigestWanted | None = Field(default=None, description="null for none.")


class ChannelWanted(ChannelChanges):
    """A channel to be made."""

    name: str = Field(min_length=1, max_length=200)
    kind: KindName
    settings: dict[str, Any] = Field(max_length=20, description=_SETTINGS)


class ChannelShown(Model):
    """A channel, without its secrets, and how it does."""

    id: str
    name: str
    kind: KindName
    enabled: bool
    least_severity: Least = Field(description=_LEAST)
    settings: dict[str, Any] = Field(description="Those that are no secret.")
    secrets: dict[str, str] = Field(description="What to recognise each secret by; never the secret.")
    digest: DigestWanted | None
    pending: int = Field(description="Notices still to be sent.")
    last_sent_at: datetime | None
    failing_since: datetime | None = Field(description="Since when nothing has got through; null: it works, or is new.")
    last_error: str | None
    created_at: datetime
    updated_at: datetime


class ChannelMade(ChannelShown):
    """A channel that was just made."""

    signing_secret: str | None = Field(
        description="What a webhook's requests are signed with, where none was given. Shown once."
    )


class ChannelList(Model):
    """All channels of the project, oldest first."""

    data: list[ChannelShown]
    next_cursor: str | None = None


class DeliveryShown(Model):
    """One notice through one channel."""

    id: str = Field(description="Receivers get it as webhook-id and Message-ID, the same with every attempt.")
    channel_id: str
    channel: str = Field(description="Its name at that time.")
    kind: KindName
    incident_id: str | None
    what: str
    severity: str
    title: str
    status: Outcome = Field(
        description="failed: refused for good. given_up: tried for a day, or its channel was removed."
    )
    attempts: int
    created_at: datetime
    next_at: datetime | None = Field(description="Of a pending one: when it is tried, or tried again.")
    finished_at: datetime | None
    error: str | None = Field(description="Why the last attempt failed, or what is to be remarked.")


class DeliveryList(Model):
    """A page of deliveries, the latest first."""

    data: list[DeliveryShown]
    next_cursor: str | None


class Tested(Model):
    """What became of a test."""

    ok: bool
    error: str | None
    delivery: DeliveryShown
