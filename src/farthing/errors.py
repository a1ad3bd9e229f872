"""Every error Farthing raises on purpose, with its message for a person, HTTP status and whether a retry can help.

FarthingError
 +-- BadRequestError          400  the request itself is wrong
 |    +-- TooLargeError       413  a body over its limit
 |    +-- UnsupportedError    415  a content type or encoding we don't read
 +-- UnauthenticatedError     401  no key, or one we don't know
 +-- ForbiddenError           403  a right key without the scope
 +-- NotFoundError            404
 +-- ConflictError            409
 +-- UnbuiltError             501  what is asked for is right, and not built here
 +-- TooManyError             429  one asks too often; come back after `retry_after` seconds
 +-- SpentError               429  a budget that blocks has no room for a call
 +-- BusyError                503  queues are full; come back after `retry_after` seconds
 +-- StoreError               503  the store could not keep or answer; retry
 |    +-- StoreFullError      503  no space left; telemetry is refused, never dropped
 +-- StartError               --   the server cannot start; one sentence, exit code 1
"""

from typing import ClassVar


class FarthingError(Exception):
    """The root of the tree. `str(error)` is a full sentence for a person."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False


class BadRequestError(FarthingError):
    """The request is wrong as it stands; sending it again won't help."""

    code = "bad_request"
    status = 400


class TooLargeError(BadRequestError):
    """A body is over its limit, as sent or after decompression."""

    code = "too_large"
    status = 413


class UnsupportedError(BadRequestError):
    """A content type or content encoding that is not read here."""

    code = "unsupported"
    status = 415


class UnauthenticatedError(FarthingError):
    """No key was sent, or one that is unknown, expired or revoked."""

    code = "unauthenticated"
    status = 401


class ForbiddenError(FarthingError):
    """The key is right but lacks the scope this needs."""

    code = "forbidden"
    status = 403


class NotFoundError(FarthingError):
    """There is no such thing in this project."""

    code = "not_found"
    status = 404


class ConflictError(FarthingError):
    """The thing exists already or has changed meanwhile."""

    code = "conflict"
    status = 409


class UnbuiltError(FarthingError):
    """The request is right as it stands, and asks for what isn't built here; the message says what to do instead."""

    code = "unbuilt"
    status = 501


class TooManyError(FarthingError):
    """One caller asks more often than it may."""

    code = "too_many"
    status = 429
    retryable = True
    retry_after = 300


class SpentError(FarthingError):
    """A budget that blocks has no room for what a call may cost. Trying again helps when its next period has begun."""

    code = "budget_exceeded"
    status = 429


class BusyError(FarthingError):
    """A bounded queue is full. Nothing of the request was kept."""

    code = "busy"
    status = 503
    retryable = True
    retry_after = 1


class StoreError(FarthingError):
    """A store could not do what was asked. Nothing was acknowledged."""

    code = "store_unavailable"
    status = 503
    retryable = True


class StoreFullError(StoreError):
    """The disk is full. Nothing was acknowledged; senders keep their data and retry."""

    code = "disk_full"
    retry_after = 30


class StartError(FarthingError):
    """The server cannot start; the message says what to do."""

    code = "cannot_start"
