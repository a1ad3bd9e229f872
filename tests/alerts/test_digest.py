"""A digest is about whole days of its time zone, comes once, and tells exact sums and what is in none of them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from farthing.alerts.channels.channel import Digest
from farthing.alerts.digest import Answers, identity, is_late, latest, notice
from farthing.alerts.incident import Incident, Severity
from farthing.alerts.verdict import Verdict

BERLIN = ZoneInfo("Europe/Berlin")
DAILY = Digest("day", "08:00", "Europe/Berlin")
WEEKLY = Digest("week", "07:30", "Europe/Berlin", "mon")


def at(*local: int, zone: ZoneInfo = BERLIN) -> int:
    return int(datetime(*local, tzinfo=zone).timestamp())


@pytest.mark.parametrize(
    ("digest", "now", "before", "start", "end"),
    [
        (DAILY, (2026, 11, 21, 8), (2026, 11, 19), (2026, 11, 20), (2026, 11, 21)),
        (DAILY, (2026, 11, 21, 7, 59), (2026, 11, 18), (2026, 11, 19), (2026, 11, 20)),
        (DAILY, (2026, 3, 30, 9), (2026, 3, 28), (2026, 3, 29), (2026, 3, 30)),
        (WEEKLY, (2026, 11, 22, 12), (2026, 11, 2), (2026, 11, 9), (2026, 11, 16)),
        (WEEKLY, (2026, 11, 23, 7, 30), (2026, 11, 9), (2026, 11, 16), (2026, 11, 23)),
        (Digest("day", "02:30", "Europe/Berlin"), (2026, 3, 29, 3, 30), (2026, 3, 27), (2026, 3, 28), (2026, 3, 29)),
        (
            Digest("day", "02:30", "Europe/Berlin"),
            (2026, 10, 25, 2, 30),
            (2026, 10, 23),
            (2026, 10, 24),
            (2026, 10, 25),
        ),
    ],
)
def test_a_period_is_made_of_whole_days_of_the_time_zone(
    digest: Digest, now: tuple[int, ...], before: tuple[int, ...], start: tuple[int, ...], end: tuple[int, ...]
) -> None:
    found = latest(digest, at(*now))
    assert (found.before_s, found.start_s, found.end_s) == (at(*before), at(*start), at(*end))
    assert found.due_s <= at(*now)


def test_a_day_on_which_the_clocks_change_is_shorter_or_longer() -> None:
    spring, autumn = (latest(DAILY, at(2026, month, day, 8)) for month, day in ((3, 30), (10, 26)))
    assert (spring.end_s - spring.start_s, autumn.end_s - autumn.start_s) == (23 * 3600, 25 * 3600)
    assert spring.start_s - spring.before_s == 24 * 3600


def test_nobody_wants_it_much_later() -> None:
    period = latest(DAILY, at(2026, 11, 21, 8))
    assert not is_late(DAILY, period, at(2026, 11, 22, 4))
    assert is_late(DAILY, period, at(2026, 11, 22, 4, 1))
    assert identity("ch_1", DAILY, period) == "digest:ch_1:day:2026-11-20"


def sums(cost: str | None, calls: int = 1, **more: object) -> dict[str, object]:
    return {"cost_usd": cost, "calls": calls, "unpriced_calls": 0, "unknown_usage_calls": 0, **more}


def asked(total: dict[str, object], *groups: dict[str, object]) -> dict[str, object]:
    return {"total": total, "groups": list(groups)}


def told(now: str | None, was: str | None) -> Answers:
    return Answers(
        {
            "": asked(sums(now, 1_200, unpriced_calls=3, unknown_usage_calls=2)),
            "feature": asked(sums(now), sums("70.10", feature="chat"), sums("30", feature=None)),
            "model": asked(sums(now), sums("100.10", model="gpt-4o"), sums(None, model="quill-9", unpriced_calls=3)),
        },
        {
            "": asked(sums(was, 900)),
            "feature": asked(sums(was), sums("40", feature="chat"), sums("30", feature=None)),
            "model": asked(sums(was), sums("70", model="gpt-4o")),
        },
        [{"total": sums("1.5")}, {"total": sums(None)}],
    )


def test_it_tells_what_was_spent_what_moved_and_what_is_in_no_sum() -> None:
    verdict = Verdict(firing=True, unit="usd", window=(0, 1), why="too much")
    opened = Incident(
        id="in_1", project_id="shop", rule_name="spend", kind="threshold", severity=Severity.CRITICAL,
        group=(("feature", "chat"),), opened_ns=at(2026, 11, 20, 12) * 10**9, updated_ns=0, verdict=verdict,
    )  # fmt: skip
    answers = told("100.10", "70")
    answers = Answers(answers.now, answers.before, answers.steps, [opened])
    found = notice("ch_1", "Shop", DAILY, latest(DAILY, at(2026, 11, 21, 8)), answers, "https://f.example")
    assert found.title == "Shop: $100.10 on Fri 20 Nov 2026"
    assert found.summary == (
        "$100.10 for 1,200 calls: $30.10 more than the day before, +43.0 %. "
        "In no sum: 3 calls without a price and 2 calls of unknown usage."
    )
    assert [(what, change) for what, change, _ in found.drivers] == [
        ("feature=chat", "+$30.10 (from $40.00 to $70.10)"),
        ("model=gpt-4o", "+$30.10 (from $70.00 to $100.10)"),
    ]
    assert found.drivers[0][2] == (
        "https://f.example/requests?from=2026-11-19T23%3A00%3A00Z&to=2026-11-20T23%3A00%3A00Z&feature=chat"
    )
    assert [(one.title, one.rows[0][:2]) for one in found.lists] == [
        ("Open incidents", ("spend (feature=chat)", "critical, since 2026-11-20T11:00:00Z")),
        ("Models without a price", ("quill-9", "3 calls")),
    ]
    assert (found.severity, found.at) == ("critical", "2026-11-21T07:00:00Z")
    assert found.image_png is not None


@pytest.mark.parametrize(
    ("now", "was", "says"),
    [
        (None, "1", "1,200 calls; what they cost is not known."),
        ("1", None, "$1.00 for 1,200 calls; what the week before cost is not known."),
        ("0.50", "1", "$0.50 for 1,200 calls: $0.50 less than the week before, -50.0 %."),
        ("1", "0", "$1.00 for 1,200 calls: $1.00 more than the week before."),
        ("1.0", "1", "$1.00 for 1,200 calls, as much as the week before."),
    ],
)
def test_unknown_is_never_zero(now: str | None, was: str | None, says: str) -> None:
    found = notice("ch", "Shop", WEEKLY, latest(WEEKLY, at(2026, 11, 23, 8)), told(now, was), "https://f.example")
    assert found.summary.startswith(says)
    assert "the week from Mon 16 Nov 2026" in found.title
