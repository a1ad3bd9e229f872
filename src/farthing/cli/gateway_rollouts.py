"""The commands about environments, rollouts and limits of keys: words in, the running server asked, tables out."""

import json
from typing import Annotated, Any
from urllib.parse import quote

import typer

from farthing.cli.options import AsJson, Data, KeyOption, Url, connect
from farthing.cli.screen import Screen
from farthing.errors import BadRequestError

environments_app = typer.Typer(help="Where applications run; keys belong to one.", no_args_is_help=True)
rollouts_app = typer.Typer(help="Who gets which variant of a config.", no_args_is_help=True)
limits_app = typer.Typer(help="What a key may ask of the gateway.", no_args_is_help=True)
out = Screen()

PATH = "/api/v1/gateway"

Slug = Annotated[str, typer.Argument(help="A short name: a-z, 0-9, -, _ and .")]
Config = Annotated[str, typer.Argument(help="The slug of a config.")]
Title = Annotated[str, typer.Option("--name", help="For people.")]
RolloutId = Annotated[str, typer.Argument(help="The id shown by: farthing gateway rollouts list")]


def part(text: str) -> str:
    """A name as part of an address."""
    return quote(text, safe="")


def show(what: str, answer: Any, *, as_json: bool) -> None:
    """An answer, as a table or as it came."""
    from farthing.cli import show_gateway

    if as_json:
        out.print_json(json.dumps(answer))
    else:
        getattr(show_gateway, what)(out, answer)


@environments_app.command("list")
def environments_list(url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False) -> None:
    """All environments."""
    show("environments", connect(data, url, key).get(f"{PATH}/environments")["data"], as_json=as_json)


@environments_app.command("add")
def environments_add(
    slug: Slug,
    production: Annotated[bool, typer.Option("--production", help="Keys without an environment belong to it.")] = False,
    title: Title = "",
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Add an environment."""
    body = {"slug": slug, "name": title, "is_production": production}
    connect(data, url, key).post(f"{PATH}/environments", body)
    out.print(
        f"The environment {slug} is there. A key of it: farthing keys create NAME --environment {slug}", soft_wrap=True
    )


@rollouts_app.command("list")
def rollouts_list(url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False) -> None:
    """All rollouts, those that go first on top."""
    show("rollouts", connect(data, url, key).get(f"{PATH}/rollouts")["data"], as_json=as_json)


@rollouts_app.command("add")
def rollouts_add(
    config: Config,
    variant: Annotated[str, typer.Option(help="The slug of a variant of it.")],
    environment: Annotated[str | None, typer.Option(help="Only there.")] = None,
    weight: Annotated[int, typer.Option(min=0, max=10_000, help="Its share among those of its priority.")] = 10_000,
    version: Annotated[int | None, typer.Option(min=1, help="Pinned to it (default: the latest).")] = None,
    priority: Annotated[int, typer.Option(help="The highest goes first.")] = 0,
    where: Annotated[str, typer.Option(help='JSONLogic, such as {"==": [{"var": "metadata.tier"}, "gold"]}.')] = "",
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Roll a variant out.

    Example: farthing gateway rollouts add support --variant brief --weight 1000
    """
    body = {
        "config": config,
        "variant": variant,
        "environment": environment,
        "weight": weight,
        "version": version,
        "priority": priority,
        "conditions": _json(where),
    }
    show("rollouts", [connect(data, url, key).post(f"{PATH}/rollouts", body)], as_json=as_json)


@rollouts_app.command("weight")
def rollouts_weight(
    rollout_id: RolloutId,
    weight: Annotated[int, typer.Argument(min=0, max=10_000, help="Its share from now on.")],
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Move a rollout's share; no more users change their variant than must."""
    found = connect(data, url, key).patch(f"{PATH}/rollouts/{part(rollout_id)}", {"weight": weight})
    show("rollouts", [found], as_json=False)


@rollouts_app.command("remove")
def rollouts_remove(
    rollout_id: RolloutId,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Delete a rollout."""
    connect(data, url, key).delete(f"{PATH}/rollouts/{part(rollout_id)}")
    out.print(f"The rollout {rollout_id} is gone.")


@limits_app.command("list")
def limits_list(url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False) -> None:
    """All limits."""
    show("limits", connect(data, url, key).get(f"{PATH}/limits")["data"], as_json=as_json)


@limits_app.command("set")
def limits_set(
    key_id: Annotated[str, typer.Argument(help="The id of a key, or default for all without limits of their own.")],
    models: Annotated[list[str] | None, typer.Option("--model", "-m", help="A pattern, such as gpt-4o*.")] = None,
    requests: Annotated[int | None, typer.Option(min=0, help="A minute.")] = None,
    tokens: Annotated[int | None, typer.Option(min=0, help="A minute.")] = None,
    concurrent: Annotated[int | None, typer.Option(min=0, help="Calls under way at once.")] = None,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Limit a key; what isn't given is without a limit."""
    body = {
        "models": models,
        "requests_per_minute": requests,
        "tokens_per_minute": tokens,
        "concurrent": concurrent,
    }
    show("limits", [connect(data, url, key).put(f"{PATH}/limits/{part(key_id)}", body)], as_json=as_json)


@limits_app.command("remove")
def limits_remove(
    key_id: Annotated[str, typer.Argument(help="The id of a key, or default.")],
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """Limit a key no more."""
    connect(data, url, key).delete(f"{PATH}/limits/{part(key_id)}")
    out.print(f"{key_id} has no limit of its own any more.")


def _json(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError as error:
        msg = f"{text[:100]!r} is no JSON: {error}."
        raise BadRequestError(msg) from error
