"""A key, the headers and the body of a call in; who and what it is for, as text and as attributes of its spans, out. Pure."""

from typing import Any

from farthing.access.identity import Identity
from farthing.gateway.asked import Asked
from farthing.gateway.entry import Entry

_USERS = ("user_id", "userId", "user.id", "user")
_NAMED = {
    "user": ("user_id", _USERS),
    "session": ("session_id", ("session_id", "sessionId", "session.id")),
    "tenant": ("tenant", ("tenant", "tenantSlug", "tenantId", "tenant.id", "tenant_id")),
    "feature": ("feature", ("feature", "endpointTag", "featureTag", "endpoint_tag")),
    "team": ("team", ("team",)),
    "prompt_version": ("prompt_version", ("promptVersion", "prompt_version")),
    "data_mode": ("farthing.data_mode", ("dataMode", "data_mode")),
}
"""What budgets call a dimension → the attribute it stands in, and the names it may have among the metadata."""


def attribution(identity: Identity, entry: Entry, asked: Asked | None) -> tuple[dict[str, str], dict[str, Any]]:
    """Who and what it is for: as text for whoever decides on it, and as attributes of its spans."""
    metadata = {**asked.metadata, **entry.tags} if asked is not None and asked.metadata else entry.tags
    attributes: dict[str, Any] = {**entry.told}
    if asked is not None and asked.user and not (metadata and any(metadata.get(name) for name in _USERS)):
        attributes.setdefault("user_id", asked.user)
    if identity.environment:
        attributes["environment"] = identity.environment
    said: dict[str, str] = {}
    told = attributes.get
    facts = {name: told(attribute, "") for name, (attribute, _) in _NAMED.items()}
    if metadata:
        attributes["metadata"] = metadata
        said = {name: _text(value) for name, value in metadata.items()}
        for name, (_, aliases) in _NAMED.items():
            if not facts[name]:
                facts[name] = next((said[alias] for alias in aliases if said.get(alias)), "")
        facts |= {f"tag.{name}": value for name, value in said.items()}
    facts["key"] = identity.key_id
    facts["environment"] = identity.environment or said.get("environment", "")
    return facts, attributes


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
