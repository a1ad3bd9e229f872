"""The shapes of what is asked and answered about alert rules and incidents; what the OpenAPI document is made of."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import ConfigDict, Field

from farthing.api.budget_schemas import Filters
from farthing.api.model import Model
from farthing.api.price_schemas import Strict

KindName = Literal[
    "threshold", "anomaly", "rate_limit", "error_rate", "latency", "runaway", "unpriced", "unknown_usage", "stale_prices",
    "silent", "drift",
]  # fmt: skip
MeasureName = Literal[
    "cost", "calls", "errors", "input_tokens", "output_tokens", "tokens", "error_rate", "cost_per_call", "latency_p50",
    "latency_p95", "ttft_p50", "ttft_p95",
]  # fmt: skip
SeverityName = Literal["info", "warning", "critical"]
StatusName = Literal["open", "acknowledged", "recovered"]
UnitName = Literal["usd", "calls", "tokens", "ratio", "ms", "seconds"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

_FILTERS = "As everywhere: a dimension or tag.<key> with one value or several (any of them); !value excludes."
_LENGTH = "30s, 90m, 24h, 14d or 4w."
_LIMIT = "In the measure's unit: dollars, calls, tokens, milliseconds, or a share from 0 to 1."


class CompareFields(Strict):
    """What a window is compared with; give one of past and ago."""

    ratio: Decimal = Field(gt=0, description="How many times as much is too much: 2 for twice.")
    past: str = Field(default="", max_length=20, description="So long a time right before the window: 7d.")
    ago: str = Field(default="", max_length=20, description="A window of the same length, so long ago: 7d.")


class QuietHoursFields(Strict):
    """When nobody is told of anything that isn't critical; it is told when they are over."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    since: str = Field(alias="from", max_length=5, description="22:00")
    until: str = Field(alias="to", max_length=5, description="07:00")
    timezone: str = Field(default="UTC", max_length=100, description="An IANA name, such as Europe/Berlin.")
    weekdays: list[Weekday] = Field(
        default=["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        min_length=1,
        max_length=7,
        description="Those on which they begin.",
    )


class RuleChanges(Strict):
    """What is to be changed of a rule; what isn't given stays."""

    name: str = Field(default="", min_length=1, max_length=200)
    kind: KindName = Field(default="threshold")
    measure: MeasureName = Field(default="cost")
    filters: Filters = Field(default={}, max_length=20, description=_FILTERS)
    by: list[str] = Field(default=[], max_length=2, description="Dimensions: each group has an incident of its own.")
    window: str = Field(default="24h", max_length=20, description=f"{_LENGTH} Of an anomaly: how far back is looked.")
    compare: CompareFields | None = Field(default=None)
    limit: Decimal | None = Field(default=None, ge=0, description=_LIMIT)
    critical_limit: Decimal | None = Field(default=None, ge=0, description="From here on an incident is critical.")
    direction: Literal["above", "below"] = Field(default="above")
    sensitivity: Decimal = Field(default=Decimal(3), gt=1, description="Of an anomaly: how many times the usual.")
    least_usd: Decimal = Field(default=Decimal(0), ge=0, description="With less at stake nobody is told.")
    least_calls: int = Field(default=0, ge=0, le=10**12, description="With fewer calls nothing is said.")
    severity: SeverityName = Field(default="warning")
    channels: list[str] = Field(default=[], max_length=50, description="Ids or names; none means all.")
    every: str = Field(default="60s", max_length=20, description=f"How often it is judged: {_LENGTH}")
    cooldown: str = Field(default="5m", max_length=20, description="So long nobody is told of the same again.")
    remind: str = Field(default="", max_length=20, description="After so long people are told again; never by default.")
    quiet_hours: QuietHoursFields | None = Field(default=None)
    enabled: bool = Field(default=True)
    observe_only: bool = Field(default=False, description="Incidents are kept and nobody is told.")


class RuleWanted(RuleChanges):
    """A rule to be made."""

    name: str = Field(min_length=1, max_length=200, description="Rules of a project are told apart by their names.")
    kind: KindName = Field(description="What is looked for.")


class QuietHoursShown(Model):
    """When nobody is told of anything that isn't critical."""

    model_config = ConfigDict(populate_by_name=True)

    since: str = Field(alias="from")
    until: str = Field(alias="to")
    timezone: str
    weekdays: list[Weekday]


class CompareShown(Model):
    """What a window is compared with."""

    ratio: str
    past: str
    ago: str


class RuleFields(Model):
    """A rule."""

    name: str
    kind: KindName
    measure: MeasureName
    filters: Filters
    by: list[str]
    window: str
    compare: CompareShown | None
    limit: str | None = Field(description=f"{_LIMIT} A decimal string.")
    critical_limit: str | None
    direction: Literal["above", "below"]
    sensitivity: str
    least_usd: str
    least_calls: int
    severity: SeverityName
    channels: list[str]
    every: str
    cooldown: str
    remind: str
    quiet_hours: QuietHoursShown | None
    enabled: bool
    observe_only: bool


class RuleShown(RuleFields):
    """A rule that is kept."""

    id: str
    created_at: datetime
    updated_at: datetime
    open_incidents: int = Field(description="That haven't recovered.")


class RuleList(Model):
    """All rules of the project, oldest first."""

    data: list[RuleShown]
    next_cursor: str | None = None


class PresetShown(Model):
    """A rule that many want; give its fields, changed as you like, to make it."""

    name: str
    about: str
    rule: RuleFields


class PresetList(Model):
    """All presets."""

    data: list[PresetShown]
    next_cursor: str | None = None


class Pair(Model):
    """A dimension and its value; null: calls of which nobody said."""

    dimension: str
    value: str | None


class DriverShown(Model):
    """Something that moved."""

    group: list[Pair]
    change: str = Field(description="In the verdict's unit, a decimal string.")
    share: str | None = Field(description="Of all that moved, from 0 to 1.")


class VerdictShown(Model):
    """What was found of one group in one window."""

    group: list[Pair] = Field(description="Empty: the whole project.")
    firing: bool
    judged: bool = Field(description="false: nothing can be said, because there are no data or they are unknown.")
    unit: UnitName
    actual: str | None
    expected: str | None
    lower: str | None
    upper: str | None = Field(description="The limit, or the band's end.")
    since: datetime | None
    window_from: datetime
    window_to: datetime
    drivers: list[DriverShown]
    unpriced_calls: int = Field(description="Calls that are in no figure: no rate is known.")
    unknown_usage_calls: int = Field(description="Calls that are in no figure: their usage was not reported.")
    why: str
    critical: bool


class VerdictList(Model):
    """What a rule says of each group right now."""

    at: datetime
    data: list[VerdictShown]
    next_cursor: str | None = None


class EventShown(Model):
    """One thing that happened to an incident."""

    at: datetime
    what: str
    by: str
    text: str
    actual: str | None


class IncidentShown(Model):
    """What a rule, or a budget, found of one group, from its beginning to its end."""

    id: str
    rule_id: str | None
    budget_id: str | None
    rule_name: str
    kind: str
    severity: SeverityName
    status: StatusName
    group: list[Pair]
    since: datetime = Field(description="When it began, as well as that is known.")
    opened_at: datetime
    updated_at: datetime
    recovered_at: datetime | None
    peak: str | None
    verdict: VerdictShown = Field(description="The last one that fired, or said that it is over.")
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    snoozed_until: datetime | None
    expected_by: str | None
    expected_at: datetime | None
    notices: int = Field(description="How often people were told.")
    escalated: bool
    dedup_key: str


class IncidentDetail(IncidentShown):
    """An incident and its history."""

    events: list[EventShown]


class BacktestWanted(Strict):
    """Which rule is to be replayed, over which time."""

    rule_id: str | None = Field(default=None, max_length=200, description="One that is kept, by its id or its name …")
    rule: RuleWanted | None = Field(default=None, description="… or one that isn't made yet.")
    since: str = Field(default="30d", max_length=60, description="30d, or a time. At most 93 days are replayed.")
    until: str = Field(default="now", max_length=60)


class BacktestTold(Model):
    """Somebody would have been told."""

    at: datetime
    what: str
    incident_id: str = Field(description="Of this answer's incidents; they are not kept.")
    why: str


class Backtest(Model):
    """What would have fired, when."""

    model_config = ConfigDict(populate_by_name=True)

    since: datetime = Field(alias="from")
    until: datetime = Field(alias="to")
    step_seconds: int = Field(description="So far apart the replayed rounds were.")
    incidents: list[IncidentShown] = Field(description="In the order in which they would have opened.")
    told: list[BacktestTold]


class IncidentCounts(Model):
    """How many incidents the project has."""

    open: int
    acknowledged: int
    recovered: int


class IncidentList(Model):
    """Incidents, the latest first."""

    data: list[IncidentShown]
    counts: IncidentCounts
    next_cursor: str | None


class IncidentChanges(Strict):
    """What somebody says of an incident; give what is to change."""

    status: Literal["acknowledged"] | None = Field(default=None, description="You look after it: no reminders.")
    snoozed_until: datetime | None = Field(
        default=None, description="Nobody is told anything until then; null ends it."
    )
    expected: bool | None = Field(
        default=None, description="It was to be expected: nobody is told, and its time is no part of baselines."
    )
