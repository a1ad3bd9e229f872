"""Names in; "seen before" or "surely not" out: a Bloom filter in two generations, of fixed size whatever comes.

Source: B. H. Bloom, "Space/time trade-offs in hash coding with allowable errors", CACM 13 (1970). With 16 bits and 4
probes a name, about 1 in 400 new names is taken for seen; a seen one is never taken for new.
"""

PROBES = 4
BITS_PER_NAME = 16


class Memory:
    """Remembers at least the last `names` names. Used by one thread."""

    def __init__(self, names: int, since_ns: int) -> None:
        """Empty: nothing before `since_ns` is known."""
        self._names = names
        self._bits = 1 << (names * BITS_PER_NAME - 1).bit_length()
        self._young, self._old = self._empty(), self._empty()
        self._held = 0
        self._young_since = since_ns
        self.since_ns = since_ns
        """Everything added from this moment on is remembered."""

    def _empty(self) -> bytearray:
        return bytearray(self._bits // 8)

    def add(self, name: object, now_ns: int) -> bool:
        """Remember the name; whether it was seen before (rarely also said of one that wasn't)."""
        if self._held >= self._names:
            self._old, self._young = self._young, self._empty()
            self.since_ns, self._young_since = self._young_since, now_ns
            self._held = 0
        code = hash(name)
        step = (code >> 32) | 1
        young = old = True
        for _ in range(PROBES):
            code = (code + step) & (self._bits - 1)
            byte, bit = code >> 3, 1 << (code & 7)
            if not self._young[byte] & bit:
                young = False
                self._young[byte] |= bit
            if not self._old[byte] & bit:
                old = False
        self._held += not young
        return young or old
