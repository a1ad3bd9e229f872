"""Refused calls in; no more of the latest than may be kept, of one project alone, and all of them counted."""

from datetime import UTC, datetime

from farthing.routing.refused import MOST_KEPT, Refusals, Refused

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def refused(number: int, code: str) -> Refused:
    return Refused(NOW, str(number), "key_1", "", "chat", "gpt-4o", code, 429, "No.")


def test_the_latest_are_kept_and_all_are_counted() -> None:
    refusals = Refusals(NOW)
    for number in range(MOST_KEPT + 3):
        refusals.add("one", refused(number, "too_many" if number % 2 else "budget_exceeded"))
    refusals.add("other", refused(0, "forbidden"))
    assert [one.request_id for one in refusals.latest("one", 2)] == [str(MOST_KEPT + 2), str(MOST_KEPT + 1)]
    assert len(refusals.latest("one", 10 * MOST_KEPT)) == MOST_KEPT
    assert sum(refusals.counts("one").values()) == MOST_KEPT + 3
    assert refusals.counts("other") == {"forbidden": 1}
    assert (refusals.latest("nobody", 5), refusals.counts("nobody"), refusals.since) == ([], {}, NOW)
