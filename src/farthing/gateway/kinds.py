"""The path of a request in; which kind of call it is, whose wire format it speaks and what may be read in it, out. Pure."""

import re
from functools import lru_cache

import msgspec
from msgspec.structs import replace

PREFIXES = ("/v1/", "/api/genai/v1/", "/llmops/api/genai/v1/")
"""The path families, each with the same paths below."""

AZURE = "/openai/"
"""Where Azure's clients look below their endpoint."""

PROXY = "proxy"
REALTIME = "realtime"
"""Sessions over WebSockets, and the keys that browsers open them with: what they cost, nobody here would see."""


class Kind(msgspec.Struct, frozen=True):
    """One kind of call."""

    name: str
    family: str = "openai"
    """Whose wire format it is in: `openai` or `anthropic`."""
    operation: str = ""
    """The conventions' word for what is asked of the model; "" where no model is asked, so that nothing is to be paid."""
    reads: str = ""
    """Whose shape usage has: `chat`, `responses`, `messages`; "" where there is none to read."""
    has_model: bool = True
    """Whether the body is looked at: JSON or a form that names a model."""
    forces_usage: bool = False
    """Whether a stream tells its usage only when asked to."""
    cap: tuple[str, ...] = ()
    """Members that bound the output."""
    tells_later: bool = False
    """Whether its answer may tell what a former call used, which asked for it to be made in the background."""
    costs_unread: bool = False
    """Whether it may be charged for though nobody here can say how much: what passes unread, or sets work going."""


_READS = frozenset({"GET", "HEAD", "OPTIONS", "DELETE"})
"""Methods that ask no model anything."""

_KINDS: dict[str, Kind] = {
    "chat/completions": Kind(
        "chat", operation="chat", reads="chat", forces_usage=True, cap=("max_completion_tokens", "max_tokens")
    ),
    "completions": Kind(
        "completion", operation="text_completion", reads="chat", forces_usage=True, cap=("max_tokens",)
    ),
    "responses": Kind("responses", operation="chat", reads="responses", cap=("max_output_tokens",)),
    "responses/compact": Kind("responses", operation="chat", reads="responses"),
    "embeddings": Kind("embeddings", operation="embeddings", reads="chat"),
    "images/generations": Kind("image", operation="image_generation", reads="image"),
    "images/edits": Kind("image", operation="image_generation", reads="image"),
    "images/variations": Kind("image", operation="image_generation", reads="image"),
    "audio/speech": Kind("speech", operation="speech", reads="speech"),
    "audio/transcriptions": Kind("transcription", operation="transcription", reads="audio"),
    "audio/translations": Kind("transcription", operation="transcription", reads="audio"),
    "moderations": Kind("moderation", operation="moderation", reads="chat"),
    "messages": Kind("messages", "anthropic", operation="chat", reads="messages", cap=("max_tokens",)),
    "messages/count_tokens": Kind("count_tokens", "anthropic"),
}
"""Calls that are read. Everything below `_BESIDES` is passed through."""

_BESIDES: dict[str, Kind] = {
    "chat/completions": Kind("stored", has_model=False),
    "responses": Kind("stored", has_model=False),
    "messages/batches": Kind("batches", "anthropic", has_model=False),
    **{
        first: Kind(first, has_model=False)
        for first in (
            "models",
            "files",
            "uploads",
            "batches",
            "fine_tuning",
            "conversations",
            "vector_stores",
            "containers",
            "videos",
            "evals",
            "skills",
            "audio/voices",
            "audio/voice_consents",
        )
    },
}


_STORED = Kind("stored", reads="responses", has_model=False, tells_later=True)
"""A response that was made before, or in the background."""
_OF_STORED = re.compile(r"responses/[^/]+(/cancel)?")

_REALTIME = Kind(REALTIME, has_model=False)

_DEPLOYED = re.compile(r"(?:.*/)?deployments/([^/]+)/(.+)")

_SETS_GOING = re.compile(
    r"(messages/)?batches|fine_tuning/jobs|videos(/[^/]+/remix|/edits|/extensions)?|evals/[^/]+/runs|containers"
)
"""Paths of what asks models later, and is charged for then."""


class Found(msgspec.Struct, frozen=True):
    """A path that is ours."""

    kind: Kind
    path: str
    """What follows `/v1/`; of the proxy, what follows the provider's name."""
    account: str = ""
    """Whom the proxy is to ask, by slug or provider."""
    model: str = ""
    """The deployment that Azure's paths name: there it is the model, whatever the body says."""


@lru_cache(maxsize=4096)
def find(path: str, method: str) -> Found | None:
    """What a request asks for; None when it is nobody's business here."""
    prefix = next((prefix for prefix in PREFIXES if path.startswith(prefix)), None)
    # A step upwards would leave what the account's address allows.
    leads_out = not {".", ".."}.isdisjoint(path.replace("\\", "/").split("/"))
    if prefix is None or leads_out:
        return _of_azure(path[len(AZURE) :], method) if path.startswith(AZURE) and not leads_out else None
    rest = path[len(prefix) :]
    # Many servers don't mind a slash more, and some no capital letters: a call is to be read all the same.
    plain = _plain(rest)
    if method == "POST" and (kind := _KINDS.get(plain)):
        return Found(kind, plain)
    first, _, after = rest.partition("/")
    if first == REALTIME:
        return Found(_REALTIME, rest)
    if first == PROXY:
        account, _, after = after.partition("/")
        kind = _proxied(after, method)
        deployed = _DEPLOYED.fullmatch(after) if kind.has_model else None
        model = deployed[1] if deployed else ""
        return Found(kind, after, account, model) if account and after else None
    for beginning in (f"{first}/{after.partition('/')[0]}", first):
        if kind := _BESIDES.get(beginning):
            if method == "POST" and _SETS_GOING.fullmatch(plain):
                kind = replace(kind, costs_unread=True)
            return Found(_stored(plain, method) or kind, rest)
    # Below a prefix of its own everything is the gateway's, whatever the provider makes of it.
    return Found(_proxied(rest, method), rest) if prefix != PREFIXES[0] and rest else None


def _of_azure(rest: str, method: str) -> Found | None:
    if rest.startswith("v1/"):
        return find(f"/{rest}", method)
    deployed = _DEPLOYED.fullmatch(rest)
    found = find(f"/v1/{deployed[2] if deployed else rest}", method)
    if found is None or found.account or (deployed and not found.kind.has_model):
        return None
    return replace(found, account="azure", model=deployed[1] if deployed else "")


def as_sent(found: Found, path: str, raw: bytes) -> Found:
    """The same with what was escaped in its path as the client escaped it: there it may mean something else than unescaped."""
    before = path[: len(path) - len(found.path)]
    sent = raw.decode("latin-1")
    return replace(found, path=sent[len(before) :]) if path.endswith(found.path) and sent.startswith(before) else found


def _plain(path: str) -> str:
    return "/".join(part for part in path.split("/") if part).lower()


def _stored(plain: str, method: str) -> Kind | None:
    """What looks at one response, or stops it."""
    looked_at = _OF_STORED.fullmatch(plain)
    is_one = looked_at is not None and (method == "POST" if looked_at[1] else method == "GET")
    return _STORED if is_one else None


def _proxied(path: str, method: str) -> Kind:
    """Known kinds are read on the way through as well, whatever stands before their paths; all others pass."""
    plain = _plain(path)
    if stored := _stored("".join(plain.rpartition("responses/")[1:]), method):
        return stored
    if method == "POST":
        for known, kind in sorted(_KINDS.items(), key=lambda one: -len(one[0])):
            if plain == known or plain.endswith(f"/{known}"):
                return kind
    return Kind(PROXY, has_model=False, costs_unread=method not in _READS)
