"""A tag's key and value in, the text that stands for it in the column `tag_pairs` of `calls` out. Pure."""

BETWEEN = "\x1f"
MOST_BYTES = 41
"""Room for what people group by; a key with a UUID has none: such would only be kept twice."""


def pair(key: str, value: str) -> str | None:
    """What rows with this tag have in `tag_pairs`; None when that can't be told from the column."""
    text = f"{key}{BETWEEN}{value}"
    # An empty value is as good as no tag at all. A separator elsewhere would make two tags look the same.
    is_told = value and text.count(BETWEEN) == 1 and len(text.encode(errors="replace")) <= MOST_BYTES
    return text if is_told else None
