"""Figures and groups in; how people read them out. Pure."""

from decimal import ROUND_HALF_EVEN, Decimal

from farthing.alerts.verdict import Pairs, Unit

_CENT = Decimal("0.01")


def amount(value: Decimal | None, unit: Unit) -> str:
    """A figure with its unit."""
    if value is None:
        return "unknown"
    if unit == "usd":
        return dollars(value)
    if unit == "ratio":
        return f"{_short(value * 100)} %"
    if unit == "seconds":
        return duration(int(value))
    whole = f"{value.quantize(Decimal(1), ROUND_HALF_EVEN):,f}"
    return f"{whole} ms" if unit == "ms" else f"{whole} {unit}"


def dollars(value: Decimal) -> str:
    """Cents where there are any, else two digits that count."""
    if value == 0:
        return "$0"
    if abs(value) >= _CENT:
        return f"${value.quantize(_CENT, ROUND_HALF_EVEN):,f}" if value > 0 else f"-{dollars(-value)}"
    return f"${_short(value)}"


def _short(value: Decimal) -> str:
    """Two digits that count, or one decimal."""
    if abs(value) >= 1:
        return f"{value.quantize(Decimal('0.1'), ROUND_HALF_EVEN).normalize():f}"
    digits = value.adjusted() - 1
    return f"{value.quantize(Decimal(1).scaleb(digits), ROUND_HALF_EVEN).normalize():f}" if value else "0"


def duration(seconds: int) -> str:
    """A length of time in its largest whole unit, or two of them."""
    if seconds == 86_400:
        return "24 h"
    parts: list[str] = []
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def group(pairs: Pairs) -> str:
    """Which calls: `feature=chat`, or the whole project."""
    return ", ".join(f"{name}={value if value is not None else '(none)'}" for name, value in pairs) or "all calls"
