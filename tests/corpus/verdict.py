"""The calls that we read from one recorded case and what the provider really served in; how they differ out."""

from typing import Any

import msgspec
from corpus import recording

from farthing.model.call import Call, Status

PARTS = {
    "cached_input_tokens": "cache_read",
    "cache_write_tokens": "cache_write",
    "reasoning_tokens": "reasoning",
    "audio_input_tokens": "audio_input",
    "audio_output_tokens": "audio_output",
}
"""The truth's name of a part → ours."""


class Verdict(msgspec.Struct):
    """What is wrong with a case, and what is merely unknown; nothing of either: exact."""

    wrong: list[str] = []
    missing: int = 0
    """Calls that were served and that we don't see."""
    tokens_unknown: int = 0
    """Calls whose input or output we don't know."""
    parts_unknown: int = 0
    """Calls of which a part of the input or output that was not zero is unknown."""
    crashed: int = 0
    """Calls that were served and that we see as failed."""
    other_ids: int = 0
    """Calls that carry an id of the library's own making in place of the provider's."""

    @property
    def exact(self) -> bool:
        """Whether every call is there with all that was served."""
        return self == Verdict()


def of(case: str) -> Verdict:
    """Ours against the truth."""
    served = [call for call in recording.truth(case) if not call.get("error")]
    refused = [call for call in recording.truth(case) if call.get("error")]
    owners = [call for call in recording.calls(case) if call.owner is None]
    good = [call for call in owners if call.status is Status.OK]
    bad = [call for call in owners if call.status is Status.ERROR]
    verdict = Verdict()
    if len(good) > len(served):
        verdict.wrong.append(f"{len(good)} calls, served were {len(served)}")
    verdict.crashed = max(0, min(len(bad) - len(refused), len(served) - len(good)))
    verdict.missing = max(0, len(served) - len(good) - verdict.crashed)
    if len(bad) != len(refused) + verdict.crashed:
        verdict.wrong.append(f"{len(bad)} errors, refused were {len(refused)}")
    verdict.wrong.extend("an error with usage" for call in bad if call.usage.buckets)
    for ours, truth in _pairs(good, served):
        _compare(verdict, ours, truth)
    return verdict


def _compare(verdict: Verdict, ours: Call, truth: dict[str, Any]) -> None:
    if ours.response_id and truth.get("response_id") and ours.response_id != truth["response_id"]:
        verdict.other_ids += 1
    tokens = (ours.usage.input_tokens, ours.usage.output_tokens)
    true = (truth["input_tokens_including_cache"], truth["output_tokens_including_reasoning"])
    if None in tokens:
        verdict.tokens_unknown += 1
    if any(one not in (None, other) for one, other in zip(tokens, true, strict=True)):
        verdict.wrong.append(f"tokens {tokens}, served {true}")
    lost = False
    for name, part in PARTS.items():
        told = _part(ours, part)
        lost = lost or (told is None and truth[name] != 0)
        if told not in (None, truth[name]):
            verdict.wrong.append(f"{part} {told}, served {truth[name]}")
    verdict.parts_unknown += lost and None not in tokens


def _part(call: Call, part: str) -> int | None:
    if part == "cache_write":
        return call.usage.cache_write_tokens
    return call.usage.buckets.get(part)


def _pairs(good: list[Call], served: list[dict[str, Any]]) -> list[tuple[Call, dict[str, Any]]]:
    """Each of ours with the served call it means: by response id, else the one whose tokens are nearest."""
    left = list(served)
    pairs: list[tuple[Call, dict[str, Any]]] = []
    for call in sorted(good, key=lambda c: not c.response_id):
        if not left:
            break
        truth = min(left, key=lambda t: _distance(call, t))
        left.remove(truth)
        pairs.append((call, truth))
    return pairs


def _distance(call: Call, truth: dict[str, Any]) -> tuple[bool, bool, bool]:
    return (
        not (call.response_id and call.response_id == truth.get("response_id")),
        call.usage.input_tokens != truth["input_tokens_including_cache"],
        call.usage.output_tokens != truth["output_tokens_including_reasoning"],
    )
