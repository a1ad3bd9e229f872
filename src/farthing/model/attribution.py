"""Who and what a call was for: the named dimensions and the free tags."""

import msgspec


class Attribution(msgspec.Struct, frozen=True, gc=False):
    """The dimensions a call is booked on. An empty string means nobody said."""

    feature: str = ""
    user_id: str = ""
    session_id: str = ""
    team: str = ""
    tenant: str = ""
    environment: str = ""
    prompt_version: str = ""
    config: str = ""
    variant: str = ""
    data_mode: str = ""
    """`test` or `demo`; "" is real."""
    tags: dict[str, str] = {}


NAMED = tuple(name for name in Attribution.__struct_fields__ if name != "tags")
"""The named dimensions, without the tags."""
