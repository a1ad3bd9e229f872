"""MLflow as a system under test: `mlflow server` with SQLite, from its own environment."""

from pathlib import Path

import msgspec
from rich.console import Console

from benchmarks import environments
from benchmarks.process import HOST, Server, free_port, get

VERSION = "3.17.2"
_EXPERIMENT = "0"
_QUESTION = msgspec.json.encode(
    {
        "experiment_ids": [_EXPERIMENT],
        "view_type": "SPANS",
        "metric_name": "span_count",
        "aggregations": [{"aggregation_type": "COUNT"}],
    }
)


class _Point(msgspec.Struct):
    values: dict[str, float] = {}


class _Answer(msgspec.Struct):
    data_points: list[_Point] = []


class MLflow:
    """Counted as the spans that its trace-metrics API finds, which is what its overview shows."""

    name = "MLflow"
    version = VERSION
    health = "/health"

    def __init__(self, workers: int) -> None:
        """`workers` 0 leaves everything as `mlflow server` starts it: 4 workers and the job runner."""
        self._workers = workers
        self._bin = Path()

    @property
    def notes(self) -> tuple[str, ...]:
        """The set-up and the counting."""
        setup = f"{self._workers} worker, without its job runner" if self._workers else "its defaults (4 workers, jobs)"
        return (f"mlflow server, SQLite, {setup}", "counted by POST /api/3.0/mlflow/traces/metrics, span_count")

    @property
    def headers(self) -> dict[str, str]:
        """Its OTLP door wants to be told the experiment."""
        return {"x-mlflow-experiment-id": _EXPERIMENT}

    def prepare(self, console: Console) -> None:
        """Its own environment."""
        self._bin = environments.ensure("mlflow", f"mlflow=={VERSION}", console)

    def start(self, data: Path) -> Server:
        """`mlflow server` with its telemetry off."""
        port = free_port()
        command = [str(self._bin / "mlflow"), "server", "--host", HOST, "--port", str(port)]
        command += ["--backend-store-uri", f"sqlite:///{data / 'mlflow.db'}"]
        command += ["--artifacts-destination", str(data / "artifacts")]
        env = {"MLFLOW_DISABLE_TELEMETRY": "true"}
        if self._workers:
            command += ["--workers", str(self._workers)]
            env["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"
        return Server(command, env, data, port)

    def count(self, server: Server) -> int:
        """Spans of the default experiment."""
        headers = {"Content-Type": "application/json"}
        answer = msgspec.json.decode(
            get(server.port, "/api/3.0/mlflow/traces/metrics", headers, _QUESTION), type=_Answer
        )
        return int(sum(point.values.get("COUNT", 0) for point in answer.data_points))
