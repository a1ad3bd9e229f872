"""Variables that other tools read too become accounts; a base URL points them elsewhere, or stands alone."""

from farthing.routing.default_accounts import accounts, variables


def test_a_key_or_a_base_url_makes_an_account() -> None:
    found = accounts(
        {
            "OPENAI_API_KEY": " sk-1 ",
            "OPENAI_ORG_ID": "org-7",
            "FARTHING_OPENAI_BASE_URL": "http://stub/v1",
            "FARTHING_OLLAMA_BASE_URL": "http://gpu:11434/v1",
            "ANTHROPIC_API_KEY": "",
        }
    )
    assert [(one.slug, one.provider, one.base_url, one.secret) for one in found] == [
        ("openai", "openai", "http://stub/v1", "sk-1"),
        ("ollama", "ollama", "http://gpu:11434/v1", ""),
    ]
    assert found[0].options == {"organization": "org-7"}
    assert "sk-1" not in repr(found)


def test_the_first_name_that_is_set_counts() -> None:
    (azure,) = accounts(
        {"AZURE_API_KEY": "b", "AZURE_OPENAI_API_KEY": "a", "AZURE_API_BASE": "https://x", "AZURE_API_VERSION": "v1"}
    )
    assert (azure.secret, azure.base_url, azure.options) == ("a", "https://x", {"api_version": "v1"})


def test_all_names_are_told_once_a_provider() -> None:
    told = variables()
    assert {"OPENAI_API_KEY", "FARTHING_OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "AWS_REGION"} <= set(told)
    assert len(told) == len(set(told))
