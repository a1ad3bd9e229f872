"""A trace over HTTP: the tree of what arrived, whatever is missing from it, and its pages."""

import json
from collections.abc import Generator
from typing import Any

import httpx
import pytest
from api.conftest import DAY, told, value
from server_process import ServerProcess

TRACE, OTHER = f"{0xABC:032x}", f"{0xDEF:032x}"

Json = dict[str, Any]

CHAT = {key: of for key, of in told(1).items() if key != "gen_ai.response.id"} | {"gen_ai.request.model": "gpt-4o"}
"""101 tokens in at 2.5 dollars a million, 10 out at 10."""
UNPRICED = CHAT | {"gen_ai.request.model": "quill-9"}
TWICE = CHAT | {"gen_ai.response.id": "chatcmpl-twice"}


def span(number: int, parent: int | None, start: float, lasts: float, **facts: Any) -> Json:
    """A span that begins so many seconds after midnight."""
    begin = DAY * 10**9 + round(start * 10**9)
    return {
        "traceId": facts.get("trace", TRACE),
        "spanId": f"{number:016x}",
        "parentSpanId": "" if parent is None else f"{parent:016x}",
        "name": f"n{number}",
        "startTimeUnixNano": str(begin),
        "endTimeUnixNano": str(begin + round(lasts * 10**9)),
        "attributes": [{"key": key, "value": value(of)} for key, of in facts.get("attributes", {}).items()],
    }


SPANS = [
    span(1, None, 0, 10),
    span(2, 1, 1, 5),
    span(3, 2, 0.5, 1, attributes=CHAT),  # its clock is behind
    span(4, 2, 2, 0, attributes=UNPRICED),
    span(5, 0xFF, 3, 1),  # its parent never arrived
    span(6, 5, 3.5, 1, attributes=CHAT),
    span(7, 8, 4, 1, attributes=CHAT),  # parents of each other
    span(8, 7, 5, 1),
    span(9, 9, 6, 1),  # its own parent, which the door takes away
    span(10, 0xFE, 20, 1),  # after all roots
]
SDK = "opentelemetry.instrumentation.openai.v1"
FRAMEWORK = "opentelemetry.instrumentation.langchain"
LINKED = [
    (SDK, span(21, None, 30, 1, trace=OTHER, attributes=TWICE)),
    (FRAMEWORK, span(22, 1, 30, 1, attributes=TWICE)),
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    """The server, once everything sent can be read."""
    server = ServerProcess(tmp_path_factory.mktemp("trace"))
    server.start()
    scopes = [
        {"spans": SPANS},
        *({"scope": {"name": name, "version": "2.0"}, "spans": [one]} for name, one in LINKED),
    ]
    headers = {"Content-Type": "application/json", **server.headers}
    sent = json.dumps({"resourceSpans": [{"scopeSpans": scopes}]})
    answer = httpx.post(f"{server.url}/v1/traces", content=sent, headers=headers)
    assert answer.status_code == 200, answer.text
    asked = {"from": str(DAY), "to": str(DAY + 86_400)}
    cursor = server.get("/api/v1/calls/tail", cursor="1")["next_cursor"]
    while server.get("/api/v1/spend", **asked)["total"]["calls"] < 5:
        cursor = server.get("/api/v1/calls/tail", cursor=cursor)["next_cursor"]
    yield server
    server.kill()


def number(span_id: str | None) -> int | None:
    return None if span_id is None else int(span_id, 16)


def test_a_tree_is_drawn_of_whatever_arrived(filled: ServerProcess) -> None:
    trace = filled.get(f"/api/v1/traces/{TRACE}")
    assert [(number(s["span_id"]), s["depth"], number(s["under"]), s["orphan"]) for s in trace["spans"]] == [
        (1, 0, None, False),
        (2, 1, 1, False),
        (3, 2, 2, False),
        (4, 2, 2, False),
        (5, 1, 1, True),
        (6, 2, 5, False),
        (7, 1, 1, True),
        (8, 2, 7, False),
        (22, 1, 1, False),
        (9, 0, None, False),
        (10, 0, None, True),
    ]
    assert (trace["span_count"], trace["orphans"], trace["truncated"]) == (11, 3, False)
    assert number(trace["spans"][4]["parent_span_id"]) == 0xFF


def test_own_and_subtree_costs_are_exact_and_say_what_they_do_not_cover(filled: ServerProcess) -> None:
    trace = filled.get(f"/api/v1/traces/{TRACE}")
    spans = {number(s["span_id"]): s for s in trace["spans"]}
    assert (spans[3]["own"]["cost_usd"], spans[3]["subtree"]["cost_usd"]) == ("0.0003525", "0.0003525")
    assert (spans[2]["own"], spans[2]["subtree"]["cost_usd"]) == (None, "0.0003525")
    assert (spans[2]["subtree"]["calls"], spans[2]["subtree"]["unpriced_calls"]) == (2, 1)
    assert (spans[4]["own"]["cost_usd"], spans[4]["own"]["unpriced_calls"]) == (None, 1)
    assert spans[8]["subtree"] is None
    assert spans[1]["subtree"]["cost_usd"] == trace["cost_usd"] == "0.0010575"
    assert (spans[1]["subtree"]["calls"], spans[1]["subtree"]["input_tokens"]) == (trace["calls"], 4 * 101)
    assert (spans[1]["children"], spans[1]["descendants"]) == (4, 8)


def test_a_call_another_trace_owns_is_linked_and_not_added(filled: ServerProcess) -> None:
    here, there = (filled.get(f"/api/v1/traces/{trace}") for trace in (TRACE, OTHER))
    told_here = next(s for s in here["spans"] if number(s["span_id"]) == 22)
    told_there = there["spans"][0]
    assert (told_here["call"]["restated"], told_here["own"]) == (True, None)
    assert (told_here["call"]["owner_id"], told_there["call"]["restated"]) == (told_there["call"]["id"], False)
    assert here["linked_traces"] == [{"trace_id": OTHER, "relation": "owns", "calls": 1}]
    assert there["linked_traces"] == [{"trace_id": TRACE, "relation": "restates", "calls": 1}]
    assert there["cost_usd"] == "0.0003525"


def test_pages_of_a_trace_are_the_trace(filled: ServerProcess) -> None:
    whole = filled.get(f"/api/v1/traces/{TRACE}")
    spans: list[Json] = []
    cursor: dict[str, str] = {}
    while True:
        page = filled.get(f"/api/v1/traces/{TRACE}", limit="4", **cursor)
        spans += page["spans"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert spans == whole["spans"]


@pytest.mark.parametrize("asked", ["cursor=zzz", "cursor=WyIwMDAwMDAwMDAwMDAwMDYzIl0", "limit=10001", "user=x"])
def test_mistakes_are_told(filled: ServerProcess, asked: str) -> None:
    answer = httpx.get(f"{filled.url}/api/v1/traces/{TRACE}?{asked}", headers=filled.headers)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(asked.partition("=")[0])


def test_a_timeline_tells_every_span_column_by_column(filled: ServerProcess) -> None:
    tree, drawn = (filled.get(f"/api/v1/traces/{TRACE}{end}") for end in ("", "/timeline"))
    spans, calls, texts = drawn["span_columns"], drawn["call_columns"], drawn["texts"]
    for name in ("span_id", "depth", "children", "descendants"):
        assert spans[name] == [span[name] for span in tree["spans"]]
    assert [texts[at] for at in spans["name"]] == [span["name"] for span in tree["spans"]]
    under = [None if at < 0 else spans["span_id"][at] for at in spans["under"]]
    assert under == [span["under"] for span in tree["spans"]]
    assert (spans["start_us"][:3], spans["duration_us"][:3]) == (
        [0, 1_000_000, 500_000],
        [10_000_000, 5_000_000, 10**6],
    )
    assert [at for at, span in enumerate(tree["spans"]) if span["orphan"]] == spans["orphans"]
    told = {spans["span_id"][at]: number for number, at in enumerate(calls["at"])}
    for span in tree["spans"]:
        assert (span["call"] is None) == (span["span_id"] not in told)
        if span["call"]:
            here = told[span["span_id"]]
            for name in ("cost_usd", "input_tokens", "output_tokens", "restated", "owner_id"):
                assert calls[name][here] == span["call"][name], name
            assert texts[calls["request_model"][here]] == span["call"]["request_model"]
    assert [texts[at] for at in spans["role"]].count("chat") == len(told)
    assert drawn["cost_usd"] == tree["cost_usd"]


def test_a_trace_in_a_list_tells_when_its_calls_ran(filled: ServerProcess) -> None:
    listed = filled.get("/api/v1/traces", **{"from": str(DAY), "to": str(DAY + 86_400)})["data"]
    bars = next(one for one in listed if one["trace_id"] == TRACE)["bars"]
    assert [(bar["offset_ms"], bar["duration_ms"]) for bar in bars] == [
        (500, 1000),
        (2000, 0),
        (3500, 1000),
        (4000, 1000),
    ]
    assert not any(bar["failed"] for bar in bars)


@pytest.mark.parametrize("end", ["", "/timeline"])
@pytest.mark.parametrize("trace", [TRACE, OTHER])
def test_a_trace_tells_of_itself_what_lists_tell_of_it(filled: ServerProcess, trace: str, end: str) -> None:
    listed = filled.get("/api/v1/traces", **{"from": str(DAY), "to": str(DAY + 86_400)})["data"]
    row = next(one for one in listed if one["trace_id"] == trace)
    whole = filled.get(f"/api/v1/traces/{trace}{end}")
    assert {name: whole[name] for name in row} == row


def test_a_trace_without_calls_is_told_too(filled: ServerProcess) -> None:
    trace = f"{0x123:032x}"
    sent = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span(1, None, 0, 1, trace=trace)]}]}]})
    headers = {"Content-Type": "application/json", **filled.headers}
    assert httpx.post(f"{filled.url}/v1/traces", content=sent, headers=headers).status_code == 200
    tree, drawn = (filled.get(f"/api/v1/traces/{trace}{end}") for end in ("", "/timeline"))
    assert (tree["calls"], tree["cost_usd"], len(tree["spans"])) == (0, None, 1)
    assert (drawn["calls"], drawn["call_columns"]["at"], drawn["span_columns"]["depth"]) == (0, [], [0])
