"""A call that LiteLLM's proxy has made in; a line with what it cost out, in `calls.jsonl` where the proxy runs.

LiteLLM loads it by the name that stands in its config. Each line goes to the operating system at once, as those of the gateway's journal do.
"""

import json
from typing import Any

from litellm.integrations.custom_logger import CustomLogger


class Calls(CustomLogger):
    """Writes one line for each call, whatever became of it."""

    def __init__(self) -> None:
        super().__init__()
        self._file = open("calls.jsonl", "a", buffering=1, encoding="utf-8")  # noqa: PTH123, SIM115  open as long as the proxy runs

    async def async_log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:  # noqa: ARG002
        """As LiteLLM's."""
        self._write(kwargs["standard_logging_object"])

    async def async_log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:  # noqa: ARG002
        """As LiteLLM's."""
        self._write(kwargs["standard_logging_object"])

    def _write(self, told: Any) -> None:
        kept = ("id", "model", "status", "prompt_tokens", "completion_tokens", "response_cost", "startTime", "endTime")
        self._file.write(json.dumps({name: told.get(name) for name in kept}) + "\n")


calls = Calls()
