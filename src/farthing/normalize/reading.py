"""What a dialect makes of one span: the call, and what must be known to decide whose tokens these are."""

import msgspec

from farthing.model.call import Call


class Reading(msgspec.Struct, frozen=True, gc=False):
    """A call as one span tells it.

    `wrapper` says that the span contains model calls (an agent, a chain, an outer function) and repeats their usage:
    it owns tokens only when nothing inside does.
    """

    call: Call
    wrapper: bool = False
