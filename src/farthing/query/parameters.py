"""Values in, placeholders out: the one way a value gets into a query's text, bound by the server and never spliced in."""

from typing import Any


class Parameters:
    """Collects the values of one query."""

    def __init__(self) -> None:
        """None yet."""
        self.values: dict[str, Any] = {}

    def add(self, kind: str, value: object) -> str:
        """The placeholder for a value of this ClickHouse type."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"{{{name}:{kind}}}"

    def instant(self, at_ns: int) -> str:
        """The placeholder for a moment in Unix nanoseconds, comparable with `start_time`."""
        return f"fromUnixTimestamp64Nano({self.add('Int64', at_ns)}, 'UTC')"
