"""Arize Phoenix as a system under test: `phoenix serve` with SQLite, its default set-up, from its own environment."""

from pathlib import Path

import msgspec
from rich.console import Console

from benchmarks import environments
from benchmarks.process import HOST, Server, free_port, get

VERSION = "20.26.1"
_QUESTION = msgspec.json.encode({"query": "{ projects { edges { node { recordCount } } } }"})


class _Node(msgspec.Struct):
    record_count: int = msgspec.field(name="recordCount")


class _Edge(msgspec.Struct):
    node: _Node


class _Projects(msgspec.Struct):
    edges: list[_Edge]


class _Data(msgspec.Struct):
    projects: _Projects


class _Answer(msgspec.Struct):
    data: _Data


class Phoenix:
    """Counted as the spans that its projects' `recordCount` finds, which is what its UI shows."""

    name = "Phoenix"
    version = VERSION
    health = "/readyz"
    notes = (
        "phoenix serve, SQLite, defaults; it converts gen_ai.* to OpenInference itself, so the spans are the same",
        "counted by GraphQL projects.recordCount",
    )

    def __init__(self) -> None:
        self._bin = Path()

    @property
    def headers(self) -> dict[str, str]:
        """None: authentication is off by default."""
        return {}

    def prepare(self, console: Console) -> None:
        """Its own environment."""
        self._bin = environments.ensure("phoenix", f"arize-phoenix=={VERSION}", console)

    def start(self, data: Path) -> Server:
        """`phoenix serve` with everything that calls home off."""
        port = free_port()
        env = {
            "PHOENIX_WORKING_DIR": str(data),
            "PHOENIX_HOST": HOST,
            "PHOENIX_PORT": str(port),
            "PHOENIX_GRPC_PORT": str(free_port()),
            "PHOENIX_TELEMETRY_ENABLED": "false",
            "PHOENIX_ALLOW_EXTERNAL_RESOURCES": "false",
        }
        return Server([str(self._bin / "phoenix"), "serve"], env, data, port)

    def count(self, server: Server) -> int:
        """Spans of all projects."""
        answer = get(server.port, "/graphql", {"Content-Type": "application/json"}, _QUESTION)
        projects = msgspec.json.decode(answer, type=_Answer).data.projects
        return sum(edge.node.record_count for edge in projects.edges)
