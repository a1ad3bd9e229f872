"""Any tag and any value asked for in; the same calls out, whether short texts or the map of tags are looked at."""

import pytest
from stored_calls import new_project, stored_call, write

from farthing.query import run
from farthing.query.moments import rfc3339
from farthing.store.telemetry import tag_pairs
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

AT = 1_790_000_000 * 10**9
TAGS = [
    {"a": "b\x1fc"},
    {"a\x1fb": "c"},
    {"a": "b"},
    {"a": "x" * 39},
    {"a": "x" * 40},
    {"a": "é" * 20},
    {"a": "\\'\t"},
    {"a": ""},
    {},
]


@pytest.mark.parametrize("value", ["b\x1fc", "b", "x" * 39, "x" * 40, "é" * 20, "\\'\t", "", "c"])
def test_a_tag_is_found_and_excluded(telemetry_engine: Engine, value: str) -> None:
    project = new_project()
    write(telemetry_engine, project, [stored_call(AT, tags=tags) for tags in TAGS])
    rollup = Rollup(telemetry_engine)
    having = sum(tags.get("a", "") == value for tags in TAGS)
    for asked, wanted in ((value, having), ("!" + value, len(TAGS) - having)):
        pairs = [("from", rfc3339(AT)), ("to", rfc3339(AT + 1)), ("tag.a", asked)]
        assert run.spend(telemetry_engine, rollup, project, pairs, AT)["total"]["calls"] == wanted, asked


def test_what_the_column_has_no_room_for_is_not_looked_for_in_it() -> None:
    assert tag_pairs.pair("a", "x" * 39) == "a\x1f" + "x" * 39
    assert tag_pairs.pair("a", "x" * 40) is None
    assert tag_pairs.pair("a", "é" * 20) is None
    assert tag_pairs.pair("a", "") is None
    assert tag_pairs.pair("a", "b\x1fc") is None
