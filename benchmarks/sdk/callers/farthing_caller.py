"""A sink in; a call told of with farthing-sdk, as docs/sdk-python.md shows it, out."""

from collections.abc import Callable

import farthing_sdk


def prepare(sink: str) -> tuple[Callable[[], object], Callable[[], object], Callable[[], object]]:
    """The call without telling, the call told of, and how to send what waits."""
    client = farthing_sdk.init(sink, "fk_benchmark")

    def bare() -> None:
        pass

    def tell() -> None:
        with farthing_sdk.call(
            provider="openai", model="gpt-4o-mini", feature="support.reply", prompt_version="v3", user_id="u_17"
        ) as call:
            call.usage(input_tokens=1200, output_tokens=80)

    return bare, tell, lambda: client.flush(30)


def remark() -> str:
    """What became of the calls."""
    client = farthing_sdk.current()
    assert client is not None
    stats = client.stats()
    return f"{stats.accepted} accepted, {stats.dropped} dropped"
