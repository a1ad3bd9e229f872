"""When prices were brought together, when calls came in and what bills say, in; whether something is amiss out. Pure."""

from decimal import Decimal

from farthing.alerts import wording
from farthing.alerts.checks.looking import Look
from farthing.alerts.rule import length
from farthing.alerts.sums import NOTHING, RATIO, Drift
from farthing.alerts.verdict import Verdict
from farthing.query.moments import NS, rfc3339

NO_BILL = (
    "This can't be judged: no bill of a provider was compared with what was reckoned, and none can be entered yet."
)
SEEN_BEFORE = "7d"
"""Who had calls within this time before a window should have some in it."""


def stale_prices(look: Look) -> list[Verdict]:
    """Price data that is older than the rule's window."""
    known_at = look.answers.prices_known_at()
    limit = Decimal(look.rule.window_s)
    if known_at is None:
        return [_unjudged(look, "Nobody knows how old the price data is.")]
    age = Decimal(max(0, look.at - known_at))
    return [
        Verdict(
            firing=age >= limit,
            actual=age,
            upper=limit,
            unit="seconds",
            since_ns=(known_at + look.rule.window_s) * NS if age >= limit else None,
            window=look.window,
            why=f"The price data is of {rfc3339(known_at * NS)}: {wording.duration(int(age))} old; the limit is {wording.duration(int(limit))}.",
        )
    ]


def silent(look: Look) -> list[Verdict]:
    """No calls in the window, though there were some before."""
    compare = look.rule.compare
    before_s = length("compare.past", compare.past if compare and compare.past else SEEN_BEFORE)
    before = look.answers.sums(look.where, look.start - before_s, look.start)
    now = look.answers.sums(look.where, look.start, look.at)
    verdicts: list[Verdict] = []
    for group in look.groups(before, now):
        calls, seen = now.get(group, NOTHING).calls, before.get(group, NOTHING).calls
        judged = bool(calls or seen)
        said = f"{calls:,} calls came in the last {wording.duration(look.rule.window_s)}"
        verdicts.append(
            Verdict(
                group=look.where.pairs(group),
                firing=judged and not calls and seen >= look.rule.least_calls,
                judged=judged,
                actual=Decimal(calls),
                expected=Decimal(seen) * look.rule.window_s / before_s,
                lower=Decimal(1),
                unit="calls",
                window=look.window,
                why=f"{said}, {seen:,} in the {wording.duration(before_s)} before." if judged else "No call ever came.",
            )
        )
    return verdicts


def drift(look: Look) -> list[Verdict]:
    """Bills that say something else than what was reckoned."""
    found = look.answers.drifts(look.rule.project_id)
    if not found:
        return [_unjudged(look, NO_BILL)]
    return [_drifted(look, one) for one in found]


def _drifted(look: Look, found: Drift) -> Verdict:
    limit = look.rule.limit or Decimal(0)
    apart = abs(found.billed - found.reckoned)
    ratio = (apart / found.billed).quantize(RATIO) if found.billed else None
    return Verdict(
        group=found.group,
        firing=ratio is not None and ratio >= limit and apart >= look.rule.least_usd,
        judged=ratio is not None,
        actual=ratio,
        upper=limit,
        unit="ratio",
        window=(found.start_ns, found.end_ns),
        why=(
            f"{wording.dollars(found.billed)} were billed and {wording.dollars(found.reckoned)} reckoned: "
            f"{wording.amount(ratio, 'ratio')} apart; the limit is {wording.amount(limit, 'ratio')}."
        ),
    )


def _unjudged(look: Look, why: str) -> Verdict:
    return Verdict(firing=False, judged=False, unit="ratio", window=look.window, why=why, calm=False)
