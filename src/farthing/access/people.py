"""People who sign in to the UI with a browser: a name and password, or a one-time link, in; a token for its cookie out.

The token is kept as a digest. It is good until nobody used it for a fortnight, and for three months at most.
"""

import asyncio
import secrets
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from farthing import errors
from farthing.access import admins
from farthing.access.credentials import digest
from farthing.access.identity import HOME_PROJECT, Identity, Scope
from farthing.store.meta import projects, sign_ins, users
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project
from farthing.store.meta.users import User

UNUSED = timedelta(days=14)
LONGEST = timedelta(days=90)
SEEN_EVERY = timedelta(hours=1)
"""The precision with which a use is noted."""

KNOWN_FOR = timedelta(seconds=10)
"""How long a sign-out at another server may go unnoticed here."""

MOST_KNOWN = 10_000
MOST_TRIES = 10
TRIES_IN = timedelta(minutes=5)
"""So many wrong passwords for one name, or from one address, and no more for that long."""

_ALL = frozenset({Scope.READ, Scope.ADMIN, Scope.INGEST})


class Signed(msgspec.Struct, frozen=True):
    """A person whose browser is signed in."""

    user: User
    expires_at: datetime

    def identity(self, project_id: str) -> Identity:
        """As whom they act in a project."""
        return Identity(project_id or HOME_PROJECT, f"user:{self.user.id}", _ALL)


class People:
    """Sign-ins of all users. Every method may be called from any thread."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Users in `database`."""
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, tuple[datetime, Signed]] = OrderedDict()
        self._tries: OrderedDict[str, deque[datetime]] = OrderedDict()

    async def identify(self, token: str, project_id: str) -> Identity:
        """Who acts with this token in which project. Raises `UnauthenticatedError`, `NotFoundError`."""
        signed = self._remembered(digest(token))
        if signed is None or project_id not in ("", HOME_PROJECT):
            signed = await asyncio.to_thread(self._found, token, project_id)
        return signed.identity(project_id)

    def of(self, token: str) -> Signed:
        """Whose token this is. Raises `UnauthenticatedError`."""
        return self._remembered(digest(token)) or self._found(token, "")

    def projects(self) -> list[Project]:
        """Those that one can look at."""
        with self._database.read() as transaction:
            return projects.listing(transaction)

    def enter(self, login: str, password: str, address: str) -> str:
        """A new token for a name and a password. Raises `UnauthenticatedError`, `TooManyError`."""
        self._may_try(login, address)
        try:
            user = admins.sign_in_by_password(self._database, login, password)
        except errors.UnauthenticatedError:
            self._tried(login, address)
            raise
        return self._begin(user)

    def enter_by_link(self, link_token: str, password: str) -> str:
        """A new token for a one-time link, which sets the password. Raises `UnauthenticatedError`, `BadRequestError`."""
        admins.check_password(password)
        user = admins.sign_in_by_token(self._database, link_token, self._clock())
        with self._database.write() as transaction:
            admins.set_password(transaction, user.id, password)
            # Whoever was signed in with an old password is no more.
            sign_ins.remove_of(transaction, user.id)
        self._forget()
        return self._begin(user)

    def new_link(self, login: str) -> tuple[User, str, datetime]:
        """A one-time token for the user of this name or e-mail, "" for the first one, and how long it is good. Raises `NotFoundError`."""
        now = self._clock()
        with self._database.write() as transaction:
            user = users.by_login(transaction, login) if login else next(iter(users.listing(transaction)), None)
            if user is None:
                msg = f"There is nobody called {login[:80]!r}."
                raise errors.NotFoundError(msg)
            return user, admins.new_sign_in_token(transaction, user.id, now), now + admins.LINK_LASTS

    def leave(self, token: str) -> None:
        """The token is no good any more."""
        with self._database.write() as transaction:
            sign_ins.remove(transaction, digest(token))
        self._forget()

    def _begin(self, user: User) -> str:
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._database.write() as transaction:
            sign_ins.remove_ended(transaction, now, now - UNUSED)
            sign_ins.insert(transaction, digest(token), user.id, now, now + LONGEST)
        return token

    def _remembered(self, token_hash: bytes) -> Signed | None:
        now = self._clock()
        with self._lock:
            held = self._known.get(token_hash)
        if held and abs(now - held[0]) < KNOWN_FOR and held[1].expires_at > now:
            return held[1]
        return None

    def _found(self, token: str, project_id: str) -> Signed:
        token_hash, now = digest(token), self._clock()
        with self._database.read() as transaction:
            found = sign_ins.get(transaction, token_hash)
            if found and project_id and projects.get(transaction, project_id) is None:
                msg = f"There is no project {project_id!r}."
                raise errors.NotFoundError(msg)
        if found is None or found.expires_at <= now or found.seen_at <= now - UNUSED:
            msg = "You are not signed in here any more. Sign in again."
            raise errors.UnauthenticatedError(msg)
        if now - found.seen_at >= SEEN_EVERY:
            with self._database.write() as transaction:
                sign_ins.set_seen(transaction, token_hash, now)
        signed = Signed(found.user, found.expires_at)
        with self._lock:
            self._known[token_hash] = (now, signed)
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        return signed

    def _forget(self) -> None:
        with self._lock:
            self._known.clear()

    def _may_try(self, *names: str) -> None:
        now = self._clock()
        with self._lock:
            for name in names:
                tries = self._tries.get(name, ())
                if sum(now - at < TRIES_IN for at in tries) >= MOST_TRIES:
                    msg = "Too many wrong passwords. Wait five minutes, or use a new link: farthing sign-in"
                    raise errors.TooManyError(msg)

    def _tried(self, *names: str) -> None:
        with self._lock:
            for name in names:
                self._tries.setdefault(name, deque(maxlen=MOST_TRIES)).append(self._clock())
                self._tries.move_to_end(name)
            while len(self._tries) > MOST_KNOWN:
                self._tries.popitem(last=False)
