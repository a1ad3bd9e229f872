"""Prompts that quote others are filled; circles, what is missing and what grows without end are refused with a sentence."""

from datetime import UTC, datetime
from typing import Any

import pytest

from farthing.errors import ConflictError
from farthing.prompts.composing import MOST_LETTERS, Reference, references, whole
from farthing.prompts.prompt import Kind, Version, Written


def version(name: str, prompt: Any, number: int = 1, kind: Kind = Kind.TEXT) -> Version:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    return Version(f"id-{name}", name, kind, number, Written(prompt), (), (), now, "somebody")


class Book:
    """Versions that are found by number, else by any label."""

    def __init__(self, *versions: Version) -> None:
        self.asked: list[Reference] = []
        self._versions = versions

    def find(self, reference: Reference) -> Version | None:
        self.asked.append(reference)
        numbers = (reference.number,) if reference.number else (1,)
        return next((v for v in self._versions if v.name == reference.name and v.number in numbers), None)


def quoted(name: str, more: str = "") -> str:
    return f"@@@langfusePrompt:name={name}{more}@@@"


def test_texts_stand_in_the_place_of_quotations() -> None:
    book = Book(version("a/b c", f"[{quoted('deep')}]"), version("deep", "{{x}}"), version("deep", "two", number=2))
    root = version("root", f"1 {quoted('a/b c', '|label=staging')} 2 {quoted('deep', '|version=2')} {quoted('a/b c')}")
    found = whole(root, book.find)
    assert found.prompt == "1 [{{x}}] 2 two [{{x}}]"
    told = {by: [v.id for v in which] for by, which in found.quoted.items()}
    assert told == {"id-a/b c-1": ["id-deep-1"], "id-root-1": ["id-a/b c-1", "id-deep-2"]}
    assert book.asked[0] == Reference("a/b c", None, "staging")


def test_messages_of_a_chat_quote_too() -> None:
    messages = ({"role": "system", "content": quoted("deep")}, {"type": "placeholder", "name": "history"})
    found = whole(version("root", messages, kind=Kind.CHAT), Book(version("deep", "said")).find)
    assert found.prompt == ({"role": "system", "content": "said"}, {"type": "placeholder", "name": "history"})


def test_what_quotes_nothing_is_as_it_is() -> None:
    found = whole(version("root", "a {{b}} @@@"), Book().find)
    assert (found.prompt, found.quoted) == ("a {{b}} @@@", {})


@pytest.mark.parametrize(
    ("root", "others", "says"),
    [
        (quoted("root"), [], "in a circle: root → root"),
        (quoted("b"), [version("b", quoted("root"))], "in a circle: root → b → root"),
        (quoted("b"), [], r"'root' quotes 'b' \(label 'production'\), which there is none of"),
        (quoted("b", "|version=7"), [version("b", "")], r"quotes 'b' \(version 7\), which there is none of"),
        (quoted("b"), [version("b", (), kind=Kind.CHAT)], "which is a chat"),
        ("@@@langfusePrompt:b@@@", [], "A quotation says name="),
        (quoted("b", "|version=1|label=x"), [], "A quotation says name="),
        (quoted("b", "|version=one"), [], "A quotation says name="),
        (quoted("1"), [version(str(n), quoted(str(n + 1))) for n in range(1, 9)], "more than 5 deep"),
    ],
)
def test_what_can_not_be_filled_is_refused(root: str, others: list[Version], says: str) -> None:
    with pytest.raises(ConflictError, match=says):
        whole(version("root", root), Book(*others).find)


def test_what_would_fill_the_memory_is_refused_soon() -> None:
    wide = [version(str(n), quoted(str(n + 1)) * 1000) for n in range(4)]
    book = Book(*wide, version("4", "letters" * 1000))
    with pytest.raises(ConflictError, match=f"more than {MOST_LETTERS} letters"):
        whole(version("root", quoted("0")), book.find)
    assert len(book.asked) == 5


def test_what_is_quoted_can_be_listed() -> None:
    assert list(references(({"role": "user", "content": quoted("a") + quoted("b", "|version=2")},))) == [
        Reference("a"),
        Reference("b", 2),
    ]
