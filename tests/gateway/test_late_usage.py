"""Usage that responses tell late in; their calls' spans told again with it, each once, out."""

import queue
import threading
from collections.abc import Mapping, Sequence

from farthing.errors import StoreError
from farthing.gateway.late_usage import TRIES, LateUsage, known
from farthing.gateway.records import Attempt
from farthing.model.span import Resource, Scope, Span
from farthing.prepare import Sender

SPAN = Span(
    b"t" * 16, b"s" * 8, b"", "chat m", 3, 10**18, 10**18 + 1, 1, "", Scope("farthing.gateway"), Resource({}),
    {"feature": "f", "farthing.account": "openai"}, (), "k1",
)  # fmt: skip
TOLD = Attempt(
    "", 1, "openai", "openai", "", 5, 6, 200, response_id="r1", finish=["completed"], usage='{"input_tokens":1}',
    created_s=10**9,
)  # fmt: skip
PATIENCE_S = 30


class Ledger:
    """What is known of response r1 at each look, and what was told again."""

    def __init__(self, *looks: Mapping[str, Span | None] | Exception) -> None:
        self.looks = list(looks)
        self.asked: list[Sequence[str]] = []
        self.told: queue.Queue[tuple[Sender, list[Span]]] = queue.Queue()
        self.over = threading.Event()

    def find(self, project_id: str, ids: Sequence[str], between: tuple[int, int]) -> Mapping[str, Span | None]:
        assert (project_id, between) == ("p", (10**18, 10**18))
        self.asked.append(ids)
        found = self.looks.pop(0)
        if not self.looks:
            self.over.set()
        if isinstance(found, Exception):
            raise found
        return found

    def keep(self, sender: Sender, spans: list[Span]) -> None:
        self.told.put((sender, spans))


def late(ledger: Ledger) -> LateUsage:
    """One for which time flies, so nothing has to be waited for."""
    hours = iter(range(0, 10**9, 3600))
    return LateUsage(ledger.find, ledger.keep, lambda: next(hours))


def test_a_call_is_told_again_once() -> None:
    ledger = Ledger({}, StoreError("away"), ValueError("odd"), {"r1": SPAN})
    usage = late(ledger)
    for _ in range(3):
        usage.learn("p", TOLD)
    sender, spans = ledger.told.get(timeout=PATIENCE_S)
    usage.learn("p", TOLD)
    usage.close(PATIENCE_S)
    assert (sender, spans) == (Sender("p", "k1"), [known(SPAN, TOLD)])
    assert (len(ledger.asked), ledger.told.empty()) == (4, True)


def test_what_is_known_or_nobodys_is_told_by_nobody() -> None:
    nobodys: list[Mapping[str, Span | None]] = [{}] * TRIES
    for looks in ([{"r1": None}], nobodys):
        ledger = Ledger(*looks)
        usage = late(ledger)
        usage.learn("p", TOLD)
        assert ledger.over.wait(PATIENCE_S)
        usage.close(PATIENCE_S)
        assert ledger.told.empty()


def test_what_tells_nothing_starts_nothing() -> None:
    ledger = Ledger()
    usage = late(ledger)
    for nothing in (Attempt("", 1, "", "", "", 0), Attempt("", 1, "", "", "", 0, usage="{}", created_s=1)):
        usage.learn("p", nothing)
    usage.close(PATIENCE_S)
    assert ledger.asked == []


def test_it_is_the_same_span_but_for_what_is_known_now() -> None:
    told = known(SPAN, TOLD)
    assert (told.trace_id, told.span_id, told.start_ns, told.key_id) == (b"t" * 16, b"s" * 8, 10**18, "k1")
    assert told.attributes == {
        "feature": "f", "farthing.account": "openai", "farthing.usage": '{"input_tokens":1}',
        "gen_ai.response.finish_reasons": ["completed"],
    }  # fmt: skip
