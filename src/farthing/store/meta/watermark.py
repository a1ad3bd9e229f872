"""The settled watermark: one number in the meta store, read at the start and saved while the server works."""

from farthing.store.meta import facts
from farthing.store.meta.database import Database

_KEY = "settled_commit"


class SettledWatermark:
    """Up to which commit of spans everything is settled."""

    def __init__(self, database: Database) -> None:
        """In this meta database."""
        self._database = database

    def read(self) -> int:
        """The last settled commit; 0 when nothing ever was."""
        with self._database.read() as session:
            return int(facts.get(session, _KEY) or 0)

    def save(self, commit: int) -> None:
        """Everything up to this commit is settled. Raises `StoreError`."""
        with self._database.write() as session:
            facts.put(session, _KEY, str(commit))
