"""The commands about budgets: words in, the running server asked, tables out."""

import json
from typing import Annotated, Any

import typer
from rich.markup import escape

from farthing.cli import filters
from farthing.cli.options import AsJson, Data, KeyOption, Url, connect
from farthing.cli.screen import Screen

app = typer.Typer(
    help="What you want to spend at most, on what, in which time; and how that stands.",
    epilog="Begin with: farthing budgets create checkout --limit 500 -w feature=checkout",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
out = Screen()

PATH = "/api/v1/budgets"

BudgetId = Annotated[str, typer.Argument(help="The id shown by: farthing budgets list")]


def _show(answer: dict[str, Any], *, as_json: bool) -> None:
    from farthing.cli import show_budgets

    if as_json:
        out.print_json(json.dumps(answer))
    else:
        show_budgets.one(out, answer)


@app.command("list")
def listing(url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False) -> None:
    """All budgets and how they stand right now."""
    from farthing.cli import show_budgets

    rows = connect(data, url, key).get(PATH)["data"]
    if as_json:
        out.print_json(json.dumps(rows))
    else:
        show_budgets.table(out, rows)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is for, such as checkout.")],
    limit: Annotated[str, typer.Option(help="US dollars in each period, such as 500.")],
    period: Annotated[str, typer.Option(help="day, week, month, quarter, once or rolling.")] = "month",
    window: Annotated[str | None, typer.Option(help="How long, for rolling: 90m, 24h, 30d, 4w.")] = None,
    timezone: Annotated[str, typer.Option("--tz", help="Whose days and months: Europe/Berlin.")] = "UTC",
    where: Annotated[
        list[str] | None, typer.Option("--where", "-w", help="Which calls: feature=checkout, tag.tier=!free.")
    ] = None,
    thresholds: Annotated[str, typer.Option(help="Shares of the limit, comma-separated.")] = "0.5,0.8,1",
    warning: Annotated[str, typer.Option(help="The share from which on it warns.")] = "0.8",
    enforcement: Annotated[
        str, typer.Option(help="none, warn, or block: calls through the gateway that may not fit are refused.")
    ] = "none",
    start: Annotated[str | None, typer.Option("--from", help="When it begins, for once: 2026-12-01.")] = None,
    end: Annotated[str | None, typer.Option("--until", help="When it ends, for once; not included.")] = None,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make a budget and show how it stands.

    Examples:
      farthing budgets create all --limit 5000 --tz Europe/Berlin
      farthing budgets create chat --limit 50 --period day -w feature=chat -w environment=production
      farthing budgets create trial --limit 100 --period once --until 2027-01-31
    """
    body: dict[str, Any] = {
        "name": name,
        "limit_usd": limit,
        "period": period,
        "window": window,
        "timezone": timezone,
        "filters": filters.given(where),
        "thresholds": [part.strip() for part in thresholds.split(",") if part.strip()],
        "warning_ratio": warning,
        "enforcement": enforcement,
        "starts_at": start,
        "ends_at": end,
    }
    _show(connect(data, url, key).post(PATH, body), as_json=as_json)


@app.command()
def show(
    budget_id: BudgetId, url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False
) -> None:
    """One budget and how it stands right now."""
    _show(connect(data, url, key).get(f"{PATH}/{budget_id}"), as_json=as_json)


@app.command()
def outlook(
    budget_id: BudgetId, url: Url = None, key: KeyOption = None, data: Data = None, as_json: AsJson = False
) -> None:
    """Where a budget leads, how sure that is, and who it was spent on."""
    from farthing.cli import show_budgets

    answer = connect(data, url, key).get(f"{PATH}/{budget_id}/outlook")
    if as_json:
        out.print_json(json.dumps(answer))
    else:
        show_budgets.outlook(out, answer)


@app.command()
def correct(
    budget_id: BudgetId,
    amount: Annotated[str, typer.Option(help="US dollars; -12.50 gives 12.50 back.")],
    why: Annotated[str, typer.Option(help="For whoever looks at the budget later.")],
    at: Annotated[str | None, typer.Option(help="A moment of the period it counts in (default: now).")] = None,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Correct what a budget counts, as when a wrong price ate it. The ledger stays as it is; the correction is audited.

    Example:
      farthing budgets correct bg_1f… --amount -120 --why "gpt-4o was priced twice until noon"
    """
    body = {"amount_usd": amount, "why": why, "at": at}
    _show(connect(data, url, key).post(f"{PATH}/{budget_id}/corrections", body), as_json=as_json)


@app.command("observe-only")
def observe_only(
    why: Annotated[str | None, typer.Option(help="Why nothing may be stopped now.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Enforce budgets again.")] = False,
    url: Url = None,
    key: KeyOption = None,
    data: Data = None,
) -> None:
    """The kill switch: stop no call because of a budget, of any in the project, until --off. They go on to warn.

    Without options it says how the switch stands.
    """
    client = connect(data, url, key)
    if off:
        client.delete(f"{PATH}/observe-only")
    elif why:
        client.put(f"{PATH}/observe-only", {"why": why})
    found = client.get(f"{PATH}/observe-only")
    if found["on"]:
        out.print(f"Budgets only observe since {found['since']}, by {escape(found['by'])}: {escape(found['why'])}")
    else:
        out.print("Budgets do what they say: those with enforcement block refuse calls that may not fit.")


@app.command()
def delete(budget_id: BudgetId, url: Url = None, key: KeyOption = None, data: Data = None) -> None:
    """Delete a budget. What was spent stays where it is."""
    connect(data, url, key).delete(f"{PATH}/{budget_id}")
    out.print(f"Budget {budget_id} is gone.")
