"""The nouns of what a rule found: an incident, from its beginning to its end, and the rows of its history. Pure."""

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

import msgspec

from farthing.alerts.rule import Severity
from farthing.alerts.verdict import Pairs, Verdict


class Status(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RECOVERED = "recovered"


class What(StrEnum):
    """What happens to incidents."""

    OPENED = "opened"
    UPDATED = "updated"
    ESCALATED = "escalated"
    RECOVERED = "recovered"
    REMINDER = "reminder"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    EXPECTED = "expected"
    TOLD = "told"


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule, or a budget, found of one group, from its beginning to its end."""

    id: str
    project_id: str
    rule_id: str | None = None
    budget_id: str | None = None
    rule_name: str
    kind: str
    severity: Severity
    group: Pairs = ()
    status: Status = Status.OPEN
    opened_ns: int
    updated_ns: int
    recovered_ns: int | None = None
    calm_since_ns: int | None = None
    """Since when its verdicts are well within the limits again, without a break."""
    verdict: Verdict
    """The last one that fired, or said that it is over."""
    peak: Decimal | None = None
    acknowledged_by: str = ""
    acknowledged_ns: int | None = None
    snoozed_until_ns: int | None = None
    expected_by: str = ""
    """Who said that it was to be expected; its time is then no part of any baseline."""
    expected_ns: int | None = None
    notices: int = 0
    """How often people were told."""
    told_ns: int | None = None
    told_what: str = ""
    """What they were told last; "" before anybody was."""
    escalated: bool = False

    @property
    def dedup_key(self) -> str:
        """The same for all incidents of one rule and group."""
        return dedup_key(self.project_id, self.rule_id or self.budget_id or "", self.group)

    @property
    def is_open(self) -> bool:
        """Whether it hasn't recovered."""
        return self.status is not Status.RECOVERED


class Event(msgspec.Struct, frozen=True):
    """One row of an incident's history."""

    at_ns: int
    what: What
    by: str = ""
    """Who, where a person did it."""
    text: str = ""
    actual: Decimal | None = None


def dedup_key(project_id: str, rule_id: str, group: Iterable[tuple[str, str | None]]) -> str:
    """A short text that stays the same for a project, a rule and a group."""
    told = msgspec.json.encode((project_id, rule_id, sorted(group, key=lambda pair: pair[0])))
    return hashlib.sha256(told).hexdigest()[:32]
