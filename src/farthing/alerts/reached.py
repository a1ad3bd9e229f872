"""The channels that rules name in; a sentence for those that are not there, and rules that go on naming one that is renamed, out."""

from collections.abc import Collection, Sequence

import msgspec

from farthing.alerts.rule import Rule
from farthing.errors import ConflictError
from farthing.query.errors import ParameterError
from farthing.shapes import Shape
from farthing.store.meta import alert_rules, channels
from farthing.store.meta.alert_rules import StoredRule
from farthing.store.meta.database import Transaction

_read_rule = Shape(Rule).of_json


def require(session: Transaction, rule: Rule, before: Collection[str] = ()) -> None:
    """Raises `ParameterError` where a rule names a channel that isn't there; one it named before may have gone."""
    wanted = [name for name in rule.channels if name not in before]
    if not wanted:
        return
    there = channels.listing(session, rule.project_id)
    known = {one.id for one in there} | {one.name for one in there}
    missing = next((name for name in wanted if name not in known), None)
    if missing is None:
        return
    names = ", ".join(repr(one.name) for one in there[:20]) or "none yet"
    raise ParameterError("channels", f"there is no channel {missing[:100]!r} in this project; there are: {names}.")


def release(session: Transaction, project_id: str, channel_id: str, name: str) -> None:
    """A channel goes. Raises `ConflictError` where that would leave a rule telling nobody."""
    alone = [rule.name for _, rule in _naming(session, project_id, (channel_id, name)) if _only(rule, channel_id, name)]
    if alone:
        rules = ", ".join(repr(one) for one in alone[:5]) + (" and others" if len(alone) > 5 else "")
        msg = f"Nobody would be told by {rules}: give them another channel first, or none, which means all."
        raise ConflictError(msg)


def rename(session: Transaction, project_id: str, before: str, after: str) -> None:
    """A channel has another name: the rules that name it do so by that from here on."""
    for stored, rule in _naming(session, project_id, (before,)):
        named = tuple(after if one == before else one for one in rule.channels)
        document = msgspec.json.encode(msgspec.structs.replace(rule, channels=named)).decode()
        alert_rules.put(session, msgspec.structs.replace(stored, document=document))


def _naming(session: Transaction, project_id: str, names: Sequence[str]) -> list[tuple[StoredRule, Rule]]:
    both = ((stored, _read_rule(stored.document)) for stored in alert_rules.listing(session, project_id))
    return [(stored, rule) for stored, rule in both if any(name in rule.channels for name in names)]


def _only(rule: Rule, channel_id: str, name: str) -> bool:
    return rule.enabled and not rule.observe_only and all(one in (channel_id, name) for one in rule.channels)
