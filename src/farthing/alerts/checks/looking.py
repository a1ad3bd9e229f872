"""A rule and a moment in; what every check begins with: its window, its calls, its groups, out. Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from farthing.alerts.rule import Rule
from farthing.alerts.sums import Answers, Where
from farthing.alerts.verdict import Group
from farthing.query.moments import NS

CALM = Decimal("0.9")
"""A value within this part of its limit is well within it: from there an incident may end, so that none flaps."""


class Look(NamedTuple):
    """A rule, judged at a Unix second by what somebody answers; `open_groups` have an incident, whether they have calls or not."""

    rule: Rule
    at: int
    answers: Answers
    open_groups: tuple[Group, ...] = ()
    what: str = ""
    """What its figure is called; by default as its measure is."""

    @property
    def where(self) -> Where:
        """Its calls, group by group."""
        return Where(self.rule.project_id, self.rule.scope, self.rule.dimensions)

    @property
    def start(self) -> int:
        """Where its window begins."""
        return self.at - self.rule.window_s

    @property
    def window(self) -> tuple[int, int]:
        """In Unix nanoseconds."""
        return self.start * NS, self.at * NS

    def groups(self, *found: Mapping[Group, object]) -> Iterable[Group]:
        """Those that have calls, and those that have an incident; the whole project even without calls."""
        known = dict.fromkeys(group for part in found for group in part)
        known.update(dict.fromkeys(self.open_groups))
        if not self.rule.dimensions:
            known[()] = None
        return known
