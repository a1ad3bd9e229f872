"""Items whose texts stand for files in; where in the item each is, as the SDK finds it, out."""

from farthing.datasets.dataset import Item
from farthing.langfuse.item_media import references


def test_each_text_that_is_a_reference_has_its_path() -> None:
    def text(media_id: str) -> str:
        return f"@@@langfuseMedia:type=image/png|id={media_id}|source=bytes@@@"

    item = Item(
        "i", "ds", "ACTIVE", {"a": ["x", text("one")], "7": {"b.c": text("gone")}}, text("two"), None, "", "", 1, 1
    )
    held = {"one": {"mediaId": "one"}, "two": {"mediaId": "two"}}
    assert references(item, held.get) == [
        {"field": "input", "referenceString": text("one"), "jsonPath": "$['a'][1]", "media": held["one"]},
        {"field": "expectedOutput", "referenceString": text("two"), "jsonPath": "$", "media": held["two"]},
    ]
    assert references(Item("i", "ds", "ACTIVE", f"see {text('one')}", None, [], "", "", 1, 1), held.get) == []
