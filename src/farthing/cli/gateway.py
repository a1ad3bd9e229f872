"""The commands about the gateway: words in, the running server asked, tables out."""

from pathlib import Path
from typing import Annotated, Any

import typer

from farthing.cli.gateway_rollouts import PATH, Config, environments_app, limits_app, part, rollouts_app, show
from farthing.cli.options import AsJson, Data, KeyOption, Url, connect
from farthing.cli.screen import Screen
from farthing.errors import BadRequestError
from farthing.settings import variables

app = typer.Typer(
    help="Where model calls go: providers' accounts, configs and their variants, environments, rollouts, limits of keys.",
    epilog="Begin with: farthing gateway accounts add openai --provider openai. All of it in one file: farthing apply --help",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
accounts_app = typer.Typer(
    help="Accounts with providers. Their secrets are kept encrypted and never shown.", no_args_is_help=True
)
configs_app = typer.Typer(
    help="Names under which applications ask; x-farthing-config carries one.", no_args_is_help=True
)
variants_app = typer.Typer(
    help="Ways in which a config is answered, each with versions that never change.", no_args_is_help=True
)
for name, commands in (
    ("accounts", accounts_app),
    ("configs", configs_app),
    ("variants", variants_app),
    ("environments", environments_app),
    ("rollouts", rollouts_app),
    ("limits", limits_app),
):
    app.add_typer(commands, name=name)
out = Screen()

Slug = Annotated[str, typer.Argument(help="A short name: a-z, 0-9, -, _ and .")]
Variant = Annotated[str, typer.Argument(help="The slug of a variant of it.")]
Title = Annotated[str, typer.Option("--name", help="For people.")]
SecretFrom = Annotated[
    str, typer.Option("--secret-from", help="The variable that holds the provider's key (default: it is asked for).")
]
Options = Annotated[
    list[str] | None,
    typer.Option("--option", "-o", help="What the provider needs besides: api_version=v1, region=eu-west-1."),
]
Content = Annotated[
    Path | None,
    typer.Option("--file", "-f", exists=True, dir_okay=False, help="YAML or JSON with targets, parameters, guards … (default: the options)."),
]  # fmt: skip
Model = Annotated[str, typer.Option(help="As the provider calls it (default: as the client asks).")]
Account = Annotated[str, typer.Option(help="The slug of an account (default: found by the model's name).")]
Prompt = Annotated[str, typer.Option("--system-prompt", help="A Jinja template over the members of the call's input.")]
Note = Annotated[str, typer.Option(help="Why; it stands at the version.")]


@accounts_app.command("list")
def accounts_list(url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False) -> None:
    """All accounts the project may use; of several with one provider the first serves."""
    show("accounts", connect(data, url, key).get(f"{PATH}/accounts")["data"], as_json=as_json)


@accounts_app.command("add")
def accounts_add(
    slug: Slug,
    provider: Annotated[str, typer.Option(help="openai, anthropic, azure, mistral … or any name with --base-url.")],
    secret_from: SecretFrom = "",
    base_url: Annotated[str, typer.Option(help="Instead of the provider's own.")] = "",
    options: Options = None,
    organisation: Annotated[bool, typer.Option("--organisation", help="For every project.")] = False,
    no_secret: Annotated[bool, typer.Option("--no-secret", help="It needs none.")] = False,
    title: Title = "",
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Add an account.

    Examples:
      farthing gateway accounts add openai --provider openai
      farthing gateway accounts add gpu --provider vllm --base-url http://gpu:8000/v1 --no-secret
    """
    body = {
        "slug": slug,
        "provider": provider,
        "name": title,
        "base_url": base_url,
        "options": _pairs(options),
        "level": "organisation" if organisation else "project",
        "secret": "" if no_secret else _secret(secret_from),
    }
    show("account", connect(data, url, key).post(f"{PATH}/accounts", body), as_json=as_json)


@accounts_app.command("secret")
def accounts_secret(
    slug: Slug, secret_from: SecretFrom = "", url: Url = None, key: KeyOption = None, data: Data = None
) -> None:
    """Give an account another secret."""
    body = {"secret": _secret(secret_from)}
    show("account", connect(data, url, key).patch(f"{PATH}/accounts/{part(slug)}", body), as_json=False)


@accounts_app.command("remove")
def accounts_remove(slug: Slug, url: Url = None, key: KeyOption = None, data: Data = None) -> None:
    """Delete an account and its secret."""
    connect(data, url, key).delete(f"{PATH}/accounts/{part(slug)}")
    out.print(f"The account {slug} is gone.")


@configs_app.command("list")
def configs_list(url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False) -> None:
    """All configs."""
    show("configs", connect(data, url, key).get(f"{PATH}/configs")["data"], as_json=as_json)


@configs_app.command("add")
def configs_add(slug: Slug, title: Title = "", url: Url = None, key: KeyOption = None, data: Data = None) -> None:
    """Add a config."""
    connect(data, url, key).post(f"{PATH}/configs", {"slug": slug, "name": title})
    out.print(
        f"The config {slug} is there. Next: farthing gateway variants add {slug} VARIANT --model …", soft_wrap=True
    )


@configs_app.command("remove")
def configs_remove(config: Config, url: Url = None, key: KeyOption = None, data: Data = None) -> None:
    """Delete a config, its variants and rollouts."""
    connect(data, url, key).delete(f"{PATH}/configs/{part(config)}")
    out.print(f"The config {config} is gone; recorded calls keep its name.")


@variants_app.command("list")
def variants_list(
    config: Config, url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False
) -> None:
    """A config's variants, each as it is now."""
    show("variants", connect(data, url, key).get(f"{PATH}/configs/{part(config)}/variants")["data"], as_json=as_json)


@variants_app.command("add")
def variants_add(
    config: Config,
    slug: Slug,
    file: Content = None,
    model: Model = "",
    account: Account = "",
    system_prompt: Prompt = "",
    note: Note = "",
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Add a variant with its first version.

    Example: farthing gateway variants add support brief --model gpt-4o-mini --system-prompt "Be brief, {{ name }} is busy."
    """
    body = {"slug": slug, "note": note, **_content(file, model, account, system_prompt)}
    connect(data, url, key).post(f"{PATH}/configs/{part(config)}/variants", body)
    out.print(f"The variant {slug} of {config} is there, version 1.")


@variants_app.command("set")
def variants_set(
    config: Config,
    variant: Variant,
    file: Content = None,
    model: Model = "",
    account: Account = "",
    system_prompt: Prompt = "",
    note: Note = "",
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Let a variant be so from now on: a new version. Those before stay as they were."""
    body = {"note": note, **_content(file, model, account, system_prompt)}
    path = f"{PATH}/configs/{part(config)}/variants/{part(variant)}/versions"
    found = connect(data, url, key).post(path, body)
    out.print(f"The variant {variant} of {config} is at version {found['version']}.")


@variants_app.command("diff")
def variants_diff(
    config: Config,
    variant: Variant,
    since: Annotated[int, typer.Option("--from", min=0, help="A version (default: the one before).")] = 0,
    to: Annotated[int, typer.Option(min=0, help="A version (default: the latest).")] = 0,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """What differs between two versions."""
    asked = {name: str(number) for name, number in (("from", since), ("to", to)) if number}
    path = f"{PATH}/configs/{part(config)}/variants/{part(variant)}/diff"
    show("differences", connect(data, url, key).get(path, asked), as_json=as_json)


def _secret(variable: str) -> str:
    """Never from the command line itself: every user of a machine can read those."""
    if not variable:
        return typer.prompt("The provider's key", hide_input=True)
    found = variables([variable]).get(variable)
    if not found:
        msg = f"The variable {variable} is not set."
        raise BadRequestError(msg)
    return found


def _pairs(told: list[str] | None) -> dict[str, str]:
    pairs = [one.partition("=") for one in told or ()]
    for name, sign, _ in pairs:
        if not sign or not name:
            msg = f"{name!r} is no option; write name=value."
            raise BadRequestError(msg)
    return {name: value for name, _, value in pairs}


def _content(file: Path | None, model: str, account: str, system_prompt: str) -> dict[str, Any]:
    from farthing.cli.declared import read

    found: dict[str, Any] = read(file) if file else {}
    if model or account:
        found["targets"] = [{"account": account, "model": model}]
    if system_prompt:
        found["system_prompt"] = system_prompt
    return found
