"""Rates of calls by minute in; moments at which incidents are planted, apart from each other, out."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Places:
    """Those that are taken already are kept."""

    def __init__(self, rng: np.random.Generator, rates: Floats, within: tuple[int, int]) -> None:
        """`within`: the first minute that may be drawn, and the first one after."""
        self._rng, self._within = rng, within
        self._likely = rates / rates.sum()
        self._taken: list[tuple[int, int]] = []

    def free(self, before: int, after: int) -> int | None:
        """A minute drawn by traffic, so far from all that is taken."""
        for _ in range(200):
            start = int(self._rng.choice(len(self._likely), p=self._likely))
            clear = all(start + after < low or start - before > high for low, high in self._taken)
            if self._within[0] <= start < self._within[1] and clear:
                return start
        return None

    def take(self, start: int, end: int) -> None:
        """Nothing else is planted here."""
        self._taken.append((start, end))
