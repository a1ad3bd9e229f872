"""Bytes of a stream of server-sent events in, cut anywhere; whole events out, with every byte they came with. Pure."""

import re

MOST_HELD = 8 << 20
"""An event larger than this is none: the rest of the stream passes as it comes."""

_END = re.compile(rb"\r\n\r\n|\n\n|\r\r|\n\r\n|\r\n\n")
_DATA = re.compile(rb"(?:^|[\r\n])data:[ ]?([^\r\n]*)")
_LONGEST_END = 4


class Events:
    """Cuts one stream into events."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self._held = bytearray()
        self._looked = 0
        self.broken = False
        """Whether it turned out to be no stream of events."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The events that are whole now. Put together with `rest`, they are what came."""
        if self.broken:
            return [chunk]
        if not self._held and chunk.endswith(b"\n\n"):  # as nearly always: providers write whole events
            held = chunk
        else:
            self._held += chunk
            held = bytes(self._held)
        events: list[bytes] = []
        start = 0
        for found in _END.finditer(held, self._looked if held is not chunk else 0):
            # What ends in a carriage return may go on with a line feed.
            if held[found.end() - 1] == 13 and found.end() == len(held):
                break
            events.append(held[start : found.end()])
            start = found.end()
        if start == len(held):
            self._held.clear()
            self._looked = 0
        else:
            if held is chunk:
                self._held += held[start:]
            else:
                del self._held[:start]
            self._looked = max(0, len(self._held) - _LONGEST_END)
            if len(self._held) > MOST_HELD:
                self.broken = True
                events.append(self.rest())
        return events

    def rest(self) -> bytes:
        """What came after the last whole event."""
        rest = bytes(self._held)
        self._held.clear()
        self._looked = 0
        return rest


def data(event: bytes) -> bytes:
    """An event's data; b"" where it has none, as comments and pings."""
    if event.startswith(b"data: ") and event.find(b"\n") == len(event) - 2:  # one line of data and nothing else
        return event[6:-2]
    lines = _DATA.findall(event)
    return lines[0] if len(lines) == 1 else b"\n".join(lines)
