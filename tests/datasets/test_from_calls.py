"""A call whose library wrote its conversation down piece by piece; the item made of it has the conversation as providers take it."""

from farthing.datasets.from_calls import _of_call  # pyright: ignore[reportPrivateUsage]  the store around it is tried elsewhere
from farthing.model.span import Attributes
from farthing.normalize.content_values import Values
from farthing.query.content import Content


def kept(attributes: Attributes, values: Values) -> Content:
    return Content(attributes, (), values, "", 0, "", kept=True, cut=False)


def test_pieces_become_a_conversation() -> None:
    found = _of_call(
        kept(
            {
                "gen_ai.prompt.0.role": "system",
                "gen_ai.prompt.0.content": "Be brief.",
                "gen_ai.prompt.1.role": "user",
                "gen_ai.prompt.1.content": "Two and two?",
                "gen_ai.completion.0.role": "assistant",
                "gen_ai.completion.0.content": "Four.",
            },
            Values(),
        )
    )
    assert found.input == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Two and two?"}]
    assert found.output == "Four."


def test_values_that_were_given_stay_as_they_are() -> None:
    given = Values(input={"text": "x"}, output=["y"])
    assert _of_call(kept({"gen_ai.prompt.0.content": "z"}, given)) == given


def test_without_content_there_is_no_input() -> None:
    assert _of_call(kept({"gen_ai.request.model": "gpt-4o"}, Values())).input is None
