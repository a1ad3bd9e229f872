"""A span's attributes and the names of its models in; where the call was served, as the provider calls it, out.

What the span itself says comes first, then the model's name where it says where it may be served, then the address that was
called. `cloud.region` of a resource is where the application runs, which says nothing about who served it, so it isn't asked.
"""

import re
from functools import lru_cache

from farthing.model.span import Attributes

_TOLD = ("farthing.region", "anthropic.response.inference_geo", "gen_ai.response.inference_geo")
_CALLED = ("cloud.region", "aws.region", "gen_ai.request.region")
"""The place whose endpoint was called: an inference profile may serve the call elsewhere."""
_ADDRESSES = ("server.address", "net.peer.name", "url.full", "http.url")
_UNTOLD = frozenset({"", "not_available", "unknown", "none", "null"})
_LONGEST = 1024

_PLACE = r"[a-z]{2,14}(?:-[a-z]+)+-?\d{1,2}"
_OF_ADDRESS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:^|[./])(?:bedrock[a-z-]*|runtime\.sagemaker)\.({_PLACE})\.(?:vpce\.|api\.)?(?:amazonaws\.com|aws)\b",
        rf"(?:^|/)({_PLACE}|us|eu)-aiplatform\.googleapis\.com",
        r"(?:^|/)aiplatform\.(us|eu)\.rep\.googleapis\.com",
        r"(?:^|/)([a-z]{2})\.api\.openai\.com",
        r"(?:^|/)([a-z]{4,24}\d?)\.api\.cognitive\.microsoft\.com",
        r"\.([a-z]{4,24}\d?)\.(?:inference|models)\.(?:ml\.azure\.com|ai\.azure\.com)",
    )
)
_EVERYWHERE = re.compile(r"(?:^|/)aiplatform\.googleapis\.com")
_PROFILE = re.compile(r"(?:^|/)(us-gov|us|eu|apac|ap|au|ca|in|jp|sa|global)\.[a-z0-9]+\.[a-z]")
"""How Bedrock's inference profiles begin."""
_OF_MODEL = (
    re.compile(rf"^(?:bedrock/(?:converse/|invoke/)?)?({_PLACE})/"),
    re.compile(r"^arn:aws[a-z-]*:bedrock:([a-z0-9-]{4,24}):"),
    re.compile(r"(?:^|/)locations/([a-z0-9-]{2,24})/"),
)


def served(attributes: Attributes, request_model: str, response_model: str) -> str:
    """The region in small letters, "" where nobody said."""
    for name in _TOLD:
        if name in attributes and (told := _word(attributes[name])):
            return told
    if (found := _of_model(request_model)) or (response_model and (found := _of_model(response_model))):
        return found
    for name in _CALLED:
        if name in attributes and (told := _word(attributes[name])):
            return told
    for name in _ADDRESSES:
        address = attributes.get(name)
        if isinstance(address, str) and (found := _of_address(address)):
            return found
    return ""


def _word(value: object) -> str:
    told = value.strip().lower() if isinstance(value, str) and len(value) < 64 else ""
    return "" if told in _UNTOLD else told


@lru_cache(maxsize=4096)
def _of_model(name: str) -> str:
    name = name[:_LONGEST].lower()
    if found := _PROFILE.search(name):
        return found[1]
    return next((found[1] for pattern in _OF_MODEL if (found := pattern.search(name))), "")


@lru_cache(maxsize=4096)
def _of_address(address: str) -> str:
    address = address[:_LONGEST].lower()
    if found := next((found for pattern in _OF_ADDRESS if (found := pattern.search(address))), None):
        return found[1]
    return "global" if _EVERYWHERE.search(address) else ""
