"""The shapes of what is asked and answered about prices; what the OpenAPI document is made of."""

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from farthing.api.model import Model
from farthing.api.schemas import Line

_DOLLARS = r"^\d{1,13}(\.\d{1,24})?$"


class Strict(Model):
    """Something a client writes: a field nobody knows is a mistake."""

    model_config = ConfigDict(extra="forbid")


class ExplainWanted(Strict):
    """What would this have cost? Input includes cached input, output includes reasoning."""

    model: str = Field(min_length=1, max_length=500)
    provider: str = Field(default="", max_length=200)
    response_model: str = Field(default="", max_length=500)
    at: datetime | None = Field(default=None, description="When the call began; now by default.")
    service_tier: str = Field(default="", max_length=100, description="The tier served.")
    batch: bool = Field(default=False, description="The same as service_tier=batch.")
    region: str = Field(default="", max_length=100)
    operation: str = Field(default="chat", max_length=100)
    key: str = Field(default="", max_length=64, description="By the prices of calls made with this key's id.")
    usage: dict[str, int] = Field(
        description="input_tokens, cached_input_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens, "
        "reasoning_tokens, audio_input_tokens, audio_output_tokens, web_searches, … or any bucket by its name."
    )


class Explained(Model):
    """The cost, why it is that, and its lines, which add up to it."""

    cost_usd: str | None
    input_cost_usd: str | None
    output_cost_usd: str | None
    cost_status: str = Field(description="computed, estimated, unpriced or unknown.")
    matched_model: str | None
    rule: str | None
    price_version: str | None
    source: str | None
    lines: list[Line]


class Price(Model):
    """One rate of one model under one tier."""

    provider: str
    model: str
    tier: str
    bucket: str | None = Field(description="null for a factor on others.")
    unit: str | None
    usd: str | None = Field(description="Dollars for `per` of the unit.")
    per: int
    input_above: int = Field(description="For calls with more input tokens than this.")
    valid_from: str | None
    valid_until: str | None
    known_since: str | None
    hours: str | None = Field(description="Hours of the UTC day, 16:30-00:30.")
    region: str | None
    marginal: bool = Field(description="Whether only what lies beyond input_above costs this.")
    factor: str | None
    note: str | None
    source: str | None


class Prices(Model):
    """A page of rates."""

    price_version: str
    data_age_days: int | None
    data: list[Price]
    next_cursor: str | None


class PriceModel(Model):
    """One model with its plain rates now: dollars a million tokens, null where none is known by the token."""

    provider: str
    model: str
    rates: dict[str, str | None] = Field(description="At the standard tier, for small contexts, by bucket.")
    batch: dict[str, str | None] = Field(description="The same at the batch tier.")
    tiers: list[str]
    more_rates: int = Field(description="Rates in force that stand in no column here.")
    valid_from: str | None
    valid_until: str | None
    changes: int = Field(description="How many dates there are from which a rate of it holds.")
    known_since: str | None = Field(description="When the rates were last read at their source.")
    source: str | None
    ended: bool = Field(description="Whether no rate of it holds any more.")


class PriceModels(Model):
    """A page of models."""

    price_version: str
    data_age_days: int | None
    data: list[PriceModel]
    next_cursor: str | None


class Rate(Strict):
    """What a bucket costs."""

    usd: str = Field(pattern=_DOLLARS, description="Dollars, exactly.")
    per: int = Field(default=0, ge=0, description="For so many of the unit: a million tokens, one of the rest.")
    steps: list[tuple[int, str]] = Field(default=[], max_length=20, description="Above so many input tokens, this.")
    marginal: bool = False


class OverrideScope(Strict):
    """Whose calls: this project's, one of its keys', or the whole organisation's."""

    level: Literal["organisation", "project"] = "project"
    key: str = Field(default="", max_length=64, description="The id of a key of this project.")


class OverrideWanted(Strict):
    """A price agreed with a provider, or one that nobody lists."""

    kind: Literal["rates", "discount", "capacity", "alias"] = Field(
        description="rates: negotiated, or of a model nobody lists. discount: a percentage off the list price. "
        "capacity: tokens are covered by what is paid for by time. alias: a name of your own for a listed model."
    )
    provider: str = Field(default="", max_length=200)
    model: str = Field(default="", max_length=500)
    names: list[str] = Field(default=[], max_length=100)
    scope: OverrideScope = OverrideScope()
    rates: dict[str, Rate] = Field(default={}, max_length=100)
    discount_percent: str = Field(default="", max_length=40)
    of_provider: str = Field(default="", max_length=200)
    of_model: str = Field(default="", max_length=500)
    tier: str = Field(default="standard", max_length=32)
    region: str = Field(default="*", max_length=100)
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    source: str = Field(default="", max_length=1000, description="Where this was agreed or read.")
    note: str = Field(default="", max_length=1000)


class OverrideShown(OverrideWanted):
    """An override as it is kept."""

    id: str
    batch: str | None = Field(description="The import it came with.")
    created_at: datetime
    updated_at: datetime


class OverrideList(Model):
    """All overrides that concern the project."""

    data: list[OverrideShown]
    next_cursor: str | None = None


class Change(Model):
    """A change an operator made."""

    at: datetime
    actor: str
    action: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class ChangeList(Model):
    """Changes, the latest first."""

    data: list[Change]
    next_cursor: str | None = None
