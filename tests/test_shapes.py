"""Types that several threads read for the first time, at the same moment; each value is read, and the process lives on."""

import subprocess
import sys
import textwrap

import msgspec
import pytest

from farthing.shapes import Shape

TYPES = 300
SECONDS = 60

MANY_AT_ONCE = f"""
    import sys
    import threading

    import msgspec

    from farthing.shapes import Shape

    sys.setswitchinterval(1e-6)
    for number in range({TYPES}):
        inner = msgspec.defstruct(f"Inner{{number}}", [("a", int), ("b", str)])
        outer = msgspec.defstruct(f"Outer{{number}}", [(f"field{{i}}", list[inner], []) for i in range(20)])
        start = threading.Barrier(3)

        def read():
            start.wait()
            READ

        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
"""


class Told(msgspec.Struct):
    a: int


def ended_with(reading: str) -> int:
    code = textwrap.dedent(MANY_AT_ONCE).replace("READ", reading)
    return subprocess.run([sys.executable, "-c", code], timeout=SECONDS, check=False).returncode


def test_a_type_may_be_read_by_several_threads_at_once() -> None:
    assert ended_with("Shape(outer).of({'field1': [{'a': 1, 'b': 'x'}]})") == 0


def test_each_way_reads_the_same_and_refuses_the_same() -> None:
    shape = Shape(Told)
    assert shape.of({"a": 1}) == shape.of_json(b'{"a": 1}') == shape.of_yaml("a: 1") == Told(1)
    for reads in (lambda: shape.of({"a": "x"}), lambda: shape.of_json('{"a": "x"}'), lambda: shape.of_yaml("a: x")):
        with pytest.raises(msgspec.ValidationError):
            reads()
