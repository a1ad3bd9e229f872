"""What was seen is never forgotten within a generation, and little else is taken for seen."""

from farthing.store.telemetry.memory import Memory

NAMES = 50_000


def test_a_seen_name_is_never_taken_for_new() -> None:
    memory = Memory(NAMES, 7)
    for number in range(NAMES):
        memory.add(("project", number.to_bytes(16, "big")), 8)
    assert all(memory.add(("project", number.to_bytes(16, "big")), 9) for number in range(NAMES))
    assert memory.since_ns == 7


def test_looking_adds_nothing() -> None:
    memory = Memory(NAMES, 0)
    memory.add("there", 1)
    assert memory.has("there")
    assert not memory.has("elsewhere")
    assert not memory.add("elsewhere", 1)
    for number in range(NAMES):
        memory.add(number, 1)
    assert memory.has("there")


def test_a_new_name_is_rarely_taken_for_seen() -> None:
    memory = Memory(NAMES, 0)
    taken = sum(memory.add(("project", number.to_bytes(16, "big")), 1) for number in range(NAMES))
    assert taken < NAMES / 500


def test_after_two_generations_it_says_since_when_it_remembers() -> None:
    memory = Memory(100, 0)
    for number in range(400):
        memory.add(number.to_bytes(16, "big"), number)
    assert 100 <= memory.since_ns <= 300
    assert all(memory.add(number.to_bytes(16, "big"), 400) for number in range(300, 400))
