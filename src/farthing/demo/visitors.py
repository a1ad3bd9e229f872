"""A feature and the time in; who uses it then out: a user in a session that lasts several turns, or a batch job."""

from collections import deque

import msgspec

from farthing.demo import population
from farthing.demo.company import Dialect, Feature
from farthing.demo.draws import Dice, lognormal, weighted
from farthing.demo.population import TENANTS, User
from farthing.model.span import Attributes

ENVIRONMENTS = {"prod": 935, "staging": 45, "dev": 20}

_SECOND_NS = 10**9
_IDLE_NS = 1800 * _SECOND_NS
"""Who was away for longer than this doesn't come back to the same session."""
_THINKING_S = lognormal(40, 0.8)
_CROWD_BITS = 14


class Visit(msgspec.Struct, gc=False):
    """One session, or one run of a job."""

    environment: str
    pod: int
    noted: Attributes
    """Who it is, as the service spells it."""
    terse: bool
    turns_left: int
    turn: int = 0
    due_ns: int = 0


class Visitors:
    """The people and jobs that use one feature."""

    def __init__(self, feature: Feature, dice: Dice) -> None:
        self._feature = feature
        self._dice = dice
        tenants = TENANTS[:: feature.audience]
        crowd = [(user, weight) for user, weight in population.users() if user.tenant in tenants]
        self._crowd = weighted(crowd, 1 << _CROWD_BITS)
        self._staff = population.staff()
        self._session_id = dice.names(20)
        self._environments = weighted(ENVIRONMENTS)
        self._variants = weighted(feature.variants) if feature.variants else ()
        self._thinking: deque[Visit] = deque()

    def arrive(self, now_ns: int) -> Visit:
        """Whoever sends the request at this time: somebody who has finished thinking, else somebody new."""
        thinking = self._thinking
        while thinking and thinking[0].due_ns <= now_ns:
            visit = thinking.popleft()
            if now_ns - visit.due_ns < _IDLE_NS:
                return visit
        return self._new()

    def leave(self, visit: Visit, now_ns: int) -> None:
        """The request is answered; the session goes on if it has turns left."""
        if visit.turns_left > 1:
            visit.turns_left -= 1
            visit.turn += 1
            visit.due_ns = now_ns + _THINKING_S[self._dice.bits(12)] * _SECOND_NS
            self._thinking.append(visit)

    def _new(self) -> Visit:
        feature, dice = self._feature, self._dice
        bits = dice.bits(54)
        environment = self._environments[bits & 1023]
        pods = feature.service.pods if environment == "prod" else 1
        if environment == "prod":
            user = self._crowd[(bits >> 10) & ((1 << _CROWD_BITS) - 1)]
        else:
            user = self._staff[(bits >> 10) % len(self._staff)]
        turns = 1 + (bits >> 24 & 1023) % feature.turns if feature.turns else 1
        noted = self._note(user, environment)
        terse = False
        if self._variants:
            variant = self._variants[bits >> 34 & 1023]
            noted["variant"] = variant
            terse = variant == "concise"
        return Visit(environment, (bits >> 44) % pods, noted, terse, turns)

    def _note(self, user: User, environment: str) -> Attributes:
        feature = self._feature
        keys = feature.service.keys
        noted: Attributes = {keys.tenant: user.tenant.slug, "plan": user.tenant.plan, "region": user.tenant.region}
        if feature.turns:
            noted[keys.user] = user.id
        if feature.turns > 1:
            noted[keys.session] = "s_" + self._session_id()
        if feature.service.dialect == Dialect.BY_HAND:
            noted["environment"] = environment
        return noted
