"""Bytes of a stream go in as they come; what the application is to see of them comes out, and every event is looked at.

Bytes pass untouched, but for a stream that was asked for its usage by us and not by the application: there the usage is
taken out again, to the last byte.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any, Callable, Final, Protocol, cast

from farthing_sdk._glance import ENDS, LAST, SAYS, TELLS, glance
from farthing_sdk._unread import parsed
from farthing_sdk._usage_openai import part

if TYPE_CHECKING:
    from collections.abc import Mapping

Seen = Callable[["Mapping[str, Any]"], object]


class Glanced(Protocol):
    """Who wants to know of events that need no reading here."""

    def says(self) -> None:
        """Something was said."""
        ...

    def later(self, data: bytes) -> None:
        """An event that tells what need not be known yet."""
        ...


_NO_USAGE: Final = re.compile(rb'(,\s*"usage"\s*:\s*null)|("usage"\s*:\s*null\s*,\s*)')
_BEDROCK: Final = re.compile(rb'"bytes":"([A-Za-z0-9+/=]+)"')
_USED: Final = re.compile(rb'"usage"\s*:(?!\s*null)')
_NULL_AT_THE_END: Final = re.compile(
    rb',\s*"usage"\s*:\s*null(?=(?:\s*,\s*"[^"\\]*"\s*:\s*(?:"[^"\\]*"|[-+.\w]+))*\s*\}\s*$)'
)
"""Only plain values and one brace follow, so it is a member of the event itself."""
_USUAL_ENDS: Final = (b',"usage":null}\n\n', b',"usage":null}')
_GOES_ON: Final = b'"finish_reason":null'
_FINISHED: Final = re.compile(rb'"finish_reason"\s*:\s*"')
_TOLD: Final = (
    b'"type":"response.',
    b'"type": "response.',
    b'"type":"message',
    b'"type": "message',
)
_DELTAS: Final = (b'.delta"', b"content_block")
LONGEST_LINE: Final = 64 * 1024 * 1024
"""A stream with a longer line isn't looked at any more."""


class Events:
    """Server-sent events that pass untouched."""

    def __init__(self, seen: Seen, ended: Callable[[], None], glanced: Glanced | None = None) -> None:
        """`seen` is told each event worth knowing, `ended` that the provider has said all.

        With `glanced`, events whose bytes show what they are aren't read.
        """
        self._seen = seen
        self._ended = ended
        self._glanced = glanced
        self._line: list[bytes] = []
        self._spoken = False

    def spoken(self) -> None:
        """The first token is here; of what merely says more nobody wants to know."""
        self._spoken = True

    def feed(self, piece: bytes) -> bytes:
        """The next bytes; gives back what the application sees now."""
        one = self._spoken and not self._line and piece.find(b"\n\n") == len(piece) - 2
        if one and b"[DONE]" not in piece and not self._worth(piece):
            # An event that merely says more: so most of a stream comes.
            return piece
        if b"\n" not in piece:
            self._keep(piece)
            return piece
        lines = (b"".join(self._line) + piece).split(b"\n")
        self._line = []
        self._keep(lines.pop())
        for line in lines:
            self.look(line)
        return piece

    def rest(self) -> bytes:
        """The stream is over; gives back what was held back."""
        line = b"".join(self._line)
        self._line = []
        if line:
            self.look(line)
        return b""

    def look(self, line: bytes) -> Mapping[str, Any] | None:
        """One whole line; gives back the event in it if it was looked into."""
        if not line.startswith(b"data:"):
            return None
        data = line[5:].strip()
        if data.startswith(b"[DONE]"):
            self._ended()
            return None
        if (self._spoken and not self._worth(data)) or self._glance(data):
            return None
        event = parsed(data)
        if event is not None:
            self._seen(event)
        return event

    def _glance(self, data: bytes) -> bool:
        """Whether a glance at it is enough, and all done that is to be done."""
        glanced = self._glanced
        what = None if glanced is None else glance(data)
        if what is None or glanced is None:
            return False
        if what & SAYS and not self._spoken:
            self._spoken = True
            glanced.says()
        if what & TELLS:
            glanced.later(data)
        if what & ENDS:
            self._ended()
        return True

    def _worth(self, data: bytes) -> bool:
        if b'"usage"' in data and _USED.search(data):
            return True
        if b'"error"' in data or (b'"type"' in data and any(name in data for name in _TOLD)):
            return not any(delta in data[:200] for delta in _DELTAS)
        return False

    def _keep(self, piece: bytes) -> None:
        if piece:
            self._line.append(piece)


class WithoutUsage(Events):
    """Chat completions whose usage the application didn't ask for.

    The chunk that tells the usage is left out, and so is `"usage": null` of the others. What comes with a finish reason
    waits for the usage behind it: many applications stop reading there.
    """

    def __init__(self, seen: Seen, ended: Callable[[], None], glanced: Glanced | None = None) -> None:
        """As for any stream."""
        super().__init__(seen, ended, glanced)
        self._event: list[bytes] = []
        self._held: list[bytes] = []
        self._hidden = False
        self._finished = False
        self._taken = (0, 0)
        self._head = b""
        """What was taken out of the last chunk that was looked into, and how that began: so most of them begin."""

    def feed(self, piece: bytes) -> bytes:
        """The next bytes; what isn't a whole event yet waits."""
        if not (self._line or self._event) and piece[-2:] == b"\n\n" and piece.find(b"\n") == len(piece) - 2:
            # One whole event: so most of a stream comes.
            shown = self._unread(piece) if self._spoken and not self._held else None
            if shown is None:
                shown = self._shown(piece[:-2]) + b"\n\n"
            elif not self._finished:
                return shown
            self._event.append(shown)
            return self._pass_on()
        if b"\n" not in piece:
            self._keep(piece)
            return b""
        lines = (b"".join(self._line) + piece).split(b"\n")
        self._line = []
        self._keep(lines.pop())
        out: list[bytes] = []
        for line in lines:
            self._event.append(self._shown(line) + b"\n")
            if line in (b"", b"\r"):
                out.append(self._pass_on())
        return b"".join(out)

    def rest(self) -> bytes:
        """What was held back, whatever it is."""
        line = b"".join(self._line)
        self._line = []
        if line:
            self._event.append(self._shown(line))
        self._finished = False
        return self._pass_on()

    def _pass_on(self) -> bytes:
        event, self._event = self._event, []
        hidden, self._hidden = self._hidden, False
        if self._finished:
            self._finished = False
            self._held += event
            return b""
        out, self._held = self._held, []
        return b"".join(out if hidden else out + event)

    def _unread(self, line: bytes) -> bytes | None:
        """An event that merely says more, or that it is over, as the application sees it; None: it must be looked into."""
        begin, end = self._taken
        if not (end and line.startswith(self._head)):
            if not (line.startswith(b"data:") and b'"choices"' in line):
                return None
            at = line.find(b'"usage"')
            if at < 0:
                return None if b'"error"' in line else line
            begin, end = at - 1, at + 12
            # So most of them end; another way takes longer to be sure of.
            if line[begin:] not in _USUAL_ENDS:
                found = _NULL_AT_THE_END.match(line, line.rfind(b",", 0, at))
                if found is None:
                    return None
                begin, end = found.span()
        if b'"error"' in line or line.find(b'"usage"', end) >= 0:
            return None
        goes_on = _GOES_ON in line and line.count(b'"finish_reason"') == 1
        self._finished = not goes_on and _FINISHED.search(line) is not None
        return line[:begin] + line[end:]

    def _by_a_glance(self, line: bytes) -> bytes | None:
        """An event as the application sees it, if it need not be read for that."""
        shown = self._unread(line)
        if shown is not None:
            return shown if self._spoken or self._glance(line[5:]) else None
        if LAST.search(line) and self._glance(line[5:]):
            self._hidden = True
            return line
        return None

    def _shown(self, line: bytes) -> bytes:
        if not line.startswith(b"data:"):
            return line
        shown = self._by_a_glance(line) if self._spoken or self._glanced is not None else None
        if shown is not None:
            return shown
        event = None if line.endswith(b"[DONE]") else parsed(line[5:])
        if event is None:
            self.look(line)
            return line
        if event.get("usage") is not None or not self._spoken:
            self._seen(event)
        choices: Any = event.get("choices")
        if not isinstance(choices, list) or "usage" not in event:
            if event.get("error"):
                self._seen(event)
            return line
        if event["usage"] is None:
            self._finished = any(part(choice, "finish_reason") for choice in cast("list[Any]", choices))
            return self._without(line, event)
        self._hidden = not choices
        return line

    def _without(self, line: bytes, event: Mapping[str, Any]) -> bytes:
        """The line as it were if nobody had asked for usage."""
        at = line.find(b'"usage"')
        alone = line.find(b'"usage"', at + 1) < 0
        found = _NO_USAGE.search(line, max(line.rfind(b",", 0, at), 0) if alone else 0)
        while found is not None:
            begin, end = found.span()
            shorter = line[:begin] + line[end:]
            # Something else may be called so, deeper within.
            if alone or parsed(shorter[5:]) == {name: value for name, value in event.items() if name != "usage"}:
                self._taken, self._head = (begin, end), line[:end]
                return shorter
            found = _NO_USAGE.search(line, end)
        return line


class Frames(Events):
    """Amazon's binary frames, each with an event in Base64."""

    def feed(self, piece: bytes) -> bytes:
        """The next bytes, passed on as they are."""
        whole = b"".join(self._line) + piece
        end = 0
        for found in _BEDROCK.finditer(whole):
            end = found.end()
            event = parsed(base64.b64decode(found[1]))
            if event is not None:
                self._seen(event)
        self._line = [whole[end:]]
        return piece

    def rest(self) -> bytes:
        """Nothing is held back."""
        return b""


class Passing(Events):
    """What nobody looks into: speech, say."""

    def feed(self, piece: bytes) -> bytes:
        """The next bytes, as they are."""
        return piece


class Whole(Events):
    """An answer in one piece that the application reads piece by piece."""

    def feed(self, piece: bytes) -> bytes:
        """The next bytes, passed on as they are."""
        self._line.append(piece)
        return piece

    def rest(self) -> bytes:
        """It is complete."""
        event = body(b"".join(self._line))
        self._line = []
        if event is not None:
            self._seen(event)
        self._ended()
        return b""


LARGE: Final = 1024 * 1024


def body(content: bytes) -> Mapping[str, Any] | None:
    """What an answer says of its use. Of a large one, such as a thousand embeddings, its usage alone is read."""
    if len(content) <= LARGE:
        return parsed(content)
    at = content.rfind(b'"usage"')
    colon = content.find(b":", at)
    if at < 0 or colon < 0:
        return None
    try:
        usage, _ = json.JSONDecoder().raw_decode(content[colon + 1 :].decode("utf-8", "replace").lstrip())
    except ValueError:
        return None
    return {"usage": usage}
