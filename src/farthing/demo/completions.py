"""A model asked at a time in; what came of it out: tokens, caches, latency to the first and the last token, or a failure."""

from farthing.demo.anomalies import RUNAWAY_OUTPUT, RUNAWAY_REASONING
from farthing.demo.company import Feature, Model
from farthing.demo.dialects import Made
from farthing.demo.draws import Dice, lognormal, weighted
from farthing.demo.failures import FAILURES, Failure, Kind
from farthing.demo.season import Outage
from farthing.demo.visitors import Visit

_USUAL = 5_200
"""Calls that fail on an ordinary day, of 2^20."""
_IN_OUTAGE = 380_000
_KINDS = weighted({Kind.RATE_LIMIT: 34, Kind.SERVER: 36, Kind.TIMEOUT: 22, Kind.TOO_LONG: 8})
_WAIT = lognormal(1000, 0.38)
_PACE = lognormal(1000, 0.22)
_FINISH = {reason: [reason] for reason in ("stop", "length", "tool_calls", "content_filter")}
_CACHE_LEAST = 1024
_CACHE_STEP = 128
_ALL_MODELS_LIMIT = 128_000


class Weather:
    """How each provider is doing at the moment."""

    def __init__(self, outages: list[Outage]) -> None:
        self._coming = outages[::-1]
        self._now: dict[str, Outage] = {}
        self.risk = _USUAL
        """A roll of 20 bits below this may be a failure; any other is none."""

    def at(self, now_ns: int) -> None:
        """Move on to this time; it never goes back."""
        while self._coming and self._coming[-1].start_ns <= now_ns:
            outage = self._coming.pop()
            self._now[outage.provider] = outage
        for provider in [name for name, outage in self._now.items() if outage.end_ns <= now_ns]:
            del self._now[provider]
        self.risk = _IN_OUTAGE if self._now else _USUAL

    def failure(self, model: Model, dice: Dice, roll: int) -> Failure | None:
        """Whether a call fails now, by a roll of 20 bits, and how."""
        outage = None if model.host else self._now.get(model.provider)
        if roll >= (_USUAL if outage is None else _IN_OUTAGE):
            return None
        kind = _KINDS[dice.bits(10)] if outage is None else Kind(outage.kind)
        return FAILURES[model.provider][kind]


class Completions:
    """What one feature's calls come to."""

    def __init__(self, feature: Feature, weather: Weather, dice: Dice) -> None:
        self._feature = feature
        self._weather = weather
        self._dice = dice
        self._body = lognormal(feature.body, feature.body_sigma)
        self._output = lognormal(feature.output, feature.output_sigma) if feature.output else (0,)
        self._output_mask = len(self._output) - 1
        self._reasoning = lognormal(feature.reasoning, 0.7) if feature.reasoning else ()
        self._finish = weighted({"tool_calls": feature.tools, "content_filter": 3, "stop": 1021 - feature.tools})
        self._most = int(feature.request.get("gen_ai.request.max_tokens", _ALL_MODELS_LIMIT))

    def make(self, model: Model, start_ns: int, longest_ns: int, visit: Visit, percent: int) -> Made:
        """One call within a visit; `percent` scales its prompt."""
        feature = self._feature
        dice = self._dice
        bits = dice.bits(60)
        more = dice.bits(52)
        streamed = (more >> 20 & 1023) < feature.streamed
        roll = more & 0xFFFFF
        failure = self._weather.failure(model, dice, roll) if roll < self._weather.risk else None
        if failure is not None:
            return _failed(failure, start_ns, longest_ns, bits & 0xFFFF, streamed=streamed)
        prefix = (feature.prefix + feature.growth * visit.turn) * percent // 100
        tokens = prefix + self._body[bits & 4095] * percent // 100
        cached = written = 0
        if feature.cached and prefix >= _CACHE_LEAST:
            cached, written = self._cache(model, prefix, bits >> 48 & 1023)
        output = self._output[bits >> 12 & self._output_mask]
        if visit.terse:
            output = output * 7 // 10 + 1
        finish = self._finish[more >> 30 & 1023]
        if output >= self._most:
            output, finish = self._most, "length"
        reasoning = self._reasoning[more >> 40] if self._reasoning and model.reasons else 0
        waited = model.first_token_us * _WAIT[bits >> 24 & 4095]
        waited += (tokens - cached) * model.prefill_ns + reasoning * model.token_us * 1000
        written_out = output * model.token_us * _PACE[bits >> 36 & 4095]
        took = waited + written_out + (more & 1023)
        if took > longest_ns:
            took = longest_ns
            waited = min(waited, took)
        told = not streamed or (more >> 30 & 1023) >= feature.blind
        return Made(
            start_ns, start_ns + took, waited, tokens, cached, written, output + reasoning, reasoning,
            streamed, told, _FINISH[finish], None,
        )  # fmt: skip

    def refused(self, model: Model, start_ns: int, longest_ns: int) -> Made:
        """One call too many."""
        failure = FAILURES[model.provider][Kind.RATE_LIMIT]
        return _failed(failure, start_ns, longest_ns, self._dice.bits(16), streamed=False)

    def runaway(self, model: Model, start_ns: int, longest_ns: int) -> Made:
        """The one call that writes until the model's limit."""
        tokens = self._feature.prefix + self._feature.body
        waited = model.first_token_us * 1000 + RUNAWAY_REASONING * model.token_us * 1000
        took = min(waited + (RUNAWAY_OUTPUT - RUNAWAY_REASONING) * model.token_us * 1000, longest_ns)
        return Made(
            start_ns, start_ns + took, min(waited, took), tokens, 0, 0, RUNAWAY_OUTPUT, RUNAWAY_REASONING,
            True, True, _FINISH["length"], None,
        )  # fmt: skip

    def _cache(self, model: Model, prefix: int, roll: int) -> tuple[int, int]:
        """Tokens read from the provider's cache, and written to it."""
        hit = roll < self._feature.cached
        if model.provider == "anthropic":
            return (prefix, 0) if hit else (0, prefix)
        return (prefix // _CACHE_STEP * _CACHE_STEP if hit else 0), 0


def _failed(failure: Failure, start_ns: int, longest_ns: int, roll: int, *, streamed: bool) -> Made:
    """By a roll of 16 bits it took longer or shorter."""
    took = (failure.least_us + (failure.spread_us * roll >> 16)) * 1000
    end = start_ns + min(took, longest_ns)
    return Made(start_ns, end, 0, 0, 0, 0, 0, 0, streamed, False, _FINISH["stop"], failure)
