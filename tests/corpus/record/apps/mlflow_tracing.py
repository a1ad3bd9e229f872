"""MLflow's tracing turned on, exporting by OTLP; a function that flushes out."""

import os
import time

os.environ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = os.environ["RECEIVER_URL"] + "/v1/traces"
os.environ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] = "http/protobuf"

import mlflow
from flushing import flush_all


def instrument():
    mlflow.openai.autolog()
    mlflow.anthropic.autolog()

    def flush():
        time.sleep(0.2)
        flush_all()

    return flush
