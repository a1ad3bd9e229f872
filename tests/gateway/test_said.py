"""Whose content is kept, and what of a call is: asked and answered, in one piece and streamed, behind the gate without secrets."""

from pathlib import Path
from typing import Any

import pytest
from gateway.test_answering import Gate
from gateway.test_records import PASSED
from stub_provider import StubProvider
from stub_provider.served import TEXT

from farthing.access.credentials import Credential
from farthing.access.identity import Identity, Scope
from farthing.gateway import said as content
from farthing.gateway import telling
from farthing.gateway.records import Attempt, Record, spans
from farthing.gateway.said import Said, is_kept
from farthing.gateway.telling import Telling, Told
from farthing.model.span import Span
from farthing.normalize.messages import messages
from farthing.normalize.trace import calls_of
from farthing.privacy import taking
from farthing.privacy.scrub import scrub_all
from farthing.routing.plan import Guard, KeepsContent, Plan, Retries, Target

SECRET = "sk-" + "a1" * 20
KEPT: dict[str, Any] = {"keeps_content": KeepsContent.ALWAYS}


@pytest.mark.parametrize(
    ("rule", "asked", "key", "kept"),
    [
        ("by_key", "", False, False),
        ("by_key", "", True, True),
        ("by_key", "keep", False, False),
        ("by_key", "none", True, False),
        ("asked", "", True, False),
        ("asked", "Keep", False, True),
        ("asked", "no", True, False),
        ("always", "", False, True),
        ("always", "off", False, False),
        ("never", "keep", True, False),
    ],
)
def test_a_client_may_forbid_and_may_not_allow_itself(rule: str, asked: str, key: bool, kept: bool) -> None:
    assert is_kept(KeepsContent(rule), asked, key_keeps=key) is kept


class Hearing:
    is_failing = False

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.records: list[Record] = []

    def tell(self, calls: Any) -> None:
        self.told += calls

    def cost_of(self, _: Record) -> str:
        return ""


class KeepingKeys:
    def known(self, credential: Credential) -> Identity | None:  # noqa: ARG002  nobody is
        return None

    async def identify(self, credential: Credential) -> Identity:  # noqa: ARG002  any will do
        return Identity("shop", "key", frozenset({Scope.GATEWAY}), keeps_content=True)


class Kept(Gate):
    """Calls, and what is kept of what was said in each."""

    def __init__(self, provider: StubProvider, data: Path) -> None:
        super().__init__(provider, data)
        self.hearing = Hearing()
        self.heard: Any = self.hearing
        self.gateway._answering._telling = self.heard  # pyright: ignore[reportPrivateUsage]

    def last(self) -> tuple[list[Span], dict[bytes, Any]]:
        told = self.hearing.told[-1]
        made = spans(told.record)
        made = content.told(made, told.said) if told.said else made
        return made, {one.span_id: one.attributes for one in taking.of_spans(made, scrub_all(made))}

    def said(self) -> Any:
        made, kept = self.last()
        return messages(kept[made[-1].span_id])

    def texts(self) -> tuple[list[Any], list[Any]]:
        said = self.said()
        asked, answered = ([part.text for one in side for part in one.parts] for side in (said.input, said.output))
        return asked, [text and text.strip() for text in answered]  # a stream's last word has a blank behind it


@pytest.fixture
def kept(tmp_path: Path) -> Any:
    with StubProvider() as provider:
        made = Kept(provider, tmp_path)
        yield made
        made.close()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/completions"])
def test_what_was_asked_and_answered_is_kept(kept: Kept, path: str, stream: bool) -> None:
    model = "claude-haiku-4-5" if path == "/v1/messages" else "gpt-4o-mini"
    more: dict[str, Any] = (
        {"input": "How?"} if path == "/v1/responses" else {"prompt": "How?"} if "chat" not in path else {}
    )
    if path in ("/v1/responses", "/v1/completions"):
        more["messages"] = None
    asked = "How?" if more.get("messages", 1) is None else "How are you, ann@example.com?"
    got = kept.ask(KEPT, path, model=model, max_tokens=50, stream=stream, headers={"accept-encoding": "gzip"}, **more)
    assert got.status == 200
    assert kept.texts() == ([asked], [TEXT])
    made, _ = kept.last()
    plain = spans(kept.hearing.told[-1].record)
    assert calls_of(scrub_all(made)) == calls_of(plain), "content changes nothing about the call"
    assert all(TEXT not in str(one.attributes) for one in scrub_all(made))


def test_what_else_is_said(kept: Kept) -> None:
    system = [{"role": "system", "content": f"The key is {SECRET}."}, {"role": "user", "content": "x"}]
    data = "data:image/png;base64," + "iVBO" * 20_000
    picture = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": data}}]}
    tools: list[Any] = [{"type": "function", "function": {"name": "weather", "parameters": {}}}]
    for stream in (False, True):
        kept.ask(KEPT, messages=[*system, picture], tools=tools, stream=stream)
        _, held = kept.last()
        said = kept.said()
        assert SECRET not in str(held)
        assert "[secret removed]" in said.input[0].parts[0].text
        assert "characters of data not kept" in str(said.input[2])
        assert (said.tools, said.output[0].parts[0].name) == (tools, "weather")
        assert said.output[0].finish_reason == "tool_calls"
    kept.ask(KEPT, "/v1/embeddings", model="text-embedding-3-small", input=["a", "b"], messages=None)
    assert kept.texts() == (["a", "b"], [])
    kept.ask(KEPT, "/v1/messages", model="claude-haiku-4-5", max_tokens=9, system="Be kind.")
    assert kept.said().system[0].text == "Be kind."


def test_the_prompt_of_the_variant_is_part_of_it_and_so_is_what_the_cache_gives(kept: Kept) -> None:
    plan = {**KEPT, "cache_ttl_s": 60, "system_prompt": "Be {{ how }}."}
    for _ in range(2):
        kept.ask(plan, input={"how": "calm"})
        asked, answered = kept.texts()
        assert (asked[0], answered) == ("Be calm.", [TEXT])
    assert len(kept.provider.requests) == 1


def test_the_key_says_so_and_the_client_may_forbid_it(kept: Kept) -> None:
    kept.ask({})
    assert kept.hearing.told[-1].said is None
    kept.gateway._keys = KeepingKeys()  # pyright: ignore[reportPrivateUsage]
    kept.ask({})
    assert kept.hearing.told[-1].said is not None
    for header in ("x-farthing-content", "x-llmops-content"):
        kept.ask({}, headers={header: "none"})
        assert kept.hearing.told[-1].said is None
        assert "content" not in str(kept.provider.requests[-1])[-40:]


def test_an_answer_that_a_guard_kept_back_is_not_kept(kept: Kept) -> None:
    guard = Guard("g", "regex", "response", "block", {"pattern": "."})
    assert kept.ask({**KEPT, "guards": (guard,)}).code == "guard_blocked"
    asked, answered = kept.texts()
    assert (len(asked), answered) == (1, [])


def test_each_attempt_tells_what_was_asked_and_the_last_what_was_answered(kept: Kept) -> None:
    broken = kept.account.__class__("bad", "bad", "openai", f"{kept.provider.url}/nowhere", "sk")
    plan = Plan((Target(broken, ""), Target(kept.account, "")), retries=Retries(1), **KEPT)
    assert kept.by(plan).status == 200
    made, held = kept.last()
    around, first, last = (messages(held[span.span_id]) for span in made)
    assert first.input == last.input == around.input
    assert not first.output
    assert last.output == around.output
    assert len(calls_of(scrub_all(made))) == 2
    assert kept.by(Plan((Target(broken, ""),), **KEPT)).status == 404
    _, answered = kept.texts()
    assert answered == []


def test_what_is_too_large_or_no_json_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MOST_HELD", 10)
    (span,) = spans(Record(PASSED, [Attempt(PASSED.id, 1, "openai", "openai", "gpt-4o", 1, 5)]))
    for asked, answered in ((b"\xff", b'{"choices"'), (b"[1]", b'{"text": "0123456789"}'), (b"", b"")):
        said = Said()
        said._status = 200  # pyright: ignore[reportPrivateUsage]
        said._hear({"type": "http.response.body", "body": answered})  # pyright: ignore[reportPrivateUsage]
        said.over(asked)
        assert content.told([span], said) == [span]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "MOST_SAID", 100)
    nobody: Any = None
    waits = Telling(nobody, nobody, nobody, nobody, nobody, nobody)
    record = Record(PASSED, [])
    told: list[Told] = []
    for _ in range(3):
        said = Said()
        said.over(b"x" * 40)
        told.append(Told(record, said=said))
    waits.tell(told)
    assert [one.said is not None for one in told] == [True, True, False]
