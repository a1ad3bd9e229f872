"""Records go in and are forgotten by who tells them; the current client sends them from behind."""

from __future__ import annotations

import atexit
import os
import threading
from typing import TYPE_CHECKING, Any, Callable, Final

from farthing_sdk import _attempts, _trouble, _web
from farthing_sdk._attempts import new_request_id
from farthing_sdk._budget import Budgets
from farthing_sdk._context import attribute
from farthing_sdk._hashing import hash_user_id
from farthing_sdk._record import CallFields, Record
from farthing_sdk._settings import Options, Settings, read
from farthing_sdk._trouble import swallow, tell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Unpack

    from farthing_sdk._result import Result, Stats


class Client:
    """Takes records and sends them from a thread of its own. Most applications need none of their own: see `init`."""

    def __init__(self, endpoint: str | None = None, api_key: str | None = None, **options: Unpack[Options]) -> None:
        """What isn't given is read from the environment. Raises ValueError, naming what is wrong."""
        self.settings: Settings = read(endpoint, api_key, options, os.environ)
        self._listeners: list[Callable[[Result], object]] = []
        if self.settings.on_result is not None:
            self._listeners.append(self.settings.on_result)
        self._budgets = Budgets(self.settings.budget_max_age)
        self._attended = False
        self._defaults: Final = {
            name: value
            for name in ("environment", "data_mode", "team")
            if (value := getattr(self.settings, name)) is not None
        }
        # It brings json and decimal, and only those who tell of calls pay for that.
        from farthing_sdk._delivery import Delivery  # noqa: PLC0415

        self._delivery = Delivery(self.settings, self._hear)
        _clients.append(self)
        atexit.register(self._at_exit)
        if self.settings.guard and self.settings.enabled:
            self._attend()

    def submit(self, record: Record) -> None:
        """Take the record. Never raises, never waits; leave the record alone from here on."""
        try:
            attribute(record)
            attempts = record.attempts_at
            if attempts is not None:
                record.attempts_at = None
                if not attempts.admit(record):
                    _web.withdraw(record)
                    return
            self.deliver(record)
        except Exception as error:  # noqa: BLE001 - the application has done nothing wrong
            swallow(error, "submit")

    def track(self, **fields: Unpack[CallFields]) -> str:
        """Tell of one call that is over. Gives back its external request id."""
        try:
            record = Record(**fields)
            if record.external_request_id is None:
                attribute(record)
                if record.attempts_at is None:
                    record.external_request_id = new_request_id()
        except Exception as error:  # noqa: BLE001 - likewise
            swallow(error, "track")
            return ""
        self.submit(record)
        return record.external_request_id or ""

    def deliver(self, record: Record) -> None:
        """Take a record that has its attribution, and one id for all its attempts if there were several."""
        settings = self.settings
        if not settings.enabled:
            return
        said: dict[str, Any] = record.__dict__
        if self._defaults:
            for name, value in self._defaults.items():
                if said.get(name) is None:
                    said[name] = value
        if settings.metadata:
            said["metadata"] = {**settings.metadata, **(record.metadata or {})}
        if "input_content" in said or "output_content" in said:
            self._keep_content(said)
        if record.web_request is not None or _web.watched() is not None:
            _web.deliver(record)
        self._delivery.put(record)

    def guard(self, record: Record) -> None:
        """Raise BudgetExceeded if a budget that this call falls under is known to be spent. What isn't known forbids nothing."""
        settings = self.settings
        if not settings.enabled:
            return
        attribute(record)
        user_id = record.user_id
        if user_id is not None and settings.hash_user_ids:
            user_id = hash_user_id(user_id, settings.user_id_salt)
        try:
            self._attend()
        except Exception as error:  # noqa: BLE001 - a guard that doesn't work must not stop calls
            swallow(error, "guard")
        self._budgets.check(record, user_id, record.environment or settings.environment, record.team or settings.team)

    def flush(self, timeout: float = 5.0) -> bool:
        """Send now whatever waits, and wait for it. True: all of it has arrived, or was refused for good."""
        try:
            return self._delivery.flush(timeout)
        except Exception as error:  # noqa: BLE001 - likewise
            swallow(error, "flush")
            return False

    def hasten(self) -> None:
        """Send now what waits, without waiting for it."""
        self._delivery.hasten()

    async def aflush(self, timeout: float = 5.0) -> bool:
        """The same for a coroutine; the event loop goes on meanwhile."""
        import asyncio  # noqa: PLC0415 - who gets here has it loaded

        return await asyncio.get_running_loop().run_in_executor(None, self.flush, timeout)

    def close(self, timeout: float = 5.0) -> bool:
        """Flush, and let go of the thread and the connection. What is submitted later is dropped."""
        atexit.unregister(self._at_exit)
        if self in _clients:
            _clients.remove(self)
        try:
            return self._delivery.close(timeout)
        except Exception as error:  # noqa: BLE001 - likewise
            swallow(error, "close")
            return False

    def stats(self) -> Stats:
        """What was done so far."""
        return self._delivery.stats()

    def listen(self, listener: Callable[[Result], object]) -> Callable[[], None]:
        """Have `listener` told what becomes of each record, in the sending thread. Call what comes back to end it."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    def after_fork(self) -> None:
        """In a forked child: begin anew."""
        self._attended = False
        self._budgets.after_fork()
        self._delivery.after_fork()

    def _hear(self, result: Result, said: Mapping[str, Any] | None) -> None:
        if said is not None:
            self._budgets.learn(said, result.answer)
        for listener in tuple(self._listeners):
            self._tell(listener, result)

    def _tell(self, listener: Callable[[Result], object], result: Result) -> None:
        try:
            listener(result)
        except Exception as error:  # noqa: BLE001 - it is the application's function
            self._delivery.fail(error)

    def _keep_content(self, said: dict[str, Any]) -> None:
        for name in ("input_content", "output_content"):
            content = said.get(name)
            if not self.settings.capture_content or content is None:
                said[name] = None
            elif not isinstance(content, str):
                # As it is now: the application may go on with its list of messages.
                import json  # noqa: PLC0415

                said[name] = json.dumps(content, default=str)

    def _attend(self) -> None:
        if not self._attended:
            self._attended = True
            self._delivery.attend(self._ask_for_news)

    def _ask_for_news(self) -> float | None:
        """In the sending thread: ask how the project stands. Gives back in how many seconds again."""
        status = self._delivery.sender.status()
        if status is not None:
            self._budgets.learn_status(status)
        again = self._budgets.ask_again_in()
        if again is None:
            self._attended = False
        return again

    def _at_exit(self) -> None:
        _trouble.raise_errors(False)
        self.close(self.settings.exit_timeout)


_clients: Final[list[Client]] = []
"""Those that live, for the moment after a fork."""


class _Current:
    """The one client that everything in the process tells of its calls."""

    def __init__(self) -> None:
        self.client: Client | None = None
        self.looked = False
        self.lock = threading.RLock()


_here: Final = _Current()


def init(endpoint: str | None = None, api_key: str | None = None, **options: Unpack[Options]) -> Client:
    """Set up the client of this process, once: whoever comes later gets the one there is, and other settings are ignored.

    What isn't given is read from the environment. Raises ValueError, naming what is wrong.
    """
    with _here.lock:
        if _here.client is None:
            _here.client = Client(endpoint, api_key, **options)
            _trouble.raise_errors(_here.client.settings.raise_errors)
        elif read(endpoint, api_key, options, os.environ) != _here.client.settings:
            tell("init", "init was called again with other settings; the first ones hold until `shutdown`.")
        return _here.client


def current() -> Client | None:
    """The client that `init` or the environment has set up; None: nobody has, so there is nothing to tell."""
    client = _here.client
    if client is not None or _here.looked:
        return client
    return _look()


def _look() -> Client | None:
    if not _here.looked:
        with _here.lock:
            _here.looked = True
            if os.environ.get("FARTHING_API_KEY") or os.environ.get("FARTHING_ENDPOINT"):
                try:
                    return init()
                except ValueError as error:
                    swallow(error, "environment")
    return _here.client


def shutdown(timeout: float = 5.0) -> bool:
    """Flush and close the current client; `init` may set up another. True: everything has arrived."""
    with _here.lock:
        client, _here.client, _here.looked = _here.client, None, False
    done = True if client is None else client.close(timeout)
    _trouble.raise_errors(False)
    return done


def flush(timeout: float = 5.0) -> bool:
    """Send now whatever waits: at the end of a serverless handler, before `os._exit`. True: all of it has arrived."""
    client = current()
    return True if client is None else client.flush(timeout)


async def aflush(timeout: float = 5.0) -> bool:
    """The same for a coroutine; the event loop goes on meanwhile."""
    client = current()
    return True if client is None else await client.aflush(timeout)


def _after_fork() -> None:
    _here.lock = threading.RLock()
    _trouble.after_fork()
    _attempts.after_fork()
    for client in _clients:
        client.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
