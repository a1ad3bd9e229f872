"""A text in; the kinds of personal data that seem to stand in it, out. Pure.

Numbers that carry a check digit are only taken for what they look like if it is right.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_PHONE = re.compile(
    r"(?<![\w.+])(?:\+\d(?:[ ().-]{0,2}\d){7,14}|\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}[ .-]\d{3}[ .-]\d{4})(?![\w-]|\.\d)"
)
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_CARD = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-]|\.\d)")
_SSN = re.compile(r"(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV4 = re.compile(rf"(?<![\w.-]){_OCTET}(?:\.{_OCTET}){{3}}(?![\w-]|\.\d)")
_MOD = 97


def found(text: str, kinds: Iterable[str]) -> Iterator[str]:
    """Those of these kinds that stand in it."""
    for kind in kinds:
        if KINDS[kind](text):
            yield kind


def _any(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.search(text) is not None


def _iban(text: str) -> bool:
    return any(_is_iban(match[0].replace(" ", "")) for match in _IBAN.finditer(text))


def _is_iban(told: str) -> bool:
    """ISO 13616: the first four go to the end, letters count from 10, and the remainder by 97 is 1."""
    return int("".join(str(int(one, 36)) for one in told[4:] + told[:4])) % _MOD == 1


def _card(text: str) -> bool:
    return any(_has_luhn(match[0]) for match in _CARD.finditer(text))


def _has_luhn(told: str) -> bool:
    """ISO/IEC 7812: every second digit from the right counts twice, its digits added; the sum ends in 0."""
    digits = [int(one) for one in reversed(told) if one.isdigit()]
    return sum(digits[0::2]) % 10 == -sum(sum(divmod(2 * one, 10)) for one in digits[1::2]) % 10 and any(digits)


KINDS: Mapping[str, Callable[[str], bool]] = {
    "email": _any(_EMAIL),
    "phone": _any(_PHONE),
    "iban": _iban,
    "card": _card,
    "ssn": _any(_SSN),
    "ipv4": _any(_IPV4),
}
"""What can be looked for."""
