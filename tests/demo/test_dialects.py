"""The demo's spans against the recordings of the real libraries: no attribute the library doesn't send, none it always does left out."""

import pytest
from corpus import recording

from farthing.demo.company import FEATURES, MODELS, Feature, Model
from farthing.demo.dialects import Made, Place, writer
from farthing.demo.draws import Dice
from farthing.demo.failures import FAILURES, Kind
from farthing.model.span import Resource, Span

LIBRARIES = {
    "checkout.ai_summary": ("otelv2-default", "opentelemetry.instrumentation.openai_v2", "chat "),
    "search.embed": ("otelv2-default", "opentelemetry.instrumentation.openai_v2", "embeddings "),
    "contracts.review": ("otelgenai-default", "opentelemetry.instrumentation.genai.openai", "chat "),
    "support.reply": ("otelgenai-default", "opentelemetry.instrumentation.genai.anthropic", "chat "),
    "support.triage": ("otelgenai-default", "com.anthropic.sdk.python", "anthropic."),
    "invoice.extract": ("openlit-1.34", "openlit.otel.tracing", "chat "),
}
"""Feature to the recorded library, its scope and the names of its calls."""

ASKED = "gen_ai.request."


def written(name: str, *, streamed: bool, failed: bool) -> Span:
    feature: Feature = next(feature for feature in FEATURES if feature.name == name)
    model: Model = MODELS[next(iter(feature.releases[0].models))]
    resource = Resource({"deployment.environment": "prod"})
    failure = FAILURES[model.provider][Kind.RATE_LIMIT] if failed else None
    reasoning = 16 if model.reasons else 0
    made = Made(10**18, 10**18 + 10**9, 10**8, 900, 512, 0, 80, reasoning, streamed, not failed, ["stop"], failure)
    spans: list[Span] = []
    writer(feature, model, Dice("d"))(Place(b"t" * 16, b"p" * 8, resource, {}, b"s" * 8), made, spans)
    return spans[0]


def recorded(name: str) -> list[Span]:
    library, scope, prefix = LIBRARIES[name]
    return [
        span
        for case in recording.cases()
        if case.startswith(f"{library}/")
        for span in recording.spans(case)
        if span.scope.name == scope and span.name.startswith(prefix)
    ]


@pytest.mark.parametrize("name", LIBRARIES)
@pytest.mark.parametrize("failed", [False, True])
def test_attributes_are_those_of_the_library(name: str, failed: bool) -> None:
    streams = name in ("checkout.ai_summary", "contracts.review", "support.reply")
    ours = [written(name, streamed=streamed, failed=failed) for streamed in ([False, True] if streams else [False])]
    alike = [span for span in recorded(name) if (span.status == 2) == failed]
    if not alike:
        assert name == "search.embed"
        assert failed
        return
    known = {key for span in alike for key in span.attributes}
    always = {key for key in known if all(key in span.attributes for span in alike)}
    for span in ours:
        assert {key for key in span.attributes if not key.startswith(ASKED)} <= known
        # An https port is left out, and one of the recordings' request parameters may not be among ours.
        assert {key for key in always if not key.startswith((ASKED, "server.port", "url."))} <= span.attributes.keys()
        assert span.kind == alike[0].kind
        assert span.status in {one.status for one in alike}
        for key in span.attributes.keys() & known:
            assert type(span.attributes[key]) in {type(one.attributes.get(key)) for one in alike}, key
