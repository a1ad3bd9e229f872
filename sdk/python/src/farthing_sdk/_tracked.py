"""A function that makes one call goes in, of whatever kind; the same function comes out, and each of its calls is told of."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Callable, TypeVar, cast

from farthing_sdk._call import Call
from farthing_sdk._trouble import swallow

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Generator, Mapping

    from typing_extensions import Unpack

    from farthing_sdk._record import CallFields, UsageFields

F = TypeVar("F", bound=Callable[..., Any])

UsageOf = Callable[[Any], "UsageFields | Mapping[str, Any] | None"]


def tracked(
    *, guard: bool | None = None, usage: UsageOf | None = None, **fields: Unpack[CallFields]
) -> Callable[[F], F]:
    """Each run of the decorated function is one call; it may be a coroutine, a generator or an async generator.

    `usage` gets what the function returns (a generator: the last it gave) and says what was used; `current_call()` within
    the function does as well. A generator's first item is its first token.
    """

    def decorate(function: F) -> F:
        # `inspect` takes longer to load than all of this package; a module that decorates pays for it, once.
        import inspect  # noqa: PLC0415

        given = dict(fields)

        def begin() -> Call:
            return Call(guard, dict(given))

        if inspect.isasyncgenfunction(function):
            wrapper = _async_generator(function, begin, usage)
        elif inspect.isgeneratorfunction(function):
            wrapper = _generator(function, begin, usage)
        elif inspect.iscoroutinefunction(function):
            wrapper = _coroutine(function, begin, usage)
        else:
            wrapper = _function(function, begin, usage)
        return cast(F, functools.wraps(function)(wrapper))

    return decorate


def _function(function: Callable[..., Any], begin: Callable[[], Call], usage: UsageOf | None) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        with begin() as call:
            answer = function(*args, **kwargs)
            _use(call, usage, answer)
            return answer

    return run


def _coroutine(
    function: Callable[..., Awaitable[Any]], begin: Callable[[], Call], usage: UsageOf | None
) -> Callable[..., Any]:
    async def run(*args: Any, **kwargs: Any) -> Any:
        async with begin() as call:
            answer = await function(*args, **kwargs)
            _use(call, usage, answer)
            return answer

    return run


def _generator(
    function: Callable[..., Generator[Any, Any, Any]], begin: Callable[[], Call], usage: UsageOf | None
) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        with begin() as call:
            inner = function(*args, **kwargs)
            last: Any = None
            try:
                given = next(inner)
                while True:
                    call.first_token()
                    last = given
                    # What the caller does with an item is not done within this call.
                    call.pause()
                    try:
                        sent = yield given
                    except GeneratorExit:
                        call.resume()
                        inner.close()
                        raise
                    except BaseException as error:  # noqa: BLE001 - whatever the caller throws is the function's to deal with
                        call.resume()
                        given = inner.throw(error)
                    else:
                        call.resume()
                        given = inner.send(sent)
            except StopIteration as end:
                _use(call, usage, last if end.value is None else end.value)
                return end.value

    return run


def _async_generator(
    function: Callable[..., AsyncGenerator[Any, Any]], begin: Callable[[], Call], usage: UsageOf | None
) -> Callable[..., Any]:
    async def run(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        async with begin() as call:
            inner = function(*args, **kwargs)
            last: Any = None
            try:
                given = await inner.asend(None)
                while True:
                    call.first_token()
                    last = given
                    call.pause()
                    try:
                        sent = yield given
                    except GeneratorExit:
                        call.resume()
                        await inner.aclose()
                        raise
                    except BaseException as error:  # noqa: BLE001 - likewise
                        call.resume()
                        given = await inner.athrow(error)
                    else:
                        call.resume()
                        given = await inner.asend(sent)
            except StopAsyncIteration:
                _use(call, usage, last)

    return run


def _use(call: Call, usage: UsageOf | None, answer: Any) -> None:
    if usage is None:
        return
    try:
        used = usage(answer)
        if used:
            call.usage(**cast("UsageFields", used))
    except Exception as error:  # noqa: BLE001 - the application has its answer; the figures are ours to worry about
        swallow(error, "usage")
