"""Which paths are the gateway's, and what kind of call each is."""

import pytest

from farthing.gateway.kinds import as_sent, find


@pytest.mark.parametrize("prefix", ["/v1", "/api/genai/v1", "/llmops/api/genai/v1"])
@pytest.mark.parametrize(
    ("method", "path", "kind", "rest", "account"),
    [
        ("POST", "chat/completions", "chat", "chat/completions", ""),
        ("GET", "chat/completions/abc", "stored", "chat/completions/abc", ""),
        ("POST", "responses", "responses", "responses", ""),
        ("DELETE", "responses/resp_1", "stored", "responses/resp_1", ""),
        ("POST", "messages", "messages", "messages", ""),
        ("POST", "messages/count_tokens", "count_tokens", "messages/count_tokens", ""),
        ("POST", "messages/batches", "batches", "messages/batches", ""),
        ("GET", "models", "models", "models", ""),
        ("POST", "files", "files", "files", ""),
        ("GET", "skills/s_1", "skills", "skills/s_1", ""),
        ("GET", "audio/voices", "audio/voices", "audio/voices", ""),
        ("POST", "proxy/mine/chat/completions", "chat", "chat/completions", "mine"),
        ("POST", "proxy/mine/x/messages/count_tokens", "count_tokens", "x/messages/count_tokens", "mine"),
        ("GET", "proxy/mine/anything", "proxy", "anything", "mine"),
        ("POST", "chat/completions/", "chat", "chat/completions", ""),
        ("POST", "chat//completions", "chat", "chat/completions", ""),
        ("POST", "proxy/mine/Chat/Completions/", "chat", "Chat/Completions/", "mine"),
        ("POST", "responses/compact", "responses", "responses/compact", ""),
        ("POST", "realtime/client_secrets", "realtime", "realtime/client_secrets", ""),
        ("GET", "realtime", "realtime", "realtime", ""),
    ],
)  # fmt: skip
def test_paths(prefix: str, method: str, path: str, kind: str, rest: str, account: str) -> None:
    found = find(f"{prefix}/{path}", method)
    assert found
    assert (found.kind.name, found.path, found.account) == (kind, rest, account)


@pytest.mark.parametrize(
    "path", ["/v1/traces", "/v1/ingest/llm-request", "/v1/", "/api/v1/calls", "/v1/proxy/mine", "/"]
)
def test_what_is_others_business(path: str) -> None:
    assert find(path, "POST") is None


def test_below_a_prefix_of_its_own_everything_is_the_gateway_s() -> None:
    found = find("/api/genai/v1/nowhere/completions", "POST")
    assert found
    assert (found.kind.name, found.path) == ("completion", "nowhere/completions")
    found = find("/api/genai/v1/nowhere", "POST")
    assert found
    assert (found.kind.name, found.path, found.kind.operation) == ("proxy", "nowhere", "")
    assert find("/v1/nowhere", "POST") is None


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("POST", "/openai/deployments/mine/chat/completions", ("chat", "chat/completions", "azure", "mine")),
        ("POST", "/openai/deployments/mine/audio/transcriptions", ("transcription", "audio/transcriptions", "azure", "mine")),
        ("GET", "/openai/models", ("models", "models", "azure", "")),
        ("POST", "/openai/v1/chat/completions", ("chat", "chat/completions", "", "")),
        (
            "POST", "/v1/proxy/eu/openai/deployments/mine/embeddings",
            ("embeddings", "openai/deployments/mine/embeddings", "eu", "mine"),
        ),
    ],
)  # fmt: skip
def test_azure_s_clients_name_the_model_in_the_path(method: str, path: str, told: tuple[str, ...]) -> None:
    found = find(path, method)
    assert found
    assert (found.kind.name, found.path, found.account, found.model) == told


@pytest.mark.parametrize(
    "path",
    [
        "/openai/",
        "/openai/v1/traces",
        "/openai/deployments/a/nothing",
        "/openai/deployments/a/../../files",
        "/openai/proxy/x/y",
    ],
)
def test_what_is_not_azure_s(path: str) -> None:
    assert find(path, "POST") is None


@pytest.mark.parametrize(
    "path", ["proxy/openai/../../etc/passwd", "proxy/openai/v1/./files", "files/..", "../v1/files", "proxy/a/..\\b"]
)
def test_no_path_leads_out_of_an_account(path: str) -> None:
    assert find(f"/v1/{path}", "GET") is None
    assert find(f"/api/genai/v1/{path}", "GET") is None


@pytest.mark.parametrize(
    ("path", "raw", "rest"),
    [
        ("/v1/proxy/hf/models/org/name", b"/v1/proxy/hf/models/org%2Fname", "models/org%2Fname"),
        ("/v1/proxy/a/%2e%2e/x", b"/v1/proxy/a/%252e%252e/x", "%252e%252e/x"),
        ("/v1/files/a?b", b"/v1/files/a%3Fb", "files/a%3Fb"),
        ("/v1/files/a", b"/v1%2Ffiles/a", "files/a"),
    ],
)
def test_what_is_escaped_stays_so(path: str, raw: bytes, rest: str) -> None:
    found = find(path, "GET")
    assert found
    assert as_sent(found, path, raw).path == rest
