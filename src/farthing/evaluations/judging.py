"""Calls and a rule in; what is said of each, or why nothing can be, out. Nothing is kept here."""

import hashlib
from collections.abc import Sequence

import msgspec

from farthing.evaluations import prompting, said
from farthing.evaluations.asking import Answer, Asking, question
from farthing.evaluations.evaluators import Judge, Verdict, of_text
from farthing.evaluations.prompting import UnreadableError
from farthing.evaluations.rule import Rule
from farthing.evaluations.said import Said
from farthing.model.score import Score, ScoreSource, Target
from farthing.query import sampled
from farthing.query.sampled import Sampled
from farthing.shapes import Shape
from farthing.store.telemetry.engine import Engine

LONGEST_REASON = 100
_NEVER_BETTER = (400, 404, 413, 422)
"""Of answers that refuse a judge's call: asked again they would be the same."""


class Outcome(msgspec.Struct, frozen=True):
    """Of one call: a verdict, or the reason why there is none. `was_said` is None where no content is kept."""

    call: Sampled
    was_said: Said | None
    verdict: Verdict | None = None
    reason: str = ""
    request_id: str = ""
    """Of the judge's call, if that was answered."""
    was_asked: bool = False
    is_final: bool = True


class _Wrong(msgspec.Struct):
    message: str = ""
    code: str | int | None = None
    type: str | None = None


class _Refusal(msgspec.Struct):
    error: _Wrong


_read_refusal = Shape(_Refusal).of_json


def read(engine: Engine, project_id: str, calls: Sequence[Sampled]) -> list[tuple[Sampled, Said | None]]:
    """Each with what was said, where that is kept. Raises `StoreError`."""
    held = sampled.contents(engine, project_id, calls)
    found: list[tuple[Sampled, Said | None]] = []
    for call in calls:
        told = (said.of_span(one.attributes, one.events, one.values, was_cut=one.cut) for one in held[call.id])
        found.append((call, next((one for one in told if one is not None), None)))
    return found


def judge(rule: Rule, told: Sequence[tuple[Sampled, Said | None]], asking: Asking) -> list[Outcome]:
    """What is said of each. Raises `BusyError`."""
    if rule.judge is not None:
        return _asked(rule, rule.judge, told, asking)
    check = of_text(rule.evaluator)
    return [
        Outcome(call, one, check(one.output) if one is not None else None, "" if one is not None else "no content kept")
        for call, one in told
    ]


def score(rule: Rule, outcome: Outcome, verdict: Verdict, now_ns: int) -> Score:
    """A verdict as a score of its call. The same call judged by the same version of a rule gives the same id."""
    made_of = f"{rule.id}:{rule.version}:{outcome.call.id}".encode()
    metadata = {
        "evaluation_id": rule.id,
        "evaluation_version": rule.version,
        "evaluator": rule.evaluator.__struct_config__.tag,
        **({"judge_request_id": outcome.request_id} if outcome.request_id else {}),
        **({"judged_cut_content": True} if outcome.was_said and outcome.was_said.was_cut else {}),
    }
    return Score(
        outcome.call.trace_id, outcome.call.span_id, rule.name, verdict.value, verdict.label, verdict.why,
        ScoreSource.API, now_ns, hashlib.blake2b(made_of, digest_size=16, person=b"evaluation").hexdigest(),
        verdict.kind, target=Target.OBSERVATION, origin="EVAL", metadata=metadata,
        environment=outcome.call.environment, created_ns=now_ns,
    )  # fmt: skip


def _asked(rule: Rule, judge_: Judge, told: Sequence[tuple[Sampled, Said | None]], asking: Asking) -> list[Outcome]:
    kept = [(call, one) for call, one in told if one is not None]
    answers = asking.answers([question(rule, judge_, one) for _, one in kept])
    by_call = {call.id: _read(judge_, call, one, answer) for (call, one), answer in zip(kept, answers, strict=True)}
    return [by_call.get(call.id) or Outcome(call, None, reason="no content kept") for call, _ in told]


def _read(judge_: Judge, call: Sampled, one: Said, answer: Answer) -> Outcome:
    asked = Outcome(call, one, request_id=answer.request_id if answer.status == 200 else "", was_asked=True)
    if answer.status != 200:
        is_final = answer.status in _NEVER_BETTER
        return msgspec.structs.replace(asked, reason=_refused(answer)[:LONGEST_REASON], is_final=is_final)
    try:
        return msgspec.structs.replace(asked, verdict=prompting.verdict(judge_, answer.body))
    except UnreadableError as error:
        return msgspec.structs.replace(asked, reason=str(error)[:LONGEST_REASON], is_final=False)


def _refused(answer: Answer) -> str:
    if answer.status == 0:
        return "the judge did not answer in time"
    try:
        wrong = _read_refusal(answer.body).error
        what = str(wrong.code or wrong.type or "")
    except msgspec.DecodeError:
        what = ""
    return f"the judge's call was answered with {answer.status}{f' ({what})' if what else ''}"
