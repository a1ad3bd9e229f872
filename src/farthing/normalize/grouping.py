"""Candidates in a fixed order in; the bookkeeping of which of them are the same call: groups that only ever grow together."""

from collections.abc import Iterator, Sequence

from farthing.normalize.candidate import Candidate


class Grouping:
    """The candidates that are the same call, by position; `repeats` maps those that repeat several calls to one of them.

    A group goes by the position of any of its members.
    """

    def __init__(self, seen: Sequence[Candidate]) -> None:
        """Each for itself, at first."""
        self.seen = seen
        self.repeats: dict[int, int] = {}
        self.above = list(_candidates_above(seen))
        """The candidates above each, nearest first."""
        places = range(len(seen))
        self._group = list(places)
        # What is asked of groups again and again is kept with them: groups may be large, and the askers many.
        self._members = {at: [at] for at in places}
        self._scopes = {at: {seen[at].scope} for at in places}
        self._ids = {at: {seen[at].call.response_id} - {""} for at in places}
        self._closed = {at: {seen[at].scope} if seen[at].closing else set[str]() for at in places}
        self._told = list(places)

    def of(self, at: int) -> int:
        """The group this candidate belongs to."""
        return self._group[at]

    def members(self, at: int) -> list[int]:
        """The positions of a group's candidates, in order."""
        return sorted(self._members[self._group[at]])

    def groups(self) -> Iterator[list[int]]:
        """All groups, in the order of their first members."""
        yield from sorted(map(sorted, self._members.values()))

    def scopes(self, at: int) -> set[str]:
        """The instrumentations that saw this call."""
        return self._scopes[self._group[at]]

    def ids(self, at: int) -> set[str]:
        """The ids this call's response goes by."""
        return self._ids[self._group[at]]

    def closed(self, at: int) -> set[str]:
        """The instrumentations that told the end of this call's stream."""
        return self._closed[self._group[at]]

    def told(self, at: int) -> Candidate:
        """The member of a group that tells most of its outcome."""
        return self.seen[self._told[self._group[at]]]

    def join(self, one: int, other: int) -> None:
        """From here on both are the same call."""
        a, b = self._group[one], self._group[other]
        if a == b:
            return
        if len(self._members[a]) < len(self._members[b]):
            a, b = b, a
        for at in self._members[b]:
            self._group[at] = a
        self._members[a] += self._members.pop(b)
        for held in (self._scopes, self._ids, self._closed):
            held[a] |= held.pop(b)
        self._told[a] = min(self._told[a], self._told[b], key=self._least_telling)

    def may_join(self, one: int, other: int) -> bool:
        """Whether no instrumentation saw both, and their responses have not two names."""
        if not self.scopes(one).isdisjoint(self.scopes(other)):
            return False
        ours, theirs = self.ids(one), self.ids(other)
        return not (ours and theirs) or not ours.isdisjoint(theirs)

    def _least_telling(self, at: int) -> tuple[bool, bool, bool, int]:
        candidate = self.seen[at]
        return (not candidate.is_counted, candidate.has_failed, not candidate.call.response_id, at)


def _candidates_above(seen: Sequence[Candidate]) -> Iterator[list[int]]:
    position = {candidate.key: at for at, candidate in enumerate(seen)}
    for candidate in seen:
        trace_id = candidate.call.trace_id
        yield [position[trace_id, up] for up in candidate.ancestors if (trace_id, up) in position]
