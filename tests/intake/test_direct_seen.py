"""Ids of posted calls: until all of them are known every id may be one; afterwards only those that were."""

import secrets
import threading
from collections.abc import Iterator

from farthing.intake.direct_seen import Seen


def test_new_ids_are_new_once_all_old_ones_are_known() -> None:
    old = [secrets.token_bytes(8) for _ in range(12_000)]
    read = threading.Event()

    def load() -> Iterator[list[bytes]]:
        read.wait()
        yield old

    seen = Seen(load)
    kept, new = secrets.token_bytes(8), [secrets.token_bytes(8) for _ in range(1_000)]
    assert seen.held(new) == new
    seen.add([kept])
    read.set()
    seen.wait_whole(10)
    assert seen.held([*old, kept]) == [*old, kept]
    assert len(seen.held(new)) < 5
    seen.close()
