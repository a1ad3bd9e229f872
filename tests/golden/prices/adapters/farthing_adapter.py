"""Cases on standard input; what Farthing says they cost on standard output."""

import json
import sys
from datetime import UTC, datetime, timedelta

from farthing.model.money import to_text
from farthing.pricing import base
from farthing.pricing.explain import Question, explain

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def main() -> None:
    """One answer a line."""
    catalog = base.load()
    for case in map(json.loads, sys.stdin):
        cost = explain(
            Question(
                provider=case["provider"],
                model=case["model"],
                usage=case["usage"],
                at_ns=(datetime.fromisoformat(case["at"]) - EPOCH) // timedelta(microseconds=1) * 1000,
                service_tier=case.get("service_tier", ""),
                region=case.get("region", ""),
                operation=case.get("operation", "chat"),
            ),
            catalog,
        )
        usd = None if cost.amount is None else to_text(cost.amount)
        print(json.dumps({"id": case["id"], "usd": usd, "why": cost.rule}))


if __name__ == "__main__":
    main()
