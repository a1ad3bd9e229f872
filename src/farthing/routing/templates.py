"""A template and a call's `input` in; the text of the system prompt out. Pure.

What a template may hold, and how it is kept within bounds, is `sandbox`'s; it is loaded when the first template is met, since
a server without any should not have to wait for Jinja at its start.
"""

from collections.abc import Mapping
from typing import Any

from farthing.query.errors import ParameterError

LONGEST_TEMPLATE = 100_000


def render(template: str, given: Mapping[str, Any]) -> str:
    """The text; what the input doesn't tell renders empty. Raises `BadRequestError`."""
    if not _is_template(template):
        return template
    from farthing.routing import sandbox  # noqa: PLC0415

    return sandbox.render(template, given)


def check(template: str, field: str = "system_prompt") -> None:
    """Raises `ParameterError` for what is no template, or one of more than is allowed."""
    if len(template) > LONGEST_TEMPLATE:
        raise ParameterError(field, f"at most {LONGEST_TEMPLATE:,} characters.")
    if _is_template(template):
        from farthing.routing import sandbox  # noqa: PLC0415

        sandbox.check(template, field)


def _is_template(text: str) -> bool:
    return "{{" in text or "{%" in text or "{#" in text
