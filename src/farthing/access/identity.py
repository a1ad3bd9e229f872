"""What a key stands for: the project it belongs to and what it may do there."""

from enum import StrEnum

import msgspec

from farthing import errors

HOME_PROJECT = "default"
"""The project the first start makes: its admins are the organisation's."""


class Scope(StrEnum):
    """What a key may do."""

    INGEST = "ingest"
    """Send telemetry."""
    GATEWAY = "gateway"
    """Make model calls through the gateway."""
    READ = "read"
    """Ask questions."""
    ADMIN = "admin"
    """Everything, changing keys and settings included."""


class Identity(msgspec.Struct, frozen=True):
    """Who is calling. A project's data can only be reached through the `project_id` that stands here."""

    project_id: str
    key_id: str
    scopes: frozenset[Scope]
    environment: str | None = None
    keeps_content: bool = False
    """Whether what is said in what it sends is kept."""

    def may(self, scope: Scope) -> bool:
        """Whether this is allowed; an admin may do everything."""
        return scope in self.scopes or Scope.ADMIN in self.scopes

    @property
    def is_of_organisation(self) -> bool:
        """Whether this may change what holds for every project."""
        return self.project_id == HOME_PROJECT and Scope.ADMIN in self.scopes

    def require(self, scope: Scope) -> None:
        """Raises `ForbiddenError` unless this is allowed."""
        if not self.may(scope):
            has = ", ".join(sorted(self.scopes))
            msg = f"This key lacks the scope {scope}; it has {has}. Use another key, or create one with that scope."
            raise errors.ForbiddenError(msg)


def scopes(names: frozenset[str]) -> frozenset[Scope]:
    """Names to scopes. Raises `BadRequestError` for an unknown one, or for none."""
    try:
        known = frozenset(Scope(name) for name in names)
    except ValueError:
        known = frozenset[Scope]()
    if not known:
        said = ", ".join(sorted(names)) or "nothing"
        msg = f"A key's scopes are one or more of {', '.join(Scope)}, not {said}."
        raise errors.BadRequestError(msg)
    return known
