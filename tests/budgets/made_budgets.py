"""A few facts in; a budget as it is kept out."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from farthing.budgets.budget import Budget
from farthing.budgets.periods import Period

MADE = datetime(2026, 1, 1, tzinfo=UTC)


def make_budget(period: Period = Period.MONTH, limit: str = "10", **more: Any) -> Budget:
    """A budget; what isn't said is as it is by default."""
    told: dict[str, Any] = {"id": "bg_1", "project_id": "shop", "name": "all", "created_at": MADE, "updated_at": MADE}
    told |= {"limit_usd": Decimal(limit), "period": period}
    return Budget(**told | more)
