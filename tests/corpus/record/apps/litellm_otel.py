"""LiteLLM's callback named in LITELLM_CALLBACK turned on; a function that waits for its queue and flushes out."""

import os
import time

import litellm
from flushing import flush_all


def instrument():
    if os.environ["LITELLM_CALLBACK"] == "otel":
        from otel import tracing

        tracing()
    litellm.callbacks = [os.environ["LITELLM_CALLBACK"]]
    litellm.suppress_debug_info = True

    def drain():
        time.sleep(0.7)  # its callbacks run in threads that nothing waits for
        flush_all()

    return drain
