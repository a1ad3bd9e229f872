"""Datasets of the server come in, and results go out to it, in batches that may be sent again without harm."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote, urlencode

from farthing_sdk._http import Transport, Unreachable
from farthing_sdk._trouble import FarthingError
from farthing_sdk.experiments._nouns import Dataset, Item, ItemResult, Score

if TYPE_CHECKING:
    from farthing_sdk._settings import Settings

MOST_AT_ONCE: Final = 100
_PAGE: Final = "200"
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_WAITS: Final = (0.2, 1.0, 3.0, 8.0)
_TIMEOUT: Final = 60.0


class ServerError(FarthingError):
    """The server can't be reached, or said no."""


class Server:
    """What an experiment needs of a Farthing server. For one thread at a time."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is connected yet."""
        self._transport = Transport(settings.endpoint, settings.api_key, max(settings.timeout, _TIMEOUT))
        self.url = settings.endpoint

    def dataset(self, name: str, version: str = "") -> Dataset:
        """A dataset with its active items: as they are, or as they were at `version` (RFC 3339). Raises `ServerError`."""
        # A name may hold anything, slashes included; an id does as well.
        named = self._ask("GET", "/api/v1/datasets?" + urlencode({"name": name}))["data"]
        told = named[0] if named else self._ask("GET", f"/api/v1/datasets/{quote(name, safe='')}")
        asked = {"limit": _PAGE, "status": "ACTIVE", **({"version": version} if version else {})}
        rows = self._pages(f"/api/v1/datasets/{quote(str(told['id']), safe='')}/items", asked)
        items = [_item(row) for row in rows]
        latest = version or max((item.version or "" for item in items), default="")
        return Dataset(str(told["name"]), items, str(told["id"]), latest)

    def done(self, dataset_id: str, name: str) -> list[tuple[str, str, list[Score]]]:
        """Of each item that the run has: its id, its error ("": it went well) and its scores."""
        asked = {"dataset_id": dataset_id, "name": name, "limit": "1000"}
        return [
            (str(row["item_id"]), str(row["error"] or ""), [Score(one, value) for one, value in row["scores"].items()])
            for row in self._pages("/api/v1/experiments/results", asked)
        ]

    def post(self, run: Mapping[str, Any], results: Sequence[ItemResult], *, keep_output: bool) -> str:
        """Have the results kept. Gives back the run's id. Raises `ServerError`."""
        body = {"run": run, "results": [_told(one, keep_output=keep_output) for one in results]}
        return str(self._ask("POST", "/api/v1/experiments/results", body)["run_id"])

    def compare(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Runs beside each other. Raises `ServerError`."""
        return self._ask("GET", "/api/v1/experiments/compare?" + urlencode(dict(asked)))

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def _pages(self, path: str, asked: Mapping[str, str]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self._ask("GET", f"{path}?{urlencode({**asked, **({'cursor': cursor} if cursor else {})})}")
            rows += page["data"]
            cursor = page["next_cursor"]
        return rows

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        trouble = ""
        content = None if body is None else json.dumps(body, default=str).encode()
        for wait in (*_WAITS, None):
            try:
                answer = self._transport.ask(method, path, content)
            except Unreachable as error:
                trouble = f"{self.url} can't be reached ({error})"
            else:
                if 200 <= answer.status < 300:
                    return cast("dict[str, Any]", json.loads(answer.body))
                trouble = f"{method} {path.partition('?')[0]} answered {answer.status}: {_said(answer.body)}"
                if answer.status not in _AGAIN:
                    break
            if wait is not None:
                time.sleep(wait)
        raise ServerError(trouble)


def _item(row: Mapping[str, Any]) -> Item:
    version = row.get("version")
    return Item(
        str(row["id"]), row.get("input"), row.get("expected_output"), row.get("metadata"), None if version is None else str(version)
    )  # fmt: skip


def _told(one: ItemResult, *, keep_output: bool) -> dict[str, Any]:
    began = datetime.fromtimestamp(one.started_at, timezone.utc).isoformat()
    told: dict[str, Any] = {
        "item_id": one.item.id,
        "trace_id": one.trace_id,
        "span_id": one.span_id,
        "started_at": began,
        "latency_ms": one.latency_ms,
        "scores": [
            {"name": s.name, "value": s.value, "comment": s.comment[:4000], "evaluator": f"{s.evaluator}@{s.version}"}
            for s in one.scores
        ],
    }
    if one.item.version:
        told["item_version"] = one.item.version
    if one.error:
        told["error"] = one.error
    if keep_output:
        told["output"] = one.output
    return told


def _said(body: bytes) -> str:
    try:
        told: Any = json.loads(body)
    except ValueError:
        return body[:300].decode("utf-8", "replace")
    return str(cast("dict[str, Any]", told).get("detail", body)) if isinstance(told, dict) else str(told)
