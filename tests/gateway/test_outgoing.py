"""What goes to a provider: address, headers, and the body as it came unless something must be another."""

import json
from typing import Any

import pytest

from farthing.errors import BadRequestError
from farthing.gateway import asked, providers
from farthing.gateway.entry import read
from farthing.gateway.kinds import find
from farthing.gateway.outgoing import Outgoing, outgoing
from farthing.routing.plan import Account, Plan, Target

ENTRY = [(b"x-api-key", b"fk_0123456789abcdef"), (b"content-type", b"application/json"), (b"accept-encoding", b"gzip")]


def account(provider: str, base_url: str = "", **options: str) -> Account:
    return Account("id", provider, provider, base_url, "sk-secret", options)


def sent(body: bytes, to: Account, path: str = "/v1/chat/completions", model: str = "", **plan: Any) -> Outgoing:
    found = find(path, "POST")
    assert found
    target = Target(to, model)
    given = asked.read(body, found.kind)
    return outgoing(found, given, read(ENTRY, "0" * 32), Plan((target,), **plan), target, "", "1" * 16)


def test_a_body_that_need_not_change_is_the_same_bytes() -> None:
    body = b'{ "model" : "gpt-4o", "messages":[ ],"odd": 1e2 }'
    out = sent(body, account("openai"))
    assert out.body is body
    assert out.address == "https://api.openai.com/v1/chat/completions"
    assert out.headers == {
        "content-type": "application/json",
        "authorization": "Bearer sk-secret",
        "accept-encoding": "gzip",
        "traceparent": f"00-{'0' * 32}-{'1' * 16}-01",
    }


def test_usage_of_a_stream_is_asked_for_where_it_isn_t_told_anyway() -> None:
    body = b'{"model":"m","stream":true}'
    out = sent(body, account("openai"))
    assert (out.body, out.hides_usage) == (b'{"model":"m","stream":true,"stream_options":{"include_usage":true}}', True)
    assert out.headers["accept-encoding"] == "identity"
    assert sent(body, account("mistral")).body is body
    wanted = b'{"model":"m","stream":true,"stream_options":{"include_usage":true}}'
    out = sent(wanted, account("openai"))
    assert out.body is wanted
    assert not out.hides_usage


def test_metadata_goes_where_it_is_taken() -> None:
    stored = b'{"model":"m","metadata":{"a":"b"},"store":true}'
    assert sent(stored, account("openai")).body is stored
    assert sent(b'{"model":"m","metadata":{"a":"b"}}', account("openai")).body == b'{"model":"m"}'
    assert sent(stored, account("groq")).body == b'{"model":"m","store":true}'
    messages = b'{"model":"m","metadata":{"user_id":"u","tenant":"t"}}'
    assert sent(messages, account("anthropic"), "/v1/messages").body == b'{"model":"m","metadata":{"user_id":"u"}}'
    plain = b'{"model":"m","metadata":{"user_id":"u"}}'
    assert sent(plain, account("anthropic"), "/v1/messages").body is plain
    assert sent(stored, account("openai"), "/v1/responses").body is stored


def test_the_variant_s_parameters_win() -> None:
    body = b'{"model":"@openai/gpt-4o","temperature":1,"input":{"a":1},"messages":[]}'
    out = sent(body, account("openai"), model="gpt-4o", parameters={"temperature": 0.2}, config="summary")
    assert json.loads(out.body or b"") == {"model": "gpt-4o", "temperature": 0.2, "messages": []}
    assert out.model == "gpt-4o"


def test_addresses() -> None:
    def address(to: Account, family: str = "openai", path: str = "chat/completions") -> str:
        return providers.address(to, family, path, "gpt-4o")

    assert address(account("anthropic"), "anthropic", "messages") == "https://api.anthropic.com/v1/messages"
    assert address(account("anthropic", "http://h/x/v1/"), "anthropic", "messages") == "http://h/x/v1/messages"
    assert address(account("azure", resource="r")) == "https://r.openai.azure.com/openai/v1/chat/completions"
    assert (
        address(account("azure", "https://r.openai.azure.com/", api_version="2024-10-21"))
        == "https://r.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"
    )
    assert "eu-west-1.amazonaws.com/openai/v1" in address(account("bedrock", region="eu-west-1"))
    assert address(account("house", "http://h/v1")) == "http://h/v1/chat/completions"
    for lacking in (account("vllm"), account("azure"), account("vertex")):
        with pytest.raises(BadRequestError):
            address(lacking)


@pytest.mark.parametrize(
    ("to", "path", "address"),
    [
        ("openai", "v1/chat/completions", "https://api.openai.com/v1/chat/completions"),
        ("groq", "openai/v1/chat/completions", "https://api.groq.com/openai/v1/chat/completions"),
        ("groq", "v1/chat/completions", "https://api.groq.com/openai/v1/chat/completions"),
        ("anthropic", "v1/messages", "https://api.anthropic.com/v1/messages"),
        ("openai", "v2/v1/x", "https://api.openai.com/v1/v2/v1/x"),
        ("openai", "files/v1", "https://api.openai.com/v1/files/v1"),
    ],
)
def test_what_a_path_repeats_of_the_address_is_said_once(to: str, path: str, address: str) -> None:
    found = find(f"/v1/proxy/{to}/{path}", "POST")
    assert found
    target = Target(account(to), "m")
    body = b'{"model":"m"}'
    out = outgoing(found, asked.read(body, found.kind), read(ENTRY, "0" * 32), Plan((target,)), target, "", "1" * 16)
    assert out.address == address


CLASSIC = {"base_url": "https://r.openai.azure.com", "api_version": "2024-02-01"}


@pytest.mark.parametrize(
    ("to", "model", "path", "query", "address", "body"),
    [
        (
            account("azure", **CLASSIC), "mine", "/openai/deployments/mine/chat/completions", "api-version=2024-10-21&a=b",
            "https://r.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2024-10-21&a=b", b'{"n":1}',
        ),
        (
            account("azure", resource="r"), "mine", "/v1/proxy/azure/openai/deployments/mine/chat/completions", "api-version=2024-10-21",
            "https://r.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2024-10-21", b'{"n":1}',
        ),
        (
            account("azure", resource="r"), "other", "/openai/deployments/mine/chat/completions", "api-version=2024-10-21",
            "https://r.openai.azure.com/openai/deployments/other/chat/completions?api-version=2024-10-21",
            b'{"n":1,"model":"other"}',
        ),
        (
            account("azure", resource="r"), "mine", "/openai/v1/chat/completions", "api-version=preview",
            "https://r.openai.azure.com/openai/v1/chat/completions?api-version=preview", b'{"n":1}',
        ),
        (
            account("azure", **CLASSIC), "mine", "/openai/responses", "api-version=2025-03-01-preview",
            "https://r.openai.azure.com/openai/responses?api-version=2025-03-01-preview", b'{"n":1}',
        ),
        (
            account("azure", **CLASSIC), "mine", "/v1/responses", "",
            "https://r.openai.azure.com/openai/responses?api-version=2024-02-01", b'{"n":1}',
        ),
        (
            account("openai"), "mine", "/openai/deployments/mine/chat/completions", "api-version=2024-10-21",
            "https://api.openai.com/v1/chat/completions", b'{"n":1,"model":"mine"}',
        ),
        (
            account("own", "https://apim.example.com/x"), "mine", "/v1/proxy/own/openai/deployments/mine/chat/completions",
            "api-version=2024-10-21",
            "https://apim.example.com/x/openai/deployments/mine/chat/completions?api-version=2024-10-21", b'{"n":1}',
        ),
    ],
    ids=["classic", "by its resource", "another model", "without versions", "responses", "responses by the account", "not azure", "through a gateway"],
)  # fmt: skip
def test_azure_s_clients(to: Account, model: str, path: str, query: str, address: str, body: bytes) -> None:
    found = find(path, "POST")
    assert found
    target = Target(to, model)
    given = asked.read(b'{"n":1}', found.kind, found.model or "mine")
    out = outgoing(found, given, read(ENTRY, "0" * 32), Plan((target,)), target, query, "1" * 16)
    assert (out.address, out.body) == (address, body)


def test_a_path_can_not_name_another_model_than_the_config() -> None:
    found = find("/v1/proxy/own/openai/deployments/dear/chat/completions", "POST")
    assert found
    target = Target(account("own", "https://apim.example.com"), "cheap")
    given = asked.read(b'{"n":1}', found.kind, found.model)
    with pytest.raises(BadRequestError, match="'dear'"):
        outgoing(found, given, read(ENTRY, "0" * 32), Plan((target,)), target, "", "1" * 16)


def test_secrets_go_where_each_provider_looks() -> None:
    assert providers.headers(account("anthropic"), "anthropic") == {"x-api-key": "sk-secret"}
    assert providers.headers(account("anthropic"), "openai") == {"authorization": "Bearer sk-secret"}
    assert providers.headers(account("azure"), "openai") == {"api-key": "sk-secret"}
    assert providers.headers(account("openai", organization="o"), "openai") == {
        "openai-organization": "o",
        "authorization": "Bearer sk-secret",
    }


def test_a_model_s_name_stays_one_part_of_an_address() -> None:
    azure = account("azure", "https://x.openai.azure.com", api_version="2024-10-21")
    out = sent(json.dumps({"model": "../../files?a=\r\nb"}).encode(), azure)
    assert "/openai/deployments/..%2F..%2Ffiles%3Fa%3D%0D%0Ab/chat/completions?" in out.address
    found = find("/v1/models/org/a?b%2e%2e", "GET")
    assert found
    target = Target(account("openai"), "")
    out = outgoing(found, None, read(ENTRY, "0" * 32), Plan((target,)), target, "", "1" * 16)
    assert out.address == "https://api.openai.com/v1/models/org/a%3Fb%252e%252e"


def test_addresses_that_may_lead_to_a_gateway_hear_how_many_there_were() -> None:
    body = b'{"model":"m"}'
    assert sent(body, account("openai", "http://here/v1")).headers["x-farthing-hops"] == "1"
    assert "x-farthing-hops" not in sent(body, account("openai")).headers


def test_what_holds_no_number_goes_as_it_came_or_not_at_all() -> None:
    body = b'{"model":"m","stream":true,"temperature":NaN}'
    out = sent(body, account("openai"))
    assert out.body is body
    assert not out.hides_usage
    with pytest.raises(BadRequestError, match="so model can't be set"):
        sent(body, account("openai"), model="other")
