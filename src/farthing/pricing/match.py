"""The provider and models of a call as seen in; the model whose price applies and the rule that says why, or the reason why none does, out."""

import re
from collections.abc import Iterable, Set
from typing import Any, Literal, Protocol

import msgspec

from farthing.pricing.providers import Stranger, provider_of
from farthing.pricing.rates import PricedModel


class Clause(msgspec.Struct, frozen=True):
    """One condition on a lower-case model name; `any` and `all` combine `parts`."""

    kind: Literal["equals", "starts_with", "ends_with", "contains", "regex", "any", "all"]
    text: str = ""
    parts: tuple["Clause", ...] = ()
    pattern: re.Pattern[str] | None = None

    def why(self, name: str) -> str:
        """What in this clause the name fits, for a person; "" when it doesn't fit."""
        if self.kind == "any":
            return next((why for part in self.parts if (why := part.why(name))), "")
        if self.kind == "all":
            whys = [part.why(name) for part in self.parts]
            return " and ".join(whys) if whys and all(whys) else ""
        return f"{_FITS[self.kind]} {self.text!r}" if self._fits(name) else ""

    def hint(self) -> str:
        """A pattern found in every name this clause fits, and in some it does not."""
        match self.kind:
            case "starts_with":
                return f"^{re.escape(self.text)}"
            case "ends_with":
                return f"{re.escape(self.text)}$"
            case "any" | "all":
                return "|".join(part.hint() for part in self.parts)
            case "regex":
                return f"(?:{self.text})"
            case _:
                return re.escape(self.text)

    def _fits(self, name: str) -> bool:
        match self.kind:
            case "equals":
                return name == self.text
            case "starts_with":
                return name.startswith(self.text)
            case "ends_with":
                return name.endswith(self.text)
            case "contains":
                return self.text in name
            case _:
                return self.pattern is not None and self.pattern.search(name) is not None


_FITS = {
    "equals": "the name is",
    "starts_with": "the name starts with",
    "ends_with": "the name ends with",
    "contains": "the name contains",
    "regex": "the name fits the pattern",
}


class Entry(msgspec.Struct, frozen=True):
    """A model as one provider lists it, the clause its names fit, and lower-case names it has besides."""

    model: PricedModel
    clause: Clause | None = None
    names: tuple[str, ...] = ()
    why: str = "a listed name"
    by_names_only: bool = False
    """The model's own id is no name here."""


class PriceList:
    """One provider's models. `resells` names the providers whose prices hold for models not listed here."""

    def __init__(self, provider: str, entries: Iterable[Entry], resells: tuple[str, ...] = ()) -> None:
        self.provider = provider
        self.entries = tuple(entries)
        self.resells = resells
        self._exact: dict[str, tuple[PricedModel, str]] = {}
        self._clauses: list[tuple[PricedModel, Clause]] = []
        for entry in self.entries:
            if not entry.by_names_only:
                self._exact.setdefault(entry.model.id.lower(), (entry.model, "the exact name"))
            for name in entry.names:
                self._exact.setdefault(name, (entry.model, entry.why))
            if entry.clause is None:
                continue
            parts = entry.clause.parts if entry.clause.kind == "any" else (entry.clause,)
            for part in parts:
                if part.kind == "equals":
                    self._exact.setdefault(part.text, (entry.model, "a listed name"))
            if rest := tuple(part for part in parts if part.kind != "equals"):
                self._clauses.append((entry.model, Clause("any", parts=rest)))
        # One pass of the regex engine turns most names away; trying each clause takes a hundred times as long.
        self._hint = _hint(clause for _, clause in self._clauses)

    def named(self, name: str) -> tuple[PricedModel, str] | None:
        """The model that is called exactly this, and which of its names it is."""
        return self._exact.get(name)

    def find(self, name: str) -> tuple[PricedModel, str] | None:
        """The model of that lower-case name and what fitted: exact names first, then the source's clauses."""
        found = self._exact.get(name)
        if found is not None:
            return found
        if self._hint is not None and not self._hint.search(name):
            return None
        for model, clause in self._clauses:
            if why := clause.why(name):
                return model, why
        return None


def _hint(clauses: Iterable[Clause]) -> re.Pattern[str] | None:
    try:
        return re.compile("|".join(clause.hint() for clause in clauses))
    except re.error:
        # Patterns that are sound alone need not be so together.
        return None


class PriceBook(Protocol):
    """Where price lists come from; a list may be made only when it is first asked for."""

    def providers(self) -> Set[str]:
        """The ids of all providers."""
        ...

    def price_list(self, provider: str) -> PriceList | None:
        """The list of one provider, None when there is none."""
        ...


class Found(msgspec.Struct, frozen=True):
    """Which model's price applies (None: no one's) and the sentence that says why.

    `resold`: the price is that of the model's maker, so the seller's own tiers are not known.
    `seller` is the provider the call was matched at, `names` are the spellings it was looked for under.
    """

    model: PricedModel | None
    rule: str
    resold: bool = False
    seller: str = ""
    names: frozenset[str] = frozenset()
    quotes: dict[int, Any] = {}
    """The quotations made of it, by the identity of the model's tariff."""


FIRST_PARTIES = (
    "anthropic",
    "arcee",
    "cohere",
    "deepseek",
    "google",
    "meta",
    "minimax",
    "mistral",
    "moonshotai",
    "openai",
    "perplexity",
    "typesafe",
    "voyageai",
    "x-ai",
    "zai",
    "zhipuai",
)
"""Providers that sell models of their own making: where a model is looked for when nobody said who served it."""

_OPEN_WEIGHTS = re.compile(
    r"(?:[^/]+/)?(?:gpt-oss|gemma|codegemma|medgemma|llama|mixtral|open-mi|mistral-7b|mistral-nemo|ministral|pixtral-12b|"
    r"deepseek-(?:v\d|r1|coder|llm)|qwen|qwq|phi-|glm-|kimi-k2|minimax-m|command-r)"
)
"""Models anyone may serve: without a provider their name says nothing about who did, and at what price."""

_BEDROCK_NAME = re.compile(
    r"arn:aws[a-z-]*:bedrock:|(?:(?:us|eu|apac|ap|au|ca|in|jp|sa|us-gov|global)\.)?(?:anthropic|amazon|meta|ai21)\.[a-z]"
)
_OPAQUE_ARN = re.compile(r"arn:[^/]*:(?:application-inference-profile|provisioned-model|custom-model|imported-model)\b")
_COMPACT_DATE = re.compile(r"-(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)")


_GOOGLE_PATHS = ("models/", "publishers/", "projects/")


def find(provider: str, response_model: str, request_model: str, book: PriceBook) -> Found:
    """Match the model that answered, else the one asked for, at the provider as seen."""
    asked = (("response model", response_model), ("request model", request_model))
    names = [(which, name) for which, seen in asked if (name := seen.strip().lower())]
    seller, hint = _seller(provider, [name for _, name in names], book.providers())
    if seller is Stranger.SELF_HOSTED:
        return Found(None, f"{hint}served by one's own machines or behind a proxy: no list price applies")
    if seller is Stranger.UNLISTED:
        return Found(None, f"{hint}no price list of this provider")
    missed: Found | None = None
    for which, name in names:
        found = _find_anywhere(name, book) if isinstance(seller, Stranger) else _find_at(seller, name, book)
        found = Found(found.model, f"{which}: {hint}{found.rule}", found.resold, found.seller, found.names)
        # A fine-tune that has no price must not be charged as the model it was made from.
        if found.model is not None or _is_fine_tune(name):
            return found
        missed = missed or found
    return missed or Found(None, "no model was named")


def _seller(provider: str, names: list[str], known: Set[str]) -> tuple[str | Stranger, str]:
    """Who served the call, by the provider's name, else by what the models' names themselves say; and which it was."""
    seller = provider_of(provider, known)
    if isinstance(seller, Stranger) and seller is not Stranger.UNTOLD:
        return seller, ""
    # Anthropic's own SDK speaks to Bedrock too, and emitters name the SDK.
    if seller in (Stranger.UNTOLD, "anthropic") and any(map(_BEDROCK_NAME.match, names)):
        return "aws", "a Bedrock name; "
    if seller is not Stranger.UNTOLD:
        return seller, ""
    for name in names:
        prefix, slash, rest = name.partition("/")
        named = provider_of(prefix, known) if slash and rest else Stranger.UNTOLD
        # `openai/gpt-oss-120b` is also how the weights are called, wherever they run.
        if named is not Stranger.UNTOLD and not (named in FIRST_PARTIES and _OPEN_WEIGHTS.match(rest)):
            return named, "its prefix names the provider; "
    return Stranger.UNTOLD, ""


def _find_at(seller: str, name: str, book: PriceBook) -> Found:
    own = book.price_list(seller)
    if own is None:
        return Found(None, f"the price list of {seller} could not be read")
    names = _spellings(seller, name, book.providers())
    told = frozenset(names)
    opaque = seller == "aws" and _OPAQUE_ARN.match(name) is not None
    if found := (own.named(name) if opaque else _try(own, names)):
        return Found(found[0], f"{found[1]} at {seller}", seller=seller, names=told)
    if opaque:
        return Found(None, "an inference profile of one's own: the model behind it is not told", False, seller, told)
    for maker in own.resells:
        listed = book.price_list(maker)
        if listed is not None and (found := _try(listed, names)):
            return Found(found[0], f"{found[1]} at {maker}, whose prices {seller} uses", True, seller, told)
    why = "a fine-tuned model without a price of its own" if _is_fine_tune(name) else "no price"
    return Found(None, f"{why} at {seller}", False, seller, told)


def _find_anywhere(name: str, book: PriceBook) -> Found:
    if _OPEN_WEIGHTS.match(name):
        return Found(None, "anyone may serve this model, and no provider was told")
    known = book.providers()
    hits: dict[str, tuple[PriceList, tuple[PricedModel, str]]] = {}
    for provider in FIRST_PARTIES:
        listed = book.price_list(provider) if provider in known else None
        if listed is not None and (found := _try(listed, _spellings(provider, name, known))):
            hits[provider] = listed, found
    # Who resells another hit's models is not the maker: Claude on Vertex is Anthropic's.
    makers = [p for p, (listed, _) in hits.items() if not any(other in hits for other in listed.resells)]
    if not makers:
        return Found(None, "no provider told, and no first party lists this model")
    if len(makers) > 1:
        return Found(None, f"no provider told, and more than one lists this model: {', '.join(makers)}")
    model, why = hits[makers[0]][1]
    rule = f"{why} at {makers[0]}; no provider told, no other first party lists it"
    return Found(model, rule, seller=makers[0], names=frozenset({name}))


def _try(listed: PriceList, names: list[str]) -> tuple[PricedModel, str] | None:
    for name in names:
        if found := listed.named(name):
            return found
    for name in names:
        if found := listed.find(name):
            return found
    for name in names:
        dashed = _COMPACT_DATE.sub(r"-\1-\2-\3", name)
        if dashed != name and (found := listed.find(dashed)):
            return found[0], f"{found[1]}, the date written with hyphens"
    return None


def _spellings(seller: str, name: str, known: Set[str]) -> list[str]:
    """The name, and the name without what a router or the provider's own resource path puts before it."""
    names = [name]
    prefix, slash, rest = name.partition("/")
    if slash and rest and provider_of(prefix, known) == seller:
        names.append(rest)
    # Resource paths: Bedrock ARNs and LiteLLM's `bedrock/converse/…`, Google's `publishers/…/models/…`.
    tail = name.rpartition("/")[2]
    if tail and "/" in name and (seller == "aws" or (seller == "google" and name.startswith(_GOOGLE_PATHS))):
        names.append(tail)
    return names


def _is_fine_tune(name: str) -> bool:
    return name.startswith("ft:") or "/ft:" in name
