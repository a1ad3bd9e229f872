"""The instant the demo ends in; the windows of the anomalies planted in it out, for the story and for tests of alerts.

Days are UTC calendar days counted back from the day of the end, and on from a weekend to the Friday before it.

- Retry loop: on day -3, from 13:00 to 16:00, no answer for a document of `invoice.extract` is good enough. Each is sent
  32 times without a pause, as large as it is; most of these calls are paid for, the provider refuses one in eight.
- Prompt inflation: the prompt version `reply-2026.5` of `support.reply`, deployed on day -9 at 09:00, doubles its
  input tokens, and nobody takes it back.
- Runaway completion: on day -1 after 14:05 one call of `contracts.review` to gpt-5 writes 126,208 tokens.
"""

import msgspec

from farthing.demo.company import INFLATED_FEATURE, RETRY_LOOP_FEATURE, RUNAWAY_FEATURE

DAY_NS = 86_400 * 10**9
HOUR_NS = 3600 * 10**9
MINUTE_NS = 60 * 10**9

DEPLOY_HOUR = 9
"""Prompt versions are deployed at this hour (UTC)."""

RETRIES = 32
"""How often the retry loop sends the same prompt."""
REFUSED = 128
"""Of 1024 calls of the retry loop, because there are too many."""
RUNAWAY_MODEL = "gpt-5"
RUNAWAY_REASONING = 8_192
RUNAWAY_OUTPUT = 126_208
"""All of the runaway's output, its reasoning included."""


class Window(msgspec.Struct, frozen=True):
    """One anomaly: which feature, from when to when."""

    feature: str
    start_ns: int
    end_ns: int


class Planted(msgspec.Struct, frozen=True):
    """The anomalies of one demo, and when it ends."""

    end_ns: int
    retry_loop: Window
    prompt_inflation: Window
    runaway: Window


def instant(end_ns: int, days_ago: int, hour: int, minute: int = 0) -> int:
    """A time of day, so many calendar days before the day of `end_ns`."""
    return (end_ns // DAY_NS - days_ago) * DAY_NS + hour * HOUR_NS + minute * MINUTE_NS


def deployed(end_ns: int, days_ago: int) -> int:
    """When what was deployed so many days ago was, more or less: nobody deploys on a weekend."""
    return instant(end_ns, _working(end_ns, days_ago), DEPLOY_HOUR)


def _working(end_ns: int, days_ago: int) -> int:
    weekday = (end_ns // DAY_NS - days_ago + 3) % 7
    return days_ago + max(0, weekday - 4)


def planted(end_ns: int) -> Planted:
    """The anomalies of a demo that ends at `end_ns`; those before its start don't occur."""
    loop = _working(end_ns, 3)
    return Planted(
        end_ns,
        retry_loop=Window(RETRY_LOOP_FEATURE, instant(end_ns, loop, 13), instant(end_ns, loop, 16)),
        prompt_inflation=Window(INFLATED_FEATURE, deployed(end_ns, 9), end_ns),
        runaway=Window(RUNAWAY_FEATURE, instant(end_ns, 1, 14, 5), instant(end_ns, 1, 16)),
    )
