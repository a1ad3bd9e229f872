"""What commands print in; on a terminal out, with no character in it that would make the terminal do something."""

import re
from typing import Any

from rich.console import Console
from rich.text import Text

_COMMANDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Escape sequences begin with one of these, others turn the direction of what follows."""


def plain(text: str) -> str:
    """The same on one line, for what came from elsewhere: whoever sends telemetry chooses names."""
    return _COMMANDS.sub("\ufffd", text.replace("\n", "\ufffd").replace("\t", " "))


class Screen(Console):
    """A console whose texts are what they say: `:on:` in a model's name is no emoji, and no name clears the screen.

    Square brackets are markup still: what came from elsewhere is escaped where it is put in.
    """

    def __init__(self, **more: Any) -> None:
        """As a console."""
        super().__init__(emoji=False, **more)

    def render_str(self, text: str, **more: Any) -> Text:
        """As a console, without what a terminal would obey."""
        return super().render_str(_COMMANDS.sub("\ufffd", text), **more)
