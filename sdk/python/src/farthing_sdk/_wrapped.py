"""A client of the `openai` or `anthropic` package goes in; the same client, its calls told of, comes out.

What is watched is the one method that every call of these packages goes through, attempts and streaming helpers included,
and the HTTP response it reads. So the application gets the package's own objects, untouched.
"""

from __future__ import annotations

import contextvars
import functools
import inspect
import weakref
from typing import TYPE_CHECKING, Any, Callable, Final

from farthing_sdk._client import current
from farthing_sdk._events import Events, body
from farthing_sdk._observed import Observed, guarded
from farthing_sdk._reading import read_on
from farthing_sdk._trouble import swallow

if TYPE_CHECKING:
    from collections.abc import Awaitable

Begin = Callable[[Any, Any, bool], "Observed | None"]
"""A client, the options of its request and whether it streams → the call, if it is one that uses tokens."""

MARK: Final = "_farthing_wrapped"
_OURS: Final = frozenset({MARK, "request", "copy", "with_options", "__reduce_ex__"})

_call: contextvars.ContextVar[Observed | None] = contextvars.ContextVar("farthing_observed", default=None)
_hooked: Final[weakref.WeakSet[Any]] = weakref.WeakSet()


def wrap_client(client: Any, begin: Begin) -> None:
    """Tell of what goes through this client, and through the copies made of it."""
    if MARK in client.__dict__:
        return
    client.__dict__[MARK] = True
    client.__dict__["request"] = _watching(client.request, begin, client)
    for name in ("copy", "with_options"):
        client.__dict__[name] = _copying(getattr(client, name), begin)
    # Asked by the module `copy`: what stands above is of this client, and no other's to go through.
    client.__dict__["__reduce_ex__"] = functools.partial(_taken_apart, client, begin)


def _taken_apart(client: Any, begin: Begin, _: int) -> tuple[Any, ...]:
    plain = {name: value for name, value in client.__dict__.items() if name not in _OURS}
    return _put_together, (type(client), begin), plain


def _put_together(cls: Any, begin: Begin) -> Any:
    made = cls.__new__(cls)
    wrap_client(made, begin)
    return made


def wrap_class(cls: Any, begin: Begin) -> None:
    """Tell of what goes through any client of this class, those there are included."""
    if MARK in cls.__dict__:
        return
    original = cls.request

    if inspect.iscoroutinefunction(original):

        @functools.wraps(original)
        async def request_async(self: Any, *args: Any, **kwargs: Any) -> Any:
            return await _ask_async(self, functools.partial(original, self), begin, args, kwargs)

        cls.request = request_async
    else:

        @functools.wraps(original)
        def request(self: Any, *args: Any, **kwargs: Any) -> Any:
            return _ask(self, functools.partial(original, self), begin, args, kwargs)

        cls.request = request
    setattr(cls, MARK, original)


def unwrap_class(cls: Any) -> None:
    """Tell no more of clients that weren't wrapped themselves."""
    original = cls.__dict__.get(MARK)
    if original is not None:
        cls.request = original
        delattr(cls, MARK)


def _watching(original: Callable[..., Any], begin: Begin, client: Any) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(original):

        @functools.wraps(original)
        async def request_async(*args: Any, **kwargs: Any) -> Any:
            return await _ask_async(client, original, begin, args, kwargs)

        return request_async

    @functools.wraps(original)
    def request(*args: Any, **kwargs: Any) -> Any:
        return _ask(client, original, begin, args, kwargs)

    return request


def _copying(original: Callable[..., Any], begin: Begin) -> Callable[..., Any]:
    @functools.wraps(original)
    def copy(*args: Any, **kwargs: Any) -> Any:
        made = original(*args, **kwargs)
        try:
            wrap_client(made, begin)
        except Exception as error:  # noqa: BLE001 - the copy works without us
            swallow(error, "wrapped client")
        return made

    return copy


def _ask(client: Any, ask: Callable[..., Any], begin: Begin, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    call = _begun(client, begin, args, kwargs)
    if call is None:
        return ask(*args, **kwargs)
    guarded(call.record)
    token = _call.set(call)
    again = False
    result: Any = None
    try:
        try:
            result = ask(*args, **kwargs)
        except Exception as error:
            again = _again(call, error)
            if not again:
                raise
        if again:
            result = ask(*args, **kwargs)
    except BaseException as error:
        _failed(call, error)
        raise
    finally:
        _call.reset(token)
    _answered(call, result)
    return result


async def _ask_async(
    client: Any,
    ask: Callable[..., Awaitable[Any]],
    begin: Begin,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    call = _begun(client, begin, args, kwargs)
    if call is None:
        return await ask(*args, **kwargs)
    guarded(call.record)
    token = _call.set(call)
    again = False
    result: Any = None
    try:
        try:
            result = await ask(*args, **kwargs)
        except Exception as error:
            again = _again(call, error)
            if not again:
                raise
        if again:
            result = await ask(*args, **kwargs)
    except BaseException as error:
        _failed(call, error)
        raise
    finally:
        _call.reset(token)
    _answered(call, result)
    return result


def _begun(client: Any, begin: Begin, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Observed | None:
    """The call that begins, or None: it uses no tokens, nobody wants to know, or it is being watched already."""
    try:
        if current() is None:
            return None
        options = args[1] if len(args) > 1 else kwargs.get("options")
        outer = _call.get()
        if options is None or (outer is not None and outer.options is options):
            return None
        call = begin(client, options, bool(kwargs.get("stream")))
        if call is not None:
            _hook(client)
    except Exception as error:  # noqa: BLE001 - the application has done nothing wrong
        swallow(error, "wrapped client")
        return None
    return call


def _again(call: Observed, error: Exception) -> bool:
    """The provider doesn't like being asked for usage, which the application has never done."""
    if call.forced is None or getattr(error, "status_code", None) not in (400, 422):
        return False
    said = str(error)
    if "stream_options" not in said and "include_usage" not in said:
        return False
    call.forced()
    return True


def _failed(call: Observed, error: BaseException) -> None:
    try:
        # Nothing was sent: there was no call.
        if not call.attempts:
            return
        response, call.response = call.response, None
        if response is not None and response.is_success and hasattr(response, "_content"):
            # The provider served it, and charges for it; the package made nothing of its answer.
            answer = body(response.content)
            if answer is not None:
                call.answer(answer)
        call.failed(error)
    except Exception as own:  # noqa: BLE001 - the application gets its own error
        swallow(own, "wrapped client")


def _answered(call: Observed, result: Any) -> None:
    try:
        response, call.response = call.response, None
        if not call.attempts:
            return
        if call.served is not None:
            call.served()
        if response is not None and not hasattr(response, "_content"):
            read_on(response, call)
            return
        speech = response if call.record.operation == "speech" else None
        if speech is not None and "event-stream" in str(speech.headers.get("content-type")):
            # Events that the package has read for the application.
            Events(call.seen, call.finish).feed(speech.content)
            call.finish()
            return
        whole = hasattr(result, "http_response") or result is response
        answer = body(response.content) if whole and response is not None else result
        if answer is not None:
            call.answer(answer)
        call.finish()
    except Exception as error:  # noqa: BLE001 - the application has its answer
        swallow(error, "wrapped client")


def _hook(client: Any) -> None:
    """Have the HTTP client of the package tell of each attempt."""
    http = client._client  # noqa: SLF001 - the one the package was given, or made itself
    if http in _hooked:
        return
    _hooked.add(http)
    is_async = inspect.iscoroutinefunction(http.send)
    http.event_hooks["request"].insert(0, _sending_async if is_async else _sending)
    http.event_hooks["response"].insert(0, _arrived_async if is_async else _arrived)


def _sending(_: Any) -> None:
    call = _call.get()
    if call is not None:
        call.attempts += 1
        call.response = None


def _arrived(response: Any) -> None:
    call = _call.get()
    if call is not None:
        if response.is_redirect:
            call.attempts -= 1
        call.response = response


async def _sending_async(request: Any) -> None:
    _sending(request)


async def _arrived_async(response: Any) -> None:
    _arrived(response)
