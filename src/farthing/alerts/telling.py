"""An incident and what happened to it in; the notice that people are told by out. Pure."""

from collections.abc import Mapping
from urllib.parse import urlencode

from farthing.alerts import wording
from farthing.alerts.incident import Incident, What
from farthing.alerts.notice import Notice
from farthing.alerts.rule import Kind
from farthing.alerts.verdict import Driver, Pairs, Verdict
from farthing.query.filters import as_it_is
from farthing.query.moments import NS, rfc3339

_TOLD: Mapping[What, str] = {
    What.OPENED: "",
    What.ESCALATED: "Worse: ",
    What.REMINDER: "Still: ",
    What.RECOVERED: "Over: ",
    What.ACKNOWLEDGED: "Looked after: ",
}

_TO_DO: Mapping[str, str] = {
    Kind.THRESHOLD: "Look at what moved. If it was meant, raise the limit or mark the incident as expected.",
    Kind.ANOMALY: "Look at what moved and at the requests since then. If it was meant, mark the incident as expected.",
    Kind.RATE_LIMIT: "Slow down or spread the calls, ask the provider for a higher limit, or route to another model.",
    Kind.ERROR_RATE: "Look at the failed requests and at the provider's status page; calls that fail may cost as well.",
    Kind.LATENCY: "Look at the slowest requests; a longer prompt, another model or the provider may be why.",
    Kind.RUNAWAY: "Open the call; set a cap on output tokens where it was made.",
    Kind.UNPRICED: "Say what the model costs, then have what is recorded priced again.",
    Kind.UNKNOWN_USAGE: "Have the application tell the usage, of streams too.",
    Kind.STALE_PRICES: "Run: farthing prices update",
    Kind.SILENT: "See whether the applications still send, and whether their key still holds.",
    "budget": "Look at who it was spent on. Raise the limit, correct what a wrong price ate, or let the gateway block.",
    Kind.DRIFT: "Compare the bill with what was reckoned, day by day and model by model.",
}


def notice(incident: Incident, what: What, project_name: str, base_url: str, at_ns: int) -> Notice:
    """What is to be said; the id is that of the event, so that it is said once."""
    verdict = incident.verdict
    bound = verdict.upper if verdict.upper is not None else verdict.lower
    where = f" ({wording.group(incident.group)})" if incident.group else ""
    return Notice(
        id=f"{incident.id}-{what.value}-{at_ns}",
        incident_id=incident.id,
        dedup_key=incident.dedup_key,
        what=what.value if what in _TOLD else "opened",  # type: ignore[arg-type]
        severity=incident.severity.value,
        title=f"{_TOLD.get(what, '')}{incident.rule_name}{where}",
        summary=verdict.why,
        project_name=project_name,
        rule_name=incident.rule_name,
        group=incident.group,
        actual=wording.amount(verdict.actual, verdict.unit) if verdict.actual is not None else "",
        limit=wording.amount(bound, verdict.unit) if bound is not None else "",
        since=rfc3339(since_ns(incident) // NS * NS),
        drivers=tuple(_driver(incident, one, base_url) for one in verdict.drivers),
        what_to_do="" if what is What.RECOVERED else _TO_DO.get(incident.kind, "Look at the incident."),
        link=f"{base_url}/alerts/incidents/{incident.id}",
        at=rfc3339(at_ns // NS * NS),
    )


def since_ns(incident: Incident) -> int:
    """When it began, as well as that is known."""
    told = incident.verdict.since_ns
    return incident.opened_ns if told is None else min(told, incident.opened_ns)


def _driver(incident: Incident, driver: Driver, base_url: str) -> tuple[str, str, str]:
    verdict = incident.verdict
    if driver.dimensions and driver.dimensions[0][0] == "call":
        call_id = driver.dimensions[0][1] or ""
        return f"call {call_id}", wording.amount(driver.change, verdict.unit), f"{base_url}/requests/{call_id}"
    sign = "+" if driver.change > 0 else ""
    share = f" ({wording.amount(driver.share, 'ratio')} of it)" if driver.share is not None else ""
    unit = "calls" if verdict.unit == "ratio" else verdict.unit
    change = f"{sign}{wording.amount(driver.change, unit)}{share}"
    return (
        wording.group(driver.dimensions),
        change,
        # A budget's group is its period, which the window says.
        requests_link(base_url, (*(() if incident.budget_id else incident.group), *driver.dimensions), verdict),
    )


def requests_link(base_url: str, pairs: Pairs, verdict: Verdict) -> str:
    """The requests of these groups in the window of a verdict."""
    start, end = (rfc3339(at // NS * NS) for at in verdict.window)
    told = [("from", start), ("to", end), *((name, as_it_is(value or "")) for name, value in pairs)]
    return f"{base_url}/requests?{urlencode(told)}"
