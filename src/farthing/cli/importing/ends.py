"""What every step of an import needs in hand: both servers, how far it came, and how to say and keep that."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from farthing.cli.importing import lists
from farthing.cli.importing.lists import Listing
from farthing.cli.importing.peer import DeclinedError, Json, Peer
from farthing.cli.importing.record import Reading, Record


class Ends(msgspec.Struct, frozen=True):
    """The two ends of an import, and its record."""

    source: Peer
    target: Peer
    record: Record
    keep: Callable[[str], None]
    """Keeps the record, and shows how far the list of this name came."""

    def read(self, name: str, ways: Sequence[Listing], take: Callable[[Reading, int, Sequence[Json]], None]) -> bool:
        """Take all of a list in, from where the record left it; whether the source has such a list.

        `take` is given which of the ways is read, and a part of it.
        """
        reading = self.record.reading(name)
        if reading.done:
            return True
        if not reading.place:
            way = lists.first_there(self.source, ways)
            if way is None:
                self.record.miss(
                    f"It has no list of {name} that could be read ({', '.join(one.path for one in ways)})."
                )
                return False
            reading.way = way
        for part in lists.parts(self.source, ways[reading.way], reading.place):
            reading.total = part.total
            take(reading, reading.way, part.items)
            reading.place = part.after
            self.keep(name)
        reading.done = True
        self.keep(name)
        return True

    def whole(self, listing: Listing) -> Iterator[Json]:
        """All of a list of the source's that is not worth a place of its own in the record."""
        for part in lists.parts(self.source, listing):
            yield from part.items

    def here(self, listing: Listing) -> Iterator[Json]:
        """Likewise, of the server that takes in."""
        for part in lists.parts(self.target, listing):
            yield from part.items

    def put(self, reading: Reading, which: str, path: str, body: Json) -> Json | None:
        """What the server answers to one thing; None, and counted, where it won't have it."""
        try:
            answer: Json = self.target.post(path, body)
        except DeclinedError as error:
            reading.refuse(which, str(error))
            return None
        reading.taken += 1
        return answer
