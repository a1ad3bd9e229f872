"""Who asks in; their name in the record of changes out."""

from farthing.access.identity import Identity


def actor(who: Identity) -> str:
    """A person by what they signed in as, a key by its id."""
    return who.key_id if who.key_id.startswith("user:") else f"key {who.key_id}"
