"""Cases of runs column by column: what comparisons and summaries are made of, as it is read."""

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from farthing.experiments.case import Case, Kind, Run, Value

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

UNKNOWN = -1
"""Of a number of milliseconds or tokens."""


class Given(msgspec.Struct, frozen=True):
    """One score, of the cases that have it."""

    name: str
    cases: Ints
    """Which they are, each once."""
    numbers: Floats
    """NaN of a label; 1 and 0 of yes and no."""
    yes_no: Flags
    labels: Sequence[str]
    """"" of a number."""

    @property
    def kind(self) -> Kind:
        """What its values are."""
        return kind_of(self.numbers, self.yes_no)

    def value(self, at: int) -> Value:
        """One of its values."""
        if self.labels[at]:
            return self.labels[at]
        return bool(self.numbers[at]) if self.yes_no[at] else float(self.numbers[at])

    def word(self, at: int) -> str:
        """The same as a word."""
        value = self.value(at)
        return str(value).lower() if isinstance(value, bool) else str(value)


class Table(msgspec.Struct, frozen=True):
    """Cases of some runs, of each item one in a run. None and -1 are unknown, and never zero."""

    runs: Sequence[Run]
    run: Ints
    """Which of `runs` each case is of."""
    items: Sequence[str]
    costs: Sequence[int | None]
    """In units of 10^-24 dollars (see `model.money`), without what evaluating cost."""
    latency_ms: Ints
    input_tokens: Ints
    output_tokens: Ints
    errors: Sequence[str]
    traces: Sequence[bytes]
    spans: Sequence[bytes]
    scores: Sequence[Given]
    """By name."""

    def of(self, run: int) -> Ints:
        """The cases of a run."""
        return np.flatnonzero(self.run == run)

    def case(self, at: int) -> Case:
        """One of them."""
        scores: dict[str, Value] = {}
        for given in self.scores:
            found = np.flatnonzero(given.cases == at)
            if found.size:
                scores[given.name] = given.value(int(found[0]))
        latency, read, written = (
            None if one[at] == UNKNOWN else int(one[at])
            for one in (self.latency_ms, self.input_tokens, self.output_tokens)
        )
        trace, span = self.traces[at], self.spans[at]
        return Case(
            self.items[at], scores, self.costs[at], latency, read, written, self.errors[at],
            trace.hex() if any(trace) else "", span.hex() if any(span) else "",
        )  # fmt: skip


def kind_of(numbers: Floats, yes_no: Flags) -> Kind:
    """What these values are."""
    words = np.isnan(numbers)
    if words.any():
        return Kind.CATEGORICAL if words.all() else Kind.MIXED
    return Kind.BOOLEAN if yes_no.all() else Kind.NUMERIC
