"""The source's prompts in; the same here, each version under the number it has there, out.

Calls name a version by its number, so none may get another one: where the source has a gap, what fills it here is taken away again.
"""

from typing import Any, cast
from urllib.parse import quote

from farthing.cli.importing.ends import Ends
from farthing.cli.importing.lists import Listing
from farthing.cli.importing.peer import DeclinedError, Json, Peer
from farthing.cli.importing.record import Reading

PROMPTS = "prompt versions"
MOST_MISSING = 1_000
"""Versions between two of a prompt that are filled in."""
FILLER = "Only a number: this version is gone where it was imported from."

_PATH = "/v2/prompts"
_LATEST = "latest"


def import_prompts(ends: Ends) -> None:
    """All prompts. Those that quote others come after them. Raises `RefusedError`."""
    reading = ends.record.reading(PROMPTS)
    if reading.done:
        return
    waiting = [one for one in ends.whole(Listing(_PATH)) if _name(one) not in reading.marks]
    while waiting:
        stuck: list[tuple[_Copying, str]] = []
        for one in waiting:
            copying = _Copying(ends, one)
            try:
                copying.all()
            except DeclinedError as error:
                stuck.append((copying, str(error)))
                continue
            _done(ends, reading, copying)
        if len(stuck) == len(waiting):
            # None of them waited for another one: it is as it is.
            for copying, sentence in stuck:
                for number in copying.numbers[copying.taken :]:
                    reading.refuse(f"{copying.name} {number}", sentence)
                _done(ends, reading, copying)
            break
        waiting = [copying.prompt for copying, _ in stuck]
    reading.done = True
    ends.keep(PROMPTS)


def _done(ends: Ends, reading: Reading, copying: "_Copying") -> None:
    reading.taken += copying.taken
    reading.marks[copying.name] = True
    ends.keep(PROMPTS)


class _Copying:
    """One prompt on its way."""

    def __init__(self, ends: Ends, prompt: Json) -> None:
        """`prompt` as the source lists it."""
        self.prompt = prompt
        self.name = _name(prompt)
        self.numbers = _numbers(prompt)
        self.taken = 0
        """How many of its versions are here, from the first one on."""
        self._ends = ends
        self._path = f"{_PATH}/{quote(self.name, safe='')}"

    def all(self) -> None:
        """Put all its versions here, in order. Raises `DeclinedError` at the first that can't be as it is there."""
        listed = self._ends.here(Listing(_PATH, {"name": self.name}))
        nothing: Json = {}
        here = next((one for one in listed if _name(one) == self.name), nothing)
        held = set(_numbers(here))
        last = max(held, default=0)
        labelled: list[Any] = here.get("labels") or []
        for number in self.numbers:
            told = self._version(self._ends.source, number)
            if number in held:
                self._match(number, told)
                if new := [one for one in _labels(told) if one not in labelled]:
                    self._ends.target.patch(f"{self._path}/versions/{number}", {"newLabels": new})
            else:
                held |= set(self._fill(last + 1, number, told))
                self._create(number, _body(self.name, told))
                last = max(last, number)
            self.taken += 1
        self._take_fillers_away(held)

    def _match(self, number: int, there: Json) -> None:
        here = self._version(self._ends.target, number)
        for field in ("prompt", "config"):
            if (here.get(field) or None) != (there.get(field) or None):
                msg = f"There is another version of this number here: its {field} differs."
                raise DeclinedError(409, msg)

    def _fill(self, first: int, number: int, told: Json) -> range:
        if number - first > MOST_MISSING:
            msg = f"More than {MOST_MISSING:,} versions before it are gone, and it would get another number here."
            raise DeclinedError(409, msg)
        text: Any = FILLER if told.get("type") != "chat" else [{"role": "system", "content": FILLER}]
        filler = {"name": self.name, "type": told.get("type"), "prompt": text, "commitMessage": FILLER}
        for missing in range(first, number):
            self._create(missing, filler)
        return range(first, number)

    def _create(self, number: int, body: Json) -> None:
        made: Json = self._ends.target.post(_PATH, body, is_repeatable=False)
        if made.get("version") != number:
            self._ends.target.delete(self._path, {"version": str(made.get("version"))})
            msg = "A version of this number was here and is gone, so that it would get another one."
            raise DeclinedError(409, msg)

    def _take_fillers_away(self, held: set[int]) -> None:
        """Those of a run that was cut off, too."""
        for number in sorted(held - set(self.numbers)):
            if self._version(self._ends.target, number).get("commitMessage") == FILLER:
                self._ends.target.delete(self._path, {"version": str(number)})

    def _version(self, peer: Peer, number: int) -> Json:
        found: Json = peer.get(self._path, {"version": str(number), "resolve": "false"})
        return found


def _body(name: str, told: Json) -> Json:
    fields = ("type", "prompt", "config", "tags", "commitMessage")
    body = {field: told[field] for field in fields if told.get(field) is not None}
    return {**body, "name": name, "labels": _labels(told)}


def _labels(told: Json) -> list[str]:
    labels = cast("list[Any]", told.get("labels") or [])
    return [str(one) for one in labels if one != _LATEST]


def _numbers(listed: Json) -> list[int]:
    return sorted(one for one in cast("list[Any]", listed.get("versions") or []) if isinstance(one, int))


def _name(listed: Json) -> str:
    return str(listed.get("name"))
