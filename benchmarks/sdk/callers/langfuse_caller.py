"""A sink in; a call told of with langfuse, as a generation with the same facts, out."""

from collections.abc import Callable
from typing import Any

from langfuse import Langfuse


def prepare(sink: str) -> tuple[Callable[[], object], Callable[[], object], Callable[[], object]]:
    """The call without telling, the call told of, and how to send what waits."""
    client: Any = Langfuse(public_key="pk-lf-benchmark", secret_key="sk-lf-benchmark", base_url=sink)

    def bare() -> None:
        pass

    def tell() -> None:
        with client.start_as_current_observation(
            name="support.reply", as_type="generation", model="gpt-4o-mini", version="v3", metadata={"user": "u_17"}
        ) as generation:
            generation.update(usage_details={"input": 1200, "output": 80})

    return bare, tell, client.flush


def remark() -> str:
    """It doesn't tell what became of them."""
    return ""
