"""The results of a run go in; their means, and how they compare with another run, come out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from farthing_sdk._settings import Settings
    from farthing_sdk.experiments._nouns import Dataset, ItemResult, Score, Value


class Experiment:
    """One run of a dataset, over."""

    def __init__(
        self,
        name: str,
        dataset: Dataset,
        results: Sequence[ItemResult],
        before: Sequence[tuple[str, str, list[Score]]],
        settings: Settings | None,
    ) -> None:
        """`before` is what an earlier start of the run had done already."""
        self.name = name
        self.dataset = dataset
        self.results: list[ItemResult] = list(results)
        """Of the items that were tried now."""
        self.skipped: list[str] = [item_id for item_id, _, _ in before]
        """Items that an earlier start of this run had done."""
        self.run_id: str = ""
        """"": it was not sent to a server."""
        self.unsent: int = 0
        """Results that the server could not be told."""
        self._before = list(before)
        self._settings = settings

    @property
    def errors(self) -> list[ItemResult]:
        """Items that failed."""
        return [one for one in self.results if one.error]

    def means(self) -> dict[str, float]:
        """Of each score of numbers, or of yes and no, the mean over the items that have it."""
        return {
            name: sum(map(float, values)) / len(values)
            for name, values in self._values().items()
            if values and not any(isinstance(value, str) for value in values)
        }

    def labels(self) -> dict[str, dict[str, int]]:
        """Of each score of labels, how often each was given."""
        return {
            name: dict(Counter(map(str, values)).most_common())
            for name, values in self._values().items()
            if any(isinstance(value, str) for value in values)
        }

    def compare(self, *others: str, base: str | None = None, **asked: Any) -> dict[str, Any]:
        """This run beside others, by their ids or, within one dataset, their names; the first of them is the baseline.

        The server's answer, as of `GET /api/v1/experiments/compare`. Raises `ServerError`.
        """
        from farthing_sdk.experiments._server import Server, ServerError  # noqa: PLC0415 - it brings http

        if self._settings is None:
            raise ServerError("this run was sent to no server")
        server = Server(self._settings)
        try:
            runs = ",".join([*others, self.run_id])
            where = {"dataset_id": self.dataset.id} if self.dataset.id else {}
            return server.compare({"runs": runs, "base": base or others[0], **where, **asked})
        finally:
            server.close()

    def __str__(self) -> str:
        """What a person wants to know first."""
        lines = [f"{self.name}: {len(self.results)} items, {len(self.errors)} errors, {len(self.skipped)} done before"]
        if self.errors:
            first = self.errors[0]
            lines.append(f"  the first error, of item {first.item.id}: {first.error[:200]}")
        count = len(self.results) + len(self.skipped)
        for name, mean in sorted(self.means().items()):
            had = len(self._values()[name])
            lines.append(f"  {name:<24} {mean:.4f}" + (f"  of {had} of {count} items" if had < count else ""))
        lines += [f"  {name:<24} {counts}" for name, counts in sorted(self.labels().items())]
        lines += [f"  {name} gave no score {failed} times: {why[:200]}" for name, (failed, why) in self._gaps().items()]
        if self.unsent:
            lines.append(f"  {self.unsent} results could not be sent; run it again to try again")
        return "\n".join(lines)

    def _gaps(self) -> dict[str, tuple[int, str]]:
        """Evaluators that failed: how often, and why the first time."""
        found: dict[str, tuple[int, str]] = {}
        for one in self.results:
            for name, why in (one.evaluator_errors or {}).items():
                failed, first = found.get(name, (0, why))
                found[name] = (failed + 1, first)
        return found

    def _values(self) -> dict[str, list[Value]]:
        found: dict[str, list[Value]] = {}
        for scores in [*(one.scores for one in self.results), *(scores for _, _, scores in self._before)]:
            for score in scores:
                found.setdefault(score.name, []).append(score.value)
        return found
