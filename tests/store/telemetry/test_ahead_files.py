"""Records written ahead: all that was durable comes back, and nothing that was done with, cut short or of an earlier use."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from farthing.store.telemetry import ahead_files
from farthing.store.telemetry.ahead_files import AheadFiles


def left(folder: Path) -> list[tuple[int, bytes]]:
    return AheadFiles(folder).left()


def test_what_is_not_done_with_comes_back_in_order(tmp_path: Path) -> None:
    files = AheadFiles(tmp_path)
    assert files.left() == []
    for number in (5, 7, 8):
        files.add(number, b"rows %d" % number)
    assert left(tmp_path) == [(5, b"rows 5"), (7, b"rows 7"), (8, b"rows 8")]
    files.forget(7)
    assert left(tmp_path) == [(8, b"rows 8")]
    files.close()
    assert left(tmp_path) == [(8, b"rows 8")]
    AheadFiles(tmp_path).clear()
    assert left(tmp_path) == []


def test_where_all_is_done_with_nothing_stays(tmp_path: Path) -> None:
    files = AheadFiles(tmp_path)
    files.add(1, b"rows")
    files.forget(1)
    files.close()
    assert not list(tmp_path.iterdir())
    with pytest.raises(OSError, match="descriptor"):
        files.add(2, b"too late")


def test_what_a_file_was_used_for_before_is_not_read_again(tmp_path: Path) -> None:
    files = AheadFiles(tmp_path)
    for number in range(1, 6):
        files.add(number, b"same length")
    files.forget(5)
    files.add(6, b"same length")
    assert left(tmp_path) == [(6, b"same length")]
    files.close()


def test_a_record_that_was_cut_short_ends_the_file(tmp_path: Path) -> None:
    files = AheadFiles(tmp_path)
    files.add(1, b"whole")
    files.add(2, b"x" * 1000)
    files.close()
    (file,) = tmp_path.iterdir()
    held = bytearray(file.read_bytes())
    held[held.index(b"x" * 1000) + 500 :] = bytes(len(held) - held.index(b"x" * 1000) - 500)
    file.write_bytes(held)
    assert left(tmp_path) == [(1, b"whole")]
    file.write_bytes(held[: held.index(b"x" * 500) + 20])
    assert left(tmp_path) == [(1, b"whole")]
    file.write_bytes(b"")
    assert left(tmp_path) == []


def test_a_failed_write_leaves_its_place_to_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = AheadFiles(tmp_path)
    files.add(1, b"first")

    def fails(_: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(ahead_files, "_sync", fails)
        with pytest.raises(OSError, match="Input/output"):
            files.add(2, b"refused, and sent again as another")
    files.add(3, b"next")
    assert left(tmp_path) == [(1, b"first"), (3, b"next")]
    files.close()


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, 900)), max_size=40))
def test_two_files_in_turns_hold_all_that_is_left(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[bool, int]]
) -> None:
    folder = tmp_path_factory.mktemp("ahead")
    with pytest.MonkeyPatch.context() as small:
        small.setattr(ahead_files, "_TURN", 5000)
        small.setattr(ahead_files, "_STEP", 3000)
        small.setattr(ahead_files, "_MOST_SPARE", 6000)
        files = AheadFiles(folder)
        expected: list[tuple[int, bytes]] = []
        for number, (forgets, size) in enumerate(steps, 1):
            if forgets and expected:
                done = expected[min(size, len(expected) - 1)][0]
                files.forget(done)
                expected = [one for one in expected if one[0] > done]
            else:
                files.add(number, b"%d" % number * size)
                expected.append((number, b"%d" % number * size))
            assert left(folder) == expected
        files.close()
        assert left(folder) == expected
