"""What a call cost and why: lines of quantity x rate, and their sum."""

from enum import StrEnum

import msgspec

from farthing.model.usage import INPUT_SIDE, OUTPUT_SIDE


class Grade(StrEnum):
    """How good the evidence for an amount is, best first."""

    BILLED = "billed"
    REPORTED = "reported"
    COMPUTED = "computed"
    ESTIMATED = "estimated"
    UNPRICED = "unpriced"


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

    `amount` is exactly `quantity * rate / per`; rate and amount are None where no rate is known
    (grade unpriced). `rule` says why this rate, where it isn't simply the bucket's own: a fallback, a tier
    without a rate.
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
        return self.amounts[0]

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
        """The sum of all lines, of the input's and of the output's; a fee per request belongs to neither side."""
        if self.status is not CostStatus.COMPUTED and self.status is not CostStatus.ESTIMATED:
            return (None, None, None)
        total = of_input = of_output = 0
        for line in self.lines:
            amount = line.amount or 0
            total += amount
            if line.bucket in INPUT_SIDE:
                of_input += amount
            elif line.bucket in OUTPUT_SIDE:
                of_output += amount
        return (total, of_input, of_output)


UNKNOWN = Cost(CostStatus.UNKNOWN)
"""Nothing is known to price."""
