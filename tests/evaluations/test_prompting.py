"""Templates and answers of judges in; what is asked, and the verdict or why there is none, out."""

import json

import pytest

from farthing.evaluations import prompting
from farthing.evaluations.evaluators import Judge
from farthing.evaluations.prompting import UnreadableError
from farthing.model.score import DataType

NUMBER = Judge("Q: {input} A: {output}", model="gpt-4o-mini")
LABEL = Judge("{output}", config="judges", categories=("Good", "Bad"))
CLAUDE = Judge("{output}", model="claude-haiku-4-5", api="messages")


def chat(said: object) -> bytes:
    return json.dumps({"choices": [{"message": {"content": said}}]}).encode()


def test_places_are_filled_once_and_what_is_asked_has_a_form() -> None:
    asked = json.loads(prompting.body(NUMBER, "say {output}", "{input}!"))
    assert asked["model"] == "gpt-4o-mini"
    (message,) = asked["messages"]
    assert message["content"].startswith("Q: say {output} A: {input}!\n\n")
    assert '{"score": a number from 0 to 1, "reason": one sentence}' in message["content"]
    named = json.loads(prompting.body(LABEL, "", "x"))
    assert "model" not in named
    assert '{"category": one of Good, Bad,' in named["messages"][0]["content"]
    assert json.loads(prompting.body(CLAUDE, "", "x"))["max_tokens"] > 0


def test_of_what_is_very_long_the_end_of_the_input_is_shown_and_the_beginning_of_the_output() -> None:
    told = prompting.text(NUMBER, "a" * 100_000 + "Z", "B" + "c" * 100_000)
    assert "Z A: B" in told
    assert len(told) < 2 * prompting.LONGEST_SAID + 500


@pytest.mark.parametrize(
    ("judge", "answer", "value", "label", "why"),
    [
        (NUMBER, chat('{"score": 0.25, "reason": "rude"}'), 0.25, "", "rude"),
        (NUMBER, chat('```json\n{"score": 1}\n```'), 1.0, "", ""),
        (NUMBER, chat('I think {"score": "0.5", "reason": null} is fair'), 0.5, "", ""),
        (NUMBER, chat("0.75"), 0.75, "", ""),
        (NUMBER, chat([{"type": "text", "text": '{"score": 0}'}]), 0.0, "", ""),
        (LABEL, chat('{"category": "good", "reason": "warm"}'), None, "Good", "warm"),
        (LABEL, chat(" Bad."), None, "Bad", ""),
        (CLAUDE, json.dumps({"content": [{"type": "text", "text": '{"score": 0.1}'}]}).encode(), 0.1, "", ""),
    ],
)
def test_what_a_judge_says(judge: Judge, answer: bytes, value: float | None, label: str, why: str) -> None:
    said = prompting.verdict(judge, answer)
    assert (said.value, said.label, said.why) == (value, label, why)
    assert said.kind is (DataType.NUMERIC if label == "" else DataType.CATEGORICAL)


@pytest.mark.parametrize(
    ("judge", "answer", "why"),
    [
        (NUMBER, chat(""), "the judge answered nothing"),
        (NUMBER, chat(None), "the judge answered nothing"),
        (NUMBER, chat("very good"), "the judge told no number"),
        (NUMBER, chat('{"score": true}'), "the judge told no number"),
        (NUMBER, chat('{"score": 7}'), "the judge's number is not from 0 to 1"),
        (LABEL, chat('{"category": "so so"}'), "the judge named none of the categories"),
        (NUMBER, b"<html>", "the judge's answer has another form than its API's"),
        (NUMBER, b'{"choices": []}', "the judge's answer has another form than its API's"),
        (CLAUDE, chat("0.5"), "the judge's answer has another form than its API's"),
    ],
)
def test_what_says_no_score_is_none(judge: Judge, answer: bytes, why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        prompting.verdict(judge, answer)
