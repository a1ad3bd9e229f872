"""OTLP over HTTP as any exporter may speak it: answers, errors, encodings, paths, limits, keys, and spans sent again."""

import itertools
import os
import threading
import time
import zlib
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from e2e import wire
from e2e.memory import forget_peak, peak_memory_mib
from e2e.otlp_client import KINDS, PACKED, OtlpClient, accepted, encoded, refused
from e2e.waiting import until, wait_until_settled
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from server_process import ServerProcess, free_port

from farthing.access.minting import Wanted, insert
from farthing.store.meta import projects
from farthing.store.meta.database import Database

MIB = 1 << 20
BOMB_MAY_TAKE_MIB = 200
SIGNALS = ("traces", "metrics", "logs")
PREFIXES = ("", "/api/acme", "/api/public/otel")

_numbers = itertools.count(1)


class Contract:
    """A running server with an extra OTLP port, and a key of another project."""

    def __init__(self, folder: Path) -> None:
        self.otlp_port = free_port()
        self.server = ServerProcess(folder, {"FARTHING_OTLP_PORT": str(self.otlp_port)})
        self.server.data.mkdir()
        self.other_key = _key_of_another_project(self.server.data / "meta.db")
        self.server.start()


def _key_of_another_project(meta: Path) -> str:
    database = Database.open(f"sqlite:///{meta}")
    database.migrate()
    now = datetime.now(UTC)
    with database.write() as transaction:
        projects.insert(transaction, projects.Project("other", "Other", now))
        secret = insert(transaction, Wanted("other", "other", frozenset({"ingest", "read"})), now).secret
    database.close()
    return secret


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Generator[Contract]:
    running = Contract(tmp_path_factory.mktemp("otlp"))
    yield running
    running.server.kill()


@pytest.fixture
def server(contract: Contract) -> ServerProcess:
    return contract.server


@pytest.fixture
def client(server: ServerProcess) -> Generator[OtlpClient]:
    with OtlpClient(server) as client:
        yield client


def call(feature: str, **more: Any) -> Span:
    """A call of 21 and 17 tokens, unlike any other."""
    told = wire.chat(21, 17, feature=feature, **more)
    return wire.span(os.urandom(16), next(_numbers).to_bytes(8, "big"), time.time_ns() - 10**9, told)


def no_span() -> Span:
    """A span without a trace."""
    return wire.span(b"", b"s" * 8, time.time_ns(), {})


def unset_clock() -> Span:
    """A span of 1970."""
    return wire.span(b"t" * 16, b"s" * 8, 1, {})


def calls_of(server: ServerProcess, feature: str, key: str | None = None) -> int:
    """How many calls of a feature the totals hold, once all is settled."""
    wait_until_settled(server)
    headers = {"X-API-Key": key or server.key}
    answer = httpx.get(f"{server.url}/api/v1/spend", params={"feature": feature}, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()["total"]["calls"]


@pytest.mark.parametrize("kind", KINDS)
def test_success_is_an_empty_answer(client: OtlpClient, kind: str) -> None:
    answer = client.send(call("success"), kind=kind)
    assert not accepted(answer, kind).HasField("partial_success")
    assert answer.content == (b"" if kind == wire.PROTOBUF else b"{}")


@pytest.mark.parametrize("kind", KINDS)
def test_partial_success_counts_and_says_why(server: ServerProcess, client: OtlpClient, kind: str) -> None:
    answer = client.send(no_span(), call(f"partial {kind}"), no_span(), unset_clock(), kind=kind)
    partial = accepted(answer, kind).partial_success
    assert partial.rejected_spans == 3
    assert "3 of 4 spans" in partial.error_message
    assert "2: trace_id is not 16 non-zero bytes" in partial.error_message
    assert "1: it starts before 2010" in partial.error_message
    assert calls_of(server, f"partial {kind}") == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("encoding", PACKED)
@pytest.mark.parametrize("chunk", [0, 100])
def test_encodings(server: ServerProcess, client: OtlpClient, kind: str, encoding: str, chunk: int) -> None:
    feature = f"{kind} {encoding} {chunk}"
    body = PACKED[encoding](encoded((call(feature), call(feature)), kind))
    accepted(client.post(body, kind, encoding=encoding, chunk=chunk), kind)
    assert calls_of(server, feature) == 2


@pytest.mark.parametrize("prefix", PREFIXES)
def test_paths_of_traces(server: ServerProcess, client: OtlpClient, prefix: str) -> None:
    accepted(client.send(call(f"path {prefix}"), path=f"{prefix}/v1/traces"), wire.PROTOBUF)
    assert calls_of(server, f"path {prefix}") == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("signal", ["metrics", "logs"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_metrics_and_logs_are_answered(client: OtlpClient, prefix: str, signal: str, kind: str) -> None:
    path = f"{prefix}/v1/{signal}"
    assert client.post(b"" if kind == wire.PROTOBUF else b"{}", kind, path=path).status_code == 200
    refused(client.post(b"\xff", kind, path=path), 400, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_request_is_refused(client: OtlpClient, kind: str) -> None:
    assert refused(client.post(b"\xff" * 50, kind), 400, kind).code == 3
    assert refused(client.post(b"\xff" * 50, kind, encoding="gzip"), 400, kind).code == 3
    assert refused(client.post(b"{}", kind, encoding="br"), 415, kind).code == 3


def test_other_content_types_are_refused_in_json(client: OtlpClient) -> None:
    for kind in ("", "text/plain", "application/grpc"):
        assert "application/x-protobuf" in refused(client.post(b"", kind), 415, wire.JSON).message
    accepted(client.post(b"{}", "Application/JSON; charset=utf-8"), wire.JSON)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", ["", "fk_" + "x" * 40, "nonsense"])
def test_without_a_good_key_nothing_is_taken(server: ServerProcess, key: str, kind: str) -> None:
    with OtlpClient(server, key) as stranger:
        for signal in SIGNALS:
            answer = stranger.post(b"", kind, path=f"/v1/{signal}")
            assert refused(answer, 401, kind).code == 16
            assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_keys_do_what_their_scope_says(server: ServerProcess) -> None:
    keys = {scope: _new_key(server, scope) for scope in ("ingest", "read")}
    with OtlpClient(server, keys["ingest"]) as sender, OtlpClient(server, keys["read"]) as reader:
        accepted(sender.send(call("scopes")), wire.PROTOBUF)
        assert "lacks the scope ingest" in refused(reader.send(call("scopes")), 403).message
    assert calls_of(server, "scopes", keys["read"]) == 1
    asked = httpx.get(f"{server.url}/api/v1/spend", headers={"X-API-Key": keys["ingest"]})
    assert asked.status_code == 403


def _new_key(server: ServerProcess, scope: str) -> str:
    body = {"name": scope, "scopes": [scope]}
    answer = httpx.post(f"{server.url}/api/v1/keys", json=body, headers=server.headers)
    assert answer.is_success, answer.text
    return answer.json()["secret"]


def test_a_project_sees_nothing_of_another(contract: Contract, server: ServerProcess, client: OtlpClient) -> None:
    root = wire.span(os.urandom(16), b"r" * 8, time.time_ns() - 10**9, {"user_id": "ada"})
    child = wire.span(root.trace_id, b"c" * 8, time.time_ns() - 10**9, wire.chat(1, 1, feature="mine"), parent=b"r" * 8)
    accepted(client.send(root), wire.PROTOBUF)
    with OtlpClient(server, contract.other_key) as others:
        accepted(others.send(child), wire.PROTOBUF)
    assert calls_of(server, "mine") == 0
    assert calls_of(server, "mine", contract.other_key) == 1
    headers = {"X-API-Key": contract.other_key}
    (found,) = httpx.get(f"{server.url}/api/v1/calls?feature=mine", headers=headers).json()["data"]
    assert not found["user_id"]
    trace = httpx.get(f"{server.url}/api/v1/traces/{root.trace_id.hex()}", headers=headers).json()
    assert "ada" not in str(trace)


def test_methods(server: ServerProcess, client: OtlpClient) -> None:
    for prefix, signal, method in itertools.product(PREFIXES, SIGNALS, ("GET", "PUT", "DELETE")):
        answer = client.http.request(method, f"{prefix}/v1/{signal}")
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "POST"


def test_the_extra_port_serves_otlp_and_nothing_else(contract: Contract, server: ServerProcess) -> None:
    with OtlpClient(server, port=contract.otlp_port) as client:
        for prefix in PREFIXES:
            accepted(client.send(call("extra port"), path=f"{prefix}/v1/traces"), wire.PROTOBUF)
        assert calls_of(server, "extra port") == len(PREFIXES)
        for path in ("/", "/healthz", "/metrics", "/openapi.json", "/api/v1/spend", "/api/v1/calls", "/api/v1/traces"):
            assert client.http.get(path).status_code == 404, path
            assert httpx.get(server.url + path, headers=server.headers, timeout=60).status_code == 200, path


def test_bodies_over_the_limit_are_refused(client: OtlpClient) -> None:
    assert "64 MiB" in refused(client.post(bytes(64 * MIB + 1)), 413).message
    assert "64 MiB" in refused(client.post(bytes(64 * MIB + 1), wire.JSON, chunk=MIB), 413, wire.JSON).message
    assert refused(client.post(bytes(10)), 400)


def test_a_body_just_under_the_limit_is_read(server: ServerProcess, client: OtlpClient) -> None:
    big = call("big", note="n" * (63 * MIB))
    accepted(client.send(big), wire.PROTOBUF)
    assert calls_of(server, "big") == 1


def test_bombs_are_stopped_early(server: ServerProcess, client: OtlpClient) -> None:
    client.post(PACKED["gzip"](bytes(MIB)), encoding="gzip")
    forget_peak(server.pid)
    before = peak_memory_mib(server.pid)
    zeros = zlib.compressobj(1)
    gigabyte = b"".join(zeros.compress(bytes(16 * MIB)) for _ in range(64)) + zeros.flush()
    for encoding, bomb in (
        ("deflate", gigabyte),
        ("gzip", PACKED["gzip"](bytes(128 * MIB)) * 20),
        ("zstd", PACKED["zstd"](bytes(512 * MIB)) * 20),
    ):
        assert "decompressed" in refused(client.post(bomb, encoding=encoding), 413).message
    assert peak_memory_mib(server.pid) - before < BOMB_MAY_TAKE_MIB


def test_a_span_sent_again_counts_once(server: ServerProcess, client: OtlpClient) -> None:
    first, second = call("again"), call("again")
    for kind in (*KINDS, wire.PROTOBUF):
        accepted(client.send(first, kind=kind), kind)
    accepted(client.send(first, second, first), wire.PROTOBUF)
    assert calls_of(server, "again") == 2
    server.restart()
    assert calls_of(server, "again") == 2
    with OtlpClient(server) as later:
        accepted(later.send(second, first), wire.PROTOBUF)
    assert calls_of(server, "again") == 2


def test_a_full_queue_says_come_back(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path, {"FARTHING_QUEUE_SPANS": "1"})
    server.start()
    answers: list[httpx.Response] = []
    enough = threading.Event()

    def send_until_refused() -> None:
        with OtlpClient(server) as client:
            while not enough.is_set():
                answer = client.send(call("queue"))
                answers.append(answer)
                if answer.status_code != 200:
                    enough.set()

    senders = [threading.Thread(target=send_until_refused) for _ in range(6)]
    for sender in senders:
        sender.start()
    until(enough.is_set, 30)
    for sender in senders:
        sender.join()
    busy = [answer for answer in answers if answer.status_code != 200]
    for answer in busy:
        assert refused(answer, 503).code == 14
        assert int(answer.headers["Retry-After"]) >= 1
    assert calls_of(server, "queue") == len(answers) - len(busy)
    assert server.stop() == 0
