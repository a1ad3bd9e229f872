"""The fictional company whose telemetry the demo makes: Quillmarket, which runs online shops for others.

Nothing comes in; out go its models, services and features. 8 models of 3 providers have a
price; the company's own re-ranker (`quill-rerank-2b`) has none. The tenants and users are in `population`;
what goes wrong there is told in `anomalies`.
"""

from enum import StrEnum
from uuid import NAMESPACE_URL, uuid5

import msgspec

from farthing.model.span import Attributes, Resource


class Dialect(StrEnum):
    """Which library, or whose hand, instruments a service's model calls."""

    OPENAI_V2 = "openai_v2"
    GENAI = "genai"
    GENAI_AND_SDK = "genai_and_sdk"
    """As GENAI, with an Anthropic SDK new enough to make its own span within the instrumentor's."""
    OPENLIT = "openlit"
    BY_HAND = "by_hand"


class Placing(StrEnum):
    """Where the application writes down who a call is for."""

    ROOT = "root"
    CALL = "call"
    SPLIT = "split"
    """Who on the root, what for on the call."""


class Curve(StrEnum):
    """When a feature is used."""

    SHOPPERS = "shoppers"
    OFFICE = "office"
    SUPPORT = "support"
    NIGHT = "night"


class Model(msgspec.Struct, frozen=True):
    """A model as a provider sells it; times in microseconds."""

    name: str
    served: str
    """The name the provider answers with."""
    provider: str
    first_token_us: int
    token_us: int
    prefill_ns: int
    """Time to read one token of the prompt, in nanoseconds."""
    reasons: bool = False
    host: str = ""


class Keys(msgspec.Struct, frozen=True):
    """How a service spells who a call is for."""

    feature: str = "feature"
    user: str = "user_id"
    session: str = "session.id"
    tenant: str = "tenant"
    team: str = "team"
    version: str = "prompt_version"


class Service(msgspec.Struct, frozen=True):
    """A deployed process and how it is instrumented."""

    name: str
    release: str
    dialect: Dialect
    keys: Keys
    pods: int
    root: str
    """The name of the span around a unit of work; for a web request its route."""
    root_scope: str
    placing: Placing = Placing.ROOT
    middle: str = ""


class Release(msgspec.Struct, frozen=True):
    """A prompt version, the models it runs on (with weights) and since how many days it is deployed."""

    version: str
    models: dict[str, int]
    days_ago: int = 10_000
    percent: int = 100
    """Input tokens, in percent of the feature's usual ones."""


class Feature(msgspec.Struct, frozen=True):
    """What the company uses models for. Token counts are medians; `sigma` is of the logarithm."""

    name: str
    team: str
    service: Service
    curve: Curve
    weight: int
    """Share of all calls, in thousandths."""
    releases: tuple[Release, ...]
    prefix: int
    """Tokens every prompt begins with: what a provider's cache can keep."""
    body: int
    body_sigma: float
    output: int
    output_sigma: float = 0.6
    reasoning: int = 0
    growth: int = 0
    """Tokens a session's prompt gains with every turn."""
    cached: int = 0
    """How often the prefix is found in the provider's cache, of 1024."""
    streamed: int = 0
    """Of 1024."""
    blind: int = 0
    """Streams without usage, of 1024."""
    rooted: int = 0
    """Calls inside a trace with a root span, of 1024; the others are traces of one span."""
    fanout: tuple[int, ...] = (1,)
    """Weights of 1, 2, 3 calls in a trace."""
    turns: int = 0
    """Most calls of a session; 0: nobody is there, a batch job calls."""
    tools: int = 0
    """Answers that ask for a tool, of 1024."""
    operation: str = "chat"
    request: Attributes = {}
    variants: dict[str, int] = {}
    audience: int = 1
    """Only every n-th tenant uses it."""


UNPRICED_MODEL = "quill-rerank-2b"

MODELS = {
    model.name: model
    for model in (
        Model("gpt-4o-mini", "gpt-4o-mini-2024-07-18", "openai", 380_000, 11_000, 40_000),
        Model("gpt-5", "gpt-5-2025-08-07", "openai", 900_000, 9_000, 90_000, reasons=True),
        Model("o4-mini", "o4-mini-2025-04-16", "openai", 650_000, 7_000, 60_000, reasons=True),
        Model("text-embedding-3-small", "text-embedding-3-small", "openai", 70_000, 0, 20_000),
        Model("claude-sonnet-4-5", "claude-sonnet-4-5-20250929", "anthropic", 850_000, 14_000, 80_000),
        Model("claude-haiku-4-5", "claude-haiku-4-5-20251001", "anthropic", 420_000, 7_000, 40_000),
        Model("gemini-2.5-pro", "gemini-2.5-pro", "google", 1_100_000, 8_000, 50_000),
        Model("gemini-2.5-flash", "gemini-2.5-flash", "google", 330_000, 4_500, 20_000),
        Model(UNPRICED_MODEL, UNPRICED_MODEL, "openai", 60_000, 4_000, 15_000, host="rerank.ml.quillmarket.example"),
    )
}

_STOREFRONT = Service(
    "storefront-api", "4.18", Dialect.OPENAI_V2, Keys(user="user.id", tenant="tenant.id"), 4,
    "POST /v1/checkout/{cart_id}/summary", "opentelemetry.instrumentation.fastapi",
)  # fmt: skip
_SEARCH = Service(
    "search-api", "2.31", Dialect.OPENAI_V2,
    Keys(user="enduser.id", tenant="tenantSlug", version="promptVersion"), 6,
    "POST /v1/search", "opentelemetry.instrumentation.fastapi", Placing.CALL,
)  # fmt: skip
_SUPPORT = Service(
    "support-desk", "7.2", Dialect.GENAI, Keys(session="session_id", version="gen_ai.prompt.version"), 3,
    "POST /tickets/{ticket_id}/reply", "opentelemetry.instrumentation.fastapi", Placing.SPLIT,
)  # fmt: skip
_TRIAGE = msgspec.structs.replace(_SUPPORT, name="support-triage", release="1.9", dialect=Dialect.GENAI_AND_SDK, pods=2)
_BACK_OFFICE = msgspec.structs.replace(
    _SUPPORT, name="back-office", release="3.4", keys=Keys(user="user.id"), placing=Placing.ROOT,
    root="POST /api/ask", middle="plan_and_run",
)  # fmt: skip
_CONTRACTS = msgspec.structs.replace(
    _BACK_OFFICE, name="contract-desk", release="2.8", root="POST /contracts/{contract_id}/review",
    middle="review_clauses",
)  # fmt: skip
_DOCUMENTS = Service(
    "document-worker", "5.0", Dialect.OPENLIT, Keys(tenant="tenantId"), 2,
    "run/documents.extract_invoice", "opentelemetry.instrumentation.celery", Placing.SPLIT,
)  # fmt: skip
_CATALOG = Service(
    "catalog-jobs", "1.44", Dialect.BY_HAND, Keys(), 2,
    "catalog.enrich_products", "catalog-jobs", Placing.CALL,
)  # fmt: skip

FEATURES = (
    Feature(
        "checkout.ai_summary", "payments", _STOREFRONT, Curve.SHOPPERS, 180,
        (
            Release("v5", {"gpt-4o-mini": 1}),
            Release("v6", {"gpt-4o-mini": 1}, days_ago=19, percent=85),
            Release("v7", {"gpt-4o-mini": 1}, days_ago=5, percent=92),
        ),
        prefix=1400, body=2600, body_sigma=0.45, output=120, output_sigma=0.4, streamed=640, blind=9, rooted=200,
        turns=3, request={"gen_ai.request.temperature": 0.3, "gen_ai.request.max_tokens": 300},
        variants={"control": 1, "concise": 1},
    ),
    Feature(
        "search.rerank", "discovery", _SEARCH, Curve.SHOPPERS, 200,
        (
            Release("rerank-11", {"gpt-4o-mini": 1}),
            Release("rerank-12", {"gpt-4o-mini": 980, UNPRICED_MODEL: 20}, days_ago=24),
        ),
        prefix=600, body=7500, body_sigma=0.35, output=40, output_sigma=0.25, turns=6,
        request={"gen_ai.request.temperature": 0.0, "gen_ai.request.max_tokens": 64},
    ),
    Feature(
        "search.embed", "discovery", _SEARCH, Curve.SHOPPERS, 110,
        (Release("", {"text-embedding-3-small": 1}),),
        prefix=0, body=34, body_sigma=0.8, output=0, operation="embeddings",
    ),
    # An agent that reads the shop's policies, the order and all of the ticket again with every step.
    Feature(
        "support.reply", "support", _SUPPORT, Curve.SUPPORT, 200,
        (
            Release("reply-2026.3", {"claude-sonnet-4-5": 1}),
            Release("reply-2026.4", {"claude-sonnet-4-5": 880, "claude-haiku-4-5": 120}, days_ago=22),
            Release("reply-2026.5", {"claude-sonnet-4-5": 880, "claude-haiku-4-5": 120}, days_ago=9, percent=200),
        ),
        prefix=28_000, body=8000, body_sigma=0.5, output=420, output_sigma=0.55, growth=4000, cached=760, streamed=900,
        blind=3, rooted=1024, fanout=(30, 40, 30), turns=8, request={"gen_ai.request.max_tokens": 4096},
    ),
    Feature(
        "support.triage", "support", _TRIAGE, Curve.SUPPORT, 50,
        (
            Release("triage-8", {"claude-sonnet-4-5": 1}),
            Release("triage-9", {"claude-haiku-4-5": 1}, days_ago=16),
        ),
        prefix=6400, body=1300, body_sigma=0.5, output=48, output_sigma=0.3, cached=880,
        request={"gen_ai.request.max_tokens": 128},
    ),
    # Scans, page by page as pictures.
    Feature(
        "invoice.extract", "finance", _DOCUMENTS, Curve.OFFICE, 90,
        (
            Release("extract-20", {"gpt-5": 1}),
            Release("extract-21", {"gpt-5": 780, "gpt-4o-mini": 220}, days_ago=26),
            Release("extract-22", {"gpt-5": 820, "gpt-4o-mini": 180}, days_ago=12),
        ),
        prefix=2200, body=26_000, body_sigma=0.45, output=2600, output_sigma=0.4, rooted=1024,
        request={"gen_ai.request.temperature": 0.0, "gen_ai.request.max_tokens": 8192}, audience=2,
    ),
    Feature(
        "catalog.enrich", "catalog", _CATALOG, Curve.NIGHT, 60,
        (
            Release("enrich-3", {"gemini-2.5-pro": 820, "gemini-2.5-flash": 180}),
            Release("enrich-4", {"gemini-2.5-pro": 760, "gemini-2.5-flash": 240}, days_ago=14),
        ),
        prefix=2400, body=12_000, body_sigma=0.5, output=1800, output_sigma=0.45, streamed=80, rooted=1024,
        fanout=(10, 20, 70), audience=3,
    ),
    Feature(
        "contracts.review", "legal", _CONTRACTS, Curve.OFFICE, 40,
        (
            Release("review-1", {"gpt-5": 1}),
            Release("review-2", {"gpt-5": 700, "o4-mini": 300}, days_ago=17),
        ),
        prefix=9000, body=60_000, body_sigma=0.4, output=4800, output_sigma=0.4, reasoning=6800, cached=500,
        streamed=700, rooted=1024, fanout=(40, 40, 20), turns=3, audience=4,
    ),
    Feature(
        "analytics.ask", "data", _BACK_OFFICE, Curve.OFFICE, 70,
        (
            Release("ask-v2", {"gpt-5": 600, "o4-mini": 400}),
            Release("ask-v3", {"gpt-5": 700, "o4-mini": 300}, days_ago=8),
        ),
        prefix=26_000, body=9000, body_sigma=0.5, output=1200, output_sigma=0.5, reasoning=3600, growth=6000,
        cached=700, streamed=300, rooted=1024, fanout=(10, 25, 35, 30), turns=5, tools=380, audience=2,
    ),
)  # fmt: skip

RETRY_LOOP_FEATURE = "invoice.extract"
INFLATED_FEATURE = "support.reply"
RUNAWAY_FEATURE = "contracts.review"


def resource(service: Service, environment: str, pod: int, patch: int) -> Resource:
    """The process that runs a service: one pod of one release in one environment."""
    attributes: Attributes = {
        "service.name": service.name,
        "service.version": f"{service.release}.{patch}",
        "service.instance.id": str(
            uuid5(NAMESPACE_URL, f"https://quillmarket.example/{service.name}/{environment}/{pod}")
        ),
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.sdk.version": "1.45.2",
    }
    # Hand-written spans carry their environment themselves.
    if service.dialect == Dialect.OPENLIT:
        attributes["telemetry.sdk.name"] = "openlit"
        attributes["telemetry.sdk.version"] = "1.34.1"
        attributes["deployment.environment"] = environment
    elif service.dialect != Dialect.BY_HAND:
        attributes["deployment.environment.name"] = environment
    return Resource(attributes)
