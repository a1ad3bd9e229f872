"""What a call cost and why: lines of quantity x rate, and their sum."""

from enum import StrEnum

import msgspec

from farthing.model.usage import INPUT_SIDE, OUTPUT_SIDE, Bucket

_AS_INPUT = INPUT_SIDE | {
    Bucket.CHARACTERS.value,
    Bucket.AUDIO_SECONDS.value,
    Bucket.INPUT_IMAGES.value,
    Bucket.PAGES.value,
    Bucket.ANNOTATED_PAGES.value,
    Bucket.MESSAGES.value,
}
_AS_OUTPUT = OUTPUT_SIDE | {Bucket.SPEECH_SECONDS.value, Bucket.VIDEO_SECONDS.value, Bucket.IMAGES.value}


class Grade(StrEnum):
    """How good the evidence for an amount is, best first."""

    BILLED = "billed"
    REPORTED = "reported"
    COMPUTED = "computed"
    ESTIMATED = "estimated"
    UNPRICED = "unpriced"

    __hash__ = str.__hash__  # an Enum's own is Python code, and grades are part of keys


class CostStatus(StrEnum):
    """What a call's cost is worth.

    `unpriced`: usage is known but at least one part of it has no rate. `unknown`: usage was not reported,
    so there is nothing to price. Neither is ever shown or added as zero.
    """

    COMPUTED = "computed"
    ESTIMATED = "estimated"
    UNPRICED = "unpriced"
    UNKNOWN = "unknown"


class Line(msgspec.Struct, frozen=True, gc=False):
    """One bucket of a call's usage at one rate. Money is in units of 10^-24 dollars.

    `amount` is exactly `quantity * rate / per`, cut off at 10^-24 dollars where a rate per hour does not divide;
    rate and amount are None where no rate is known (grade unpriced). `rule` says why this rate, where it isn't
    simply the bucket's own: a fallback, a tier without a rate, a discount. `source` names where the rate was
    read and when, "" where that is the source of the whole cost.
    """

    bucket: str
    quantity: int
    unit: str
    rate: int | None
    per: int
    amount: int | None
    grade: Grade
    tier: str = ""
    rule: str = ""
    source: str = ""


class Cost(msgspec.Struct, frozen=True, gc=False):
    """The lines of one call and where their rates come from."""

    status: CostStatus
    lines: tuple[Line, ...] = ()
    price_version: str = ""
    source: str = ""
    rule: str = ""
    matched_model: str = ""

    @property
    def amount(self) -> int | None:
        """The sum of all lines; None unless every line is priced."""
        if self.status is not CostStatus.COMPUTED and self.status is not CostStatus.ESTIMATED:
            return None
        total = 0
        for line in self.lines:  # a list to sum takes twice as long
            total += line.amount or 0
        return total

    @property
    def input_amount(self) -> int | None:
        """The input side of `amount`."""
        return self.amounts[1]

    @property
    def output_amount(self) -> int | None:
        """The output side of `amount`."""
        return self.amounts[2]

    @property
    def amounts(self) -> tuple[int | None, int | None, int | None]:
        """The sum of all lines, of the input's and of the output's; fees for requests and tools belong to neither."""
        if self.status is not CostStatus.COMPUTED and self.status is not CostStatus.ESTIMATED:
            return (None, None, None)
        total = of_input = of_output = 0
        for line in self.lines:
            amount = line.amount or 0
            total += amount
            bucket = line.bucket if "." not in line.bucket else line.bucket.partition(".")[0]
            if bucket in _AS_INPUT:
                of_input += amount
            elif bucket in _AS_OUTPUT:
                of_output += amount
        return (total, of_input, of_output)

    @property
    def known_amount(self) -> int:
        """The sum of those lines that have a price: what an unpriced call costs at least."""
        return sum([line.amount for line in self.lines if line.amount is not None])


UNKNOWN = Cost(CostStatus.UNKNOWN)
"""Nothing is known to price."""
