"""Where in a list an answer begins, as a client was told it, in; offsets, and where the next answer begins, out."""

from farthing.errors import BadRequestError

MOST = 500


def part(cursor: str, limit: int) -> tuple[int, int]:
    """Offset and number of what is asked for. Raises `BadRequestError`."""
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        msg = "cursor is none that was given out here."
        raise BadRequestError(msg)
    return int(cursor or 0), max(1, min(limit, MOST))


def after(asked: tuple[int, int], total: int) -> str | None:
    """The cursor of what comes next; None at the end."""
    end = asked[0] + asked[1]
    return str(end) if end < total else None
