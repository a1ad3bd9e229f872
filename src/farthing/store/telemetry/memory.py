"""Names in; "seen before" or "surely not" out: a Bloom filter in two generations, of fixed size whatever comes.

Source: B. H. Bloom, "Space/time trade-offs in hash coding with allowable errors", CACM 13 (1970); F. Putze et al.,
"Cache-, hash-, and space-efficient Bloom filters" (2007), for all bits of a name in one word, which is one look instead of
eight. With 32 bits a name, 4 of them set, about 1 in 1,000 new names is taken for seen; a seen one is never taken for new.
"""

import random
from functools import cache
from itertools import islice

BITS_PER_NAME = 32
_WORD = 64
_SET = 4
_PATTERNS = 4096


@cache
def _patterns() -> tuple[int, ...]:
    # Four bits are drawn at once, and again where two are the same, one time in eleven: a server that starts waits for it.
    drawn = random.Random(1).randbytes(2 * _SET * _PATTERNS)  # noqa: S311  to spread, not to hide
    fours = zip(*(drawn[at::_SET] for at in range(_SET)), strict=True)
    words = (1 << a % _WORD | 1 << b % _WORD | 1 << c % _WORD | 1 << d % _WORD for a, b, c, d in fours)
    return tuple(islice((word for word in words if word.bit_count() == _SET), _PATTERNS))


class Memory:
    """Remembers at least the last `names` names. Used by one thread."""

    def __init__(self, names: int, since_ns: int) -> None:
        """Empty: nothing before `since_ns` is known."""
        self._names = names
        self._bits = _patterns()
        self._words = 1 << ((names * BITS_PER_NAME - 1) // _WORD).bit_length()
        self._young, self._old = self._empty(), self._empty()
        self._held = 0
        self._young_since = since_ns
        self.since_ns = since_ns
        """Everything added from this moment on is remembered."""

    def _empty(self) -> "memoryview[int]":
        # Zeros that nobody has written take no memory yet.
        return memoryview(bytearray(self._words * _WORD // 8)).cast("Q")

    def has(self, name: object) -> bool:
        """Whether the name was seen (rarely also said of one that wasn't)."""
        code = hash(name)
        at = code & self._words - 1
        bits = self._bits[code >> 48 & _PATTERNS - 1]
        return self._young[at] & bits == bits or self._old[at] & bits == bits

    def add(self, name: object, now_ns: int) -> bool:
        """Remember the name; whether it was seen before (rarely also said of one that wasn't)."""
        if self._held >= self._names:
            self._old, self._young = self._young, self._empty()
            self.since_ns, self._young_since = self._young_since, now_ns
            self._held = 0
        code = hash(name)
        at = code & self._words - 1
        bits = self._bits[code >> 48 & _PATTERNS - 1]
        held = self._young[at]
        if held & bits == bits:
            return True
        self._young[at] = held | bits
        self._held += 1
        return self._old[at] & bits == bits
