"""What a dialect makes of one span: the call, and what must be known to decide whose tokens these are."""

import msgspec

from farthing.model.call import Call


class Reading(msgspec.Struct, frozen=True, gc=False):
    """A call as one span tells it.

    `wrapper` says that the span contains model calls (an agent, a chain, an outer function) and may repeat their usage:
    it owns tokens only when nothing inside does, and without usage it is no call at all.

    Some libraries tell a streamed call in two spans of one scope, which nothing need link: `opening` marks the request,
    which can't know what came of it, `closing` the one that tells the outcome. Both are to be read as calls; together
    they are one, an opening that is never closed is one of unknown usage.
    """

    call: Call
    wrapper: bool = False
    opening: bool = False
    closing: bool = False
