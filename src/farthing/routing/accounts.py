"""Accounts with providers, and their secrets, in; accounts without them, kept encrypted and audited, out."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from farthing.catalogue.overrides import Actor
from farthing.routing import configured
from farthing.routing.configured import AccountKept
from farthing.routing.records import Reading, Records, named, require_new, require_room
from farthing.routing.vault import SealedError, Vault

MOST = 500
"""Accounts of one project, or of the organisation."""

_HINT = 4
_SHORTEST_FOR_A_HINT = 16


class Accounts:
    """The accounts that a project may use: its own, and the organisation's. Every method may be called from any thread."""

    def __init__(self, records: Records, vault: Vault) -> None:
        """Secrets are encrypted by `vault`."""
        self._records = records
        self._vault = vault

    def of(self, project_id: str) -> list[AccountKept]:
        """Those that are the project's, then those that are everybody's."""
        with self._records.reading() as reading:
            return _visible(reading, project_id)

    def get(self, project_id: str, name: str) -> AccountKept:
        """The one of that slug or id. Raises `NotFoundError`."""
        return named(self.of(project_id), name, "account")

    def create(self, actor: Actor, wanted: AccountKept, secret: str) -> AccountKept:
        """Add one; for everybody where it names no project. Raises `BadRequestError`, `ConflictError`, `ForbiddenError`."""
        _require_right(actor, wanted)
        configured.check_secret(secret)
        with self._records.changing(actor) as changing:
            mine = _beside(changing, wanted)
            require_room(mine, MOST, "accounts")
            require_new(mine, wanted.slug, "account")
            made = msgspec.structs.replace(wanted, has_secret=bool(secret), secret_hint=_hint(secret))
            return changing.add(made, self._vault.seal(secret))

    def change(self, actor: Actor, name: str, changes: Mapping[str, Any], secret: str | None = None) -> AccountKept:
        """Change some fields of one; its secret too, unless None. Raises as `create` does, and `NotFoundError`."""
        with self._records.changing(actor) as changing:
            before = named(_visible(changing, actor.project_id), name, "account")
            _require_right(actor, before)
            after = msgspec.structs.replace(before, **changes)
            require_new(_beside(changing, after), after.slug, "account", before.id)
            sealed = next(sealed for one, sealed in changing.sealed() if one.id == before.id)
            if secret is not None and not self._is(sealed, secret):
                configured.check_secret(secret)
                after = msgspec.structs.replace(after, has_secret=bool(secret), secret_hint=_hint(secret))
                sealed = self._vault.seal(secret)
            elif after == before:
                return before
            return changing.replace(before, after, sealed)

    def remove(self, actor: Actor, name: str) -> None:
        """Forget one, and its secret. Raises `ForbiddenError`, `NotFoundError`."""
        with self._records.changing(actor) as changing:
            before = named(_visible(changing, actor.project_id), name, "account")
            _require_right(actor, before)
            changing.remove(before)

    def _is(self, sealed: str, secret: str) -> bool:
        try:
            return self._vault.unseal(sealed) == secret
        except SealedError:
            return False

    def seal_anew(self, actor: Actor) -> int:
        """Encrypt with the newest key what is encrypted with an older one, which may then be taken away; how many there were."""
        with self._records.reading() as reading:
            if all(self._vault.is_of_newest(sealed) for _, sealed in reading.sealed()):
                return 0
        count = 0
        with self._records.changing(actor) as changing:
            for account, sealed in changing.sealed():
                if self._vault.is_of_newest(sealed):
                    continue
                try:
                    secret = self._vault.unseal(sealed)
                except SealedError:
                    continue  # told of where it is needed
                changing.replace(account, account, self._vault.seal(secret))
                count += 1
        return count


def _visible(reading: Reading, project_id: str) -> list[AccountKept]:
    found = reading.all(AccountKept)
    return [one for whose in (project_id, None) for one in found if one.project_id == whose]


def _beside(reading: Reading, account: AccountKept) -> Sequence[AccountKept]:
    """All that share its names."""
    return [one for one in reading.all(AccountKept) if one.project_id == account.project_id]


def _require_right(actor: Actor, account: AccountKept) -> None:
    if account.project_id is None:
        actor.require_organisation()


def _hint(secret: str) -> str:
    # Of a short secret, four letters would be too much of it.
    return secret[-_HINT:] if len(secret) >= _SHORTEST_FOR_A_HINT else ""
