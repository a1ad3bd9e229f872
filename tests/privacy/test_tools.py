"""Answers of providers, and how often their own tools were used in them."""

import json
from typing import Any

import pytest

from farthing.privacy import tools

SEARCH: dict[str, Any] = {"type": "web_search_call", "id": "ws_1", "status": "completed"}


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([SEARCH, SEARCH, {"type": "message", "content": ["no web_search_call"]}], {"web_searches": 2}),
        (
            [SEARCH | {"action": {"type": "search", "query": "q"}}, SEARCH | {"action": {"type": "open_page"}}],
            {"web_searches": 1},
        ),
        ([{"type": "file_search_call", "queries": ["a", "b"]}], {"file_searches": 1}),
        (
            [{"type": "code_interpreter_call", "container_id": id_} for id_ in ("c1", "c1", "c2")],
            {"code_sessions": 2},
        ),
        ([{"type": "message"}], {}),
        ([7, None], {}),
        ({"type": "web_search_call"}, {}),
    ],
)
def test_calls_of_tools_are_counted_not_tools_on_offer(items: Any, expected: dict[str, int]) -> None:
    assert tools.of_items(json.dumps(items).encode()) == expected


def test_each_query_of_google_counts_once() -> None:
    grounded: list[Any] = [
        {"groundingMetadata": {"webSearchQueries": ["a", "b", "a"], "groundingChunks": [{"web": {"uri": "x"}}]}},
        {"grounding_metadata": {"web_search_queries": ["c"], "grounding_chunks": [{"maps": {"uri": "y"}}]}},
        {"groundingMetadata": None},
        "no candidate",
    ]
    assert tools.of_candidates(grounded) == {"web_searches": 3, "maps_grounding": 1}
    assert tools.of_candidates([{"finishReason": "STOP"}]) == {}
