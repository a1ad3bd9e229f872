"""Cases on standard input; what Farthing says they cost on standard output."""

import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from farthing.model.ledger import Cost
from farthing.model.money import to_text
from farthing.model.usage import Usage, UsageSource
from farthing.pricing import base
from farthing.pricing.cost import Asked, price_of
from farthing.pricing.explain import buckets

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CATALOG = base.load()


def asked(case: dict[str, Any]) -> Asked:
    """The case in Farthing's terms."""
    return Asked(
        provider=case["provider"],
        request_model=case["model"],
        usage=Usage(buckets(case["usage"]), UsageSource.PROVIDER),
        start_ns=(datetime.fromisoformat(case["at"]) - EPOCH) // timedelta(microseconds=1) * 1000,
        served_tier=case.get("service_tier", ""),
        region=case.get("region", ""),
        operation=case.get("operation", "chat"),
    )


def question(case: dict[str, Any]) -> Callable[[], Cost]:
    """What prices the case, everything else done before."""
    told = asked(case)
    return lambda: price_of(told, CATALOG)


def many(cases: Sequence[dict[str, Any]]) -> Callable[[], list[Cost]]:
    """What prices all of them at once."""
    told = [asked(case) for case in cases]
    return lambda: [price_of(one, CATALOG) for one in told]


def main() -> None:
    """One answer a line."""
    for case in map(json.loads, sys.stdin):
        cost = question(case)()
        usd = None if cost.amount is None else to_text(cost.amount)
        print(json.dumps({"id": case["id"], "usd": usd, "why": cost.rule}))


if __name__ == "__main__":
    main()
