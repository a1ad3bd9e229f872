"""Names of models lead to the account that serves them, or to a sentence that says what to set up."""

import pytest

from farthing.routing.book import Book
from farthing.routing.default_accounts import accounts
from farthing.routing.finding import ModelNotFoundError, find
from farthing.routing.plan import Account, Wish

KEYS = {"OPENAI_API_KEY": "sk-o", "ANTHROPIC_API_KEY": "sk-a", "GEMINI_API_KEY": "g", "MISTRAL_API_KEY": "m"}


def wish(model: str, family: str = "openai", *, brings_key: bool = False) -> Wish:
    return Wish("shop", "", model, family, brings_key=brings_key)


def where(model: str, *given: Account, family: str = "openai", maker: str = "") -> tuple[str, str]:
    found = find(wish(model, family), given, lambda _: maker)
    return found.account.slug, found.model


@pytest.mark.parametrize(
    ("model", "account", "name"),
    [
        ("gpt-4o-mini", "openai", "gpt-4o-mini"),
        ("o3", "openai", "o3"),
        ("ft:gpt-4o-mini-2024-07-18:acme::x", "openai", "ft:gpt-4o-mini-2024-07-18:acme::x"),
        ("text-embedding-3-small", "openai", "text-embedding-3-small"),
        ("claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5"),
        ("gemini-2.5-flash", "google", "gemini-2.5-flash"),
        ("mistral-large-latest", "mistral", "mistral-large-latest"),
        ("anthropic/claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5"),
        ("@mistral/my-own", "mistral", "my-own"),
        ("@openai/a/b", "openai", "a/b"),
    ],
)
def test_a_name_tells_its_maker(model: str, account: str, name: str) -> None:
    assert where(model, *accounts(KEYS)) == (account, name)


def test_an_address_is_a_slug_first_and_a_provider_then() -> None:
    eu = Account("1", "eu", "azure")
    assert where("@eu/gpt-4o", eu, *accounts(KEYS)) == ("eu", "gpt-4o")
    assert where("@azure/gpt-4o", eu, *accounts(KEYS)) == ("eu", "gpt-4o")
    shadow = Account("2", "openai", "vllm")
    assert where("@openai/x", shadow, *accounts(KEYS)) == ("openai", "x")
    assert find(wish("@openai/x"), (shadow, *accounts(KEYS)), lambda _: "").account is shadow


def test_another_account_stands_in_where_it_serves_the_same_names() -> None:
    assert where("gpt-4o", Account("1", "work", "azure")) == ("work", "gpt-4o")
    router = Account("1", "router", "openrouter")
    assert where("openai/gpt-4o", router) == ("router", "openai/gpt-4o")
    assert where("openai/gpt-4o", router, *accounts(KEYS)) == ("openai", "gpt-4o")
    assert where("eu.anthropic.claude-sonnet-4-5-v1:0", Account("1", "aws", "bedrock")) == (
        "aws",
        "eu.anthropic.claude-sonnet-4-5-v1:0",
    )


def test_what_only_the_catalogue_knows_is_asked_of_it() -> None:
    assert where("sonar-x", *accounts(KEYS), maker="mistral") == ("mistral", "sonar-x")


def test_a_server_of_one_s_own_takes_any_name() -> None:
    own = Account("1", "gpu", "vllm", "http://gpu:8000/v1")
    assert where("house-model", own, *accounts(KEYS)) == ("gpu", "house-model")
    assert where("gpt-oss-120b", own, *accounts(KEYS)) == ("gpu", "gpt-oss-120b")
    assert where("anything", *accounts({"GROQ_API_KEY": "g"})) == ("groq", "anything")


@pytest.mark.parametrize(
    ("model", "family", "given", "said"),
    [
        ("gpt-4o", "openai", {}, "one of openai: set OPENAI_API_KEY where the server runs"),
        ("claude-opus-4-1", "anthropic", {"OPENAI_API_KEY": "x"}, "one of anthropic: set ANTHROPIC_API_KEY"),
        ("house", "openai", {}, "No provider is set up for the model 'house': set OPENAI_API_KEY"),
        ("house", "anthropic", {"OPENAI_API_KEY": "x", "GROQ_API_KEY": "y"}, "there are the accounts openai, groq"),
        ("", "anthropic", {"OPENAI_API_KEY": "x", "GROQ_API_KEY": "y"}, "names no model, and there is no account with anthropic"),
        ("@nobody/x", "openai", KEYS, "There is no account 'nobody'; there are openai, anthropic"),
        ("@groq/x", "openai", {}, "there is none yet. To have one, set GROQ_API_KEY"),
        ("@ollama/x", "openai", {}, "set FARTHING_OLLAMA_BASE_URL"),
        ("@openai", "openai", KEYS, "write @account/model"),
    ],
)  # fmt: skip
def test_what_can_t_be_found_is_told_with_what_to_do(model: str, family: str, given: dict[str, str], said: str) -> None:
    with pytest.raises(ModelNotFoundError) as caught:
        find(wish(model, family), accounts(given), lambda _: "")
    assert said in str(caught.value)


def test_a_model_nobody_knows_is_asked_of_whose_language_is_spoken() -> None:
    given = accounts(KEYS)
    assert find(wish("house"), given, lambda _: "") == (given[0], "house")
    assert find(wish("house", "anthropic"), given, lambda _: "") == (given[1], "house")


def test_hundreds_of_accounts_are_not_all_named() -> None:
    many = [Account("", f"a{number}", "groq", "http://h/v1", "") for number in range(300)]
    for model in ("@none/x", "nobody-s"):
        with pytest.raises(ModelNotFoundError, match="a18, a19 and 280 more") as told:
            where(model, *many)
        assert len(str(told.value)) < 300


def test_a_call_without_a_model_goes_to_the_account_it_names() -> None:
    given = accounts(KEYS)
    assert find(wish("@mistral/"), given, lambda _: "") == (given[3], "")


def test_a_client_with_a_key_of_its_own_needs_no_account() -> None:
    for model, family in (("claude-opus-4-1", "openai"), ("house", "anthropic")):
        (target,) = Book().plan(wish(model, family, brings_key=True), lambda _: "", "").targets
        assert (target.account.provider, target.account.secret, target.model) == ("anthropic", "", model)
    with pytest.raises(ModelNotFoundError):
        Book().plan(wish("claude-opus-4-1"), lambda _: "", "")
