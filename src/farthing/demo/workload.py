"""One feature and the plan of its calls in; the traces of its requests out."""

from collections.abc import Iterator

from farthing.demo import anomalies, company
from farthing.demo.anomalies import Planted
from farthing.demo.company import MODELS, Feature, Placing, Release
from farthing.demo.completions import Completions, Weather
from farthing.demo.dialects import CONSUMER, INTERNAL, SERVER, Made, Place, Writer, writer
from farthing.demo.draws import Dice, weighted
from farthing.demo.season import Slot
from farthing.demo.visitors import ENVIRONMENTS, Visit, Visitors
from farthing.model.span import NO_PARENT, STATUS_ERROR, STATUS_UNSET, Attributes, Resource, Scope, Span

_MOST_RETRIES = 2
_MS = 10**6


class Deployment:
    """A prompt version in use: its models, the processes that run it, what is noted on its spans."""

    def __init__(self, feature: Feature, release: Release, number: int) -> None:
        service = feature.service
        self.percent = release.percent
        self.models = weighted([(MODELS[name], weight) for name, weight in release.models.items()])
        self.mixed = len(release.models) > 1
        self.noted: Attributes = {service.keys.feature: feature.name, service.keys.team: feature.team}
        if release.version:
            self.noted[service.keys.version] = release.version
        self.resources: dict[str, list[Resource]] = {
            environment: [company.resource(service, environment, pod, number) for pod in range(service.pods)]
            for environment in ENVIRONMENTS
        }


class Request(Place, kw_only=True, gc=False):
    """One request on its way, and the place of the call it is making."""

    visit: Visit
    at_ns: int
    longest_ns: int
    """No single call takes longer, so that the trace ends in time."""
    failed: bool = False


class Workload:
    """The requests of one feature, out of its share of all calls."""

    def __init__(self, feature: Feature, calls: int, planted: Planted, weather: Weather, dice: Dice) -> None:
        self._feature = feature
        self._dice = dice
        self._end_ns = planted.end_ns
        self._visitors = Visitors(feature, dice)
        self._completions = Completions(feature, weather, dice)
        self._sizes = weighted({n + 1: weight for n, weight in enumerate(feature.fanout)})
        self._fans_out = len(feature.fanout) > 1
        self._rooted = feature.rooted
        self._root = _Root(feature)
        models = {name for release in feature.releases for name in release.models}
        self._writers: dict[str, Writer] = {name: writer(feature, MODELS[name], dice) for name in sorted(models)}
        self._loop = planted.retry_loop if planted.retry_loop.feature == feature.name else None
        self._runaway = planted.runaway if planted.runaway.feature == feature.name else None
        self._releases = [
            (anomalies.deployed(self._end_ns, release.days_ago), Deployment(feature, release, n))
            for n, release in enumerate(feature.releases)
        ][::-1]
        self._deployed = self._releases[-1][1]
        self._unplanned = self._left = calls
        self._behind = 0
        self._owed = 0
        """Retries made beyond the plan: as many planned calls are left out later."""

    def requests(self, calls: int, slot: Slot) -> Iterator[tuple[int, int]]:
        """When this feature's requests of a slot start, and how many calls each makes.

        A request is not cut short because its slot is full: the next slots make up for it, and all slots add up.
        """
        wanted = calls + self._behind
        looping = self._looping(slot.start_ns)
        reserved = 0
        if self._runaway is not None and slot.start_ns < self._runaway.end_ns:
            reserved = slot.start_ns < self._runaway.start_ns
            wanted = wanted if reserved else max(1, wanted)
        while wanted > 0:
            usual = self._sizes[self._dice.bits(10)] if self._fans_out else 1
            size = min(anomalies.RETRIES, wanted) if looping else usual
            size = min(size, self._unplanned - reserved)
            if size <= 0:
                break
            wanted -= size
            self._unplanned -= size
            yield slot.start_ns + (self._dice.bits(40) * slot.length_ns >> 40), size
        self._behind = wanted

    def send(self, start_ns: int, size: int, spans: list[Span]) -> None:
        """One request of so many calls: its spans are appended."""
        self._left -= size
        if self._owed:
            paid = min(self._owed, size)
            self._owed -= paid
            size -= paid
            if not size:
                return
        while self._releases and self._releases[-1][0] <= start_ns:
            self._deployed = self._releases.pop()[1]
        dice = self._dice
        visit = self._visitors.arrive(start_ns)
        deployed = self._deployed
        placing = self._feature.service.placing
        request = Request(
            dice.trace_id(),
            NO_PARENT,
            deployed.resources[visit.environment][visit.pod],
            deployed.noted,
            visit=visit,
            at_ns=start_ns,
            longest_ns=(self._end_ns - start_ns) // (size + _MOST_RETRIES + 2),
        )
        if size == 1 and self._rooted < 1024 and (not self._rooted or dice.bits(10) >= self._rooted):
            request.noted = {**deployed.noted, **visit.noted}
            request.at_ns = self._call(request, spans, None, looping=False).end_ns
        else:
            on_root = {} if placing is Placing.CALL else visit.noted
            if placing is Placing.ROOT:
                on_root, request.noted = {**deployed.noted, **visit.noted}, {}
            elif placing is Placing.CALL:
                request.noted = {**deployed.noted, **visit.noted}
            self._within_root(request, size, on_root, spans)
        self._visitors.leave(visit, request.at_ns)

    def _within_root(self, request: Request, size: int, on_root: Attributes, spans: list[Span]) -> None:
        start = request.at_ns
        root_id = request.parent_span_id = self._dice.span_id()
        self._work(request)
        if self._feature.service.middle:
            middle_start = request.at_ns
            middle_id = request.parent_span_id = self._dice.span_id()
            self._work(request)
            self._calls(request, size, spans)
            middle = self._root.middle(request, middle_id, root_id, middle_start)
            spans.append(middle)
            self._work(request)
        else:
            self._calls(request, size, spans)
        spans.append(self._root.span(request, root_id, start, on_root))

    def _calls(self, request: Request, size: int, spans: list[Span]) -> None:
        """So many calls one after the other, and again those that failed."""
        looping = self._looping(request.at_ns)
        noted = request.noted
        made: Made | None = None
        retries = done = 0
        while done < size:
            if looping and done:
                request.noted = {**noted, "retry.attempt": done + 1}
            now = self._call(request, spans, made, looping=looping)
            done += 1
            failure = now.failure
            self._work(request)
            if failure is None:
                made = now if looping else None
                request.failed = False
                request.noted = noted
                continue
            request.failed = True
            if not looping and failure.retryable and retries < _MOST_RETRIES and self._left > self._owed:
                retries += 1
                size += 1
                self._owed += 1
                request.noted = {**noted, "retry.attempt": retries + 1}
                request.at_ns += min((800 + self._dice.bits(10)) * _MS * retries, request.longest_ns >> 3)

    def _call(self, request: Request, spans: list[Span], before: Made | None, *, looping: bool) -> Made:
        """One call; `before` is an answered one that it repeats."""
        completions = self._completions
        deployed, dice = self._deployed, self._dice
        model = deployed.models[dice.bits(10)] if deployed.mixed else deployed.models[0]
        at, longest = request.at_ns, request.longest_ns
        runaway = self._runaway
        if runaway is not None and runaway.start_ns <= at < runaway.end_ns:
            self._runaway = None
            model = MODELS[anomalies.RUNAWAY_MODEL]
            made = completions.runaway(model, at, longest)
        else:
            visit = request.visit
            if looping and dice.bits(10) < anomalies.REFUSED:
                made = completions.refused(model, at, longest)
            else:
                made = completions.make(model, at, longest, visit, deployed.percent)
            if before is not None and made.failure is None:
                made.input = before.input
        request.span_id = dice.span_id()
        self._writers[model.name](request, made, spans)
        request.at_ns = made.end_ns
        return made

    def _work(self, request: Request) -> None:
        """The application does something else for some milliseconds."""
        bits = self._dice.bits(24)
        request.at_ns += (1 + (bits & 31)) * _MS + (bits >> 5)

    def _looping(self, now_ns: int) -> bool:
        loop = self._loop
        return loop is not None and loop.start_ns <= now_ns < loop.end_ns


class _Root:
    """What a service's own spans around its model calls look like."""

    def __init__(self, feature: Feature) -> None:
        service = feature.service
        self._scope = Scope(service.root_scope, "0.66b1" if "." in service.root_scope else "")
        self._middle = service.middle
        self._middle_scope = Scope(f"quillmarket.{service.name}")
        self._name = service.root
        self._kind = INTERNAL
        self._good: Attributes = {}
        self._bad: Attributes = {}
        if service.root.startswith("POST "):
            self._kind = SERVER
            web: Attributes = {
                "http.request.method": "POST",
                "http.route": service.root.removeprefix("POST "),
                "url.scheme": "https",
                "server.address": f"{service.name}.quillmarket.example",
            }
            self._good = {**web, "http.response.status_code": 200}
            self._bad = {**web, "http.response.status_code": 502}
        elif service.root.startswith("run/"):
            self._kind = CONSUMER
            task: Attributes = {"celery.action": "run", "celery.task_name": service.root.removeprefix("run/")}
            self._good = {**task, "celery.state": "SUCCESS"}
            self._bad = {**task, "celery.state": "FAILURE"}

    def span(self, request: Request, span_id: bytes, start_ns: int, noted: Attributes) -> Span:
        """The root of a request that has just been answered."""
        failed = request.failed
        attributes = {**(self._bad if failed else self._good), **noted}
        return Span(
            request.trace_id, span_id, NO_PARENT, self._name, self._kind, start_ns, request.at_ns,
            STATUS_ERROR if failed else STATUS_UNSET, "", self._scope, request.resource, attributes,
        )  # fmt: skip

    def middle(self, request: Request, span_id: bytes, parent_span_id: bytes, start_ns: int) -> Span:
        """The span between the root and the calls."""
        return Span(
            request.trace_id, span_id, parent_span_id, self._middle, INTERNAL, start_ns, request.at_ns,
            STATUS_UNSET, "", self._middle_scope, request.resource, {},
        )  # fmt: skip
