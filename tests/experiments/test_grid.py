"""Items of two small runs: which of them are asked for, in which order, page after page."""

from tabled_cases import tabled

from farthing.experiments.case import Case, Run
from farthing.experiments.grid import Only, Page, Sort, Wanted, page

BASE = (
    Run("base", "base"),
    [Case("a", {"ok": True}, 100), Case("b", {"ok": True, "f": 0.9}, 100), Case("c", {"ok": False}, None)],
)
OTHER = (
    Run("other", "other"),
    [
        Case("a", {"ok": True}, 5000),
        Case("b", {"ok": False, "f": 0.5}, 99),
        Case("c", {}, 7, error="boom"),
        Case("d", {"ok": True}, 1),
    ],
)
TABLE = tabled([BASE, OTHER])


def ids(found: Page) -> list[str]:
    return [row.item_id for row in found.rows]


def asked(wanted: Wanted) -> list[str]:
    return ids(page(TABLE, wanted))


def test_which_items() -> None:
    assert asked(Wanted("base")) == ["a", "b", "c", "d"]
    assert asked(Wanted("base", Only.REGRESSED)) == ["b"]
    assert asked(Wanted("base", Only.IMPROVED)) == []
    assert asked(Wanted("base", Only.IMPROVED, lower_is_better=frozenset({"f"}))) == ["b"]
    assert asked(Wanted("base", Only.MISSING)) == ["c"]
    assert asked(Wanted("base", Only.MISSING, "f")) == []
    assert asked(Wanted("base", Only.FAILED)) == ["c"]
    assert asked(Wanted("base", score="f", below=0.6)) == ["b"]
    assert asked(Wanted("base", score="f", below=0.5)) == []


def test_in_which_order() -> None:
    assert asked(Wanted("base", sort=Sort.COST_CHANGE)) == ["a", "b", "c", "d"]
    assert asked(Wanted("base", sort=Sort.REGRESSION))[0] == "b"
    [b] = page(TABLE, Wanted("base", Only.REGRESSED)).rows
    assert b.changes[1]["ok"] == -1.0
    # Where a cost isn't known there is no change of it, and it is not zero.
    assert [row.cost_changes[1] for row in page(TABLE, Wanted("base")).rows] == [4900, -1, None, None]


def test_page_after_page() -> None:
    seen: list[str] = []
    after: tuple[float, str] | None = None
    for _ in range(3):
        found = page(TABLE, Wanted("base", sort=Sort.COST_CHANGE, after=after, limit=2))
        seen += ids(found)
        assert found.total == 4
        if not found.more:
            break
        after = found.rows[-1].key
    assert seen == ["a", "b", "c", "d"]
