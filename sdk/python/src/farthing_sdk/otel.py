"""OpenTelemetry's spans go in; they come out with what the context of here says, and go to the Farthing server.

For everything that no wrapper of ours knows there are OpenTelemetry instrumentations. `configure_otel()` once, and their
spans carry the feature, user, team … of `farthing_sdk.context`. Needs `pip install "farthing-sdk[otel]"`.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any, Final

from farthing_sdk._context import here
from farthing_sdk._hashing import hash_user_id
from farthing_sdk._trouble import swallow

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FarthingSpanProcessor", "configure_otel"]

ATTRIBUTES: Final[Mapping[str, str]] = {
    "feature": "feature",
    "user_id": "user.id",
    "session_id": "session.id",
    "team": "team",
    "tenant": "tenant.id",
    "environment": "environment",
    "prompt_version": "gen_ai.prompt.version",
    "data_mode": "farthing.data_mode",
}
"""Field of a context → attribute of a span."""


class FarthingSpanProcessor:
    """Puts the attribution of the context onto every span that starts in it. What the span says itself stays."""

    def __init__(self, hash_user_ids: bool = False, user_id_salt: str | None = None) -> None:
        """`hash_user_ids` sends a hash in place of each user id."""
        self._hashes = hash_user_ids
        self._salt = user_id_salt

    def on_start(self, span: Any, parent_context: Any = None) -> None:  # noqa: ARG002 - OpenTelemetry's name
        """A span starts."""
        try:
            fields = here().fields
            if not fields:
                return
            said: Mapping[str, Any] = getattr(span, "attributes", None) or {}
            for name, attribute in ATTRIBUTES.items():
                value = fields.get(name)
                if value is not None and attribute not in said:
                    span.set_attribute(attribute, self._shown(name, value))
            tags: Mapping[str, Any] = fields.get("metadata") or {}
            for key, value in tags.items():
                if key not in said and isinstance(value, (str, int, float, bool)):
                    span.set_attribute(key, value)
        except Exception as error:  # noqa: BLE001 - the application's span goes on
            swallow(error, "span processor")

    def _on_ending(self, span: Any) -> None:
        """Nothing is left to say."""

    def on_end(self, span: Any) -> None:
        """Likewise."""

    def shutdown(self) -> None:
        """Nothing to let go of."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:  # noqa: ARG002 - likewise
        """Nothing waits."""
        return True

    def _shown(self, name: str, value: Any) -> Any:
        return hash_user_id(str(value), self._salt) if name == "user_id" and self._hashes else value


def configure_otel(
    endpoint: str | None = None, api_key: str | None = None, *, provider: Any = None, hash_user_ids: bool = False
) -> Any:
    """Send the spans of this process to the Farthing server, with the attribution of the context. Gives back the provider.

    Where the process has a tracer provider already, or `provider` is given, its spans go to Farthing besides wherever else
    they go. What isn't given is read from FARTHING_ENDPOINT and FARTHING_API_KEY. Raises ImportError without OpenTelemetry.
    """
    trace: Any = importlib.import_module("opentelemetry.trace")
    sdk: Any = importlib.import_module("opentelemetry.sdk.trace")
    export: Any = importlib.import_module("opentelemetry.sdk.trace.export")
    http: Any = importlib.import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    address = (endpoint or os.environ.get("FARTHING_ENDPOINT") or "http://127.0.0.1:4180").rstrip("/")
    key = api_key or os.environ.get("FARTHING_API_KEY")
    chosen = provider if provider is not None else trace.get_tracer_provider()
    if not isinstance(chosen, sdk.TracerProvider):
        chosen = sdk.TracerProvider()
        trace.set_tracer_provider(chosen)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    chosen.add_span_processor(FarthingSpanProcessor(hash_user_ids))
    chosen.add_span_processor(
        export.BatchSpanProcessor(http.OTLPSpanExporter(endpoint=f"{address}/v1/traces", headers=headers))
    )
    return chosen
