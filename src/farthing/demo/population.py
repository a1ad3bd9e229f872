"""The tenants of the fictional company and their users: nothing in, a population out that is the same in every demo."""

from functools import cache
from hashlib import blake2b

import msgspec

from farthing.demo.draws import shares


class Tenant(msgspec.Struct, frozen=True):
    """A shop the company runs."""

    slug: str
    plan: str
    region: str


class User(msgspec.Struct, frozen=True):
    """Someone at a tenant; the id is a hash, as it should be in telemetry."""

    id: str
    tenant: Tenant


_SLUGS = (
    "alderbrook-books", "bluefin-outdoor", "cafe-kessler", "delmar-cycles", "ember-and-oak", "fjellheim-sport",
    "garnet-jewelry", "harbor-pharmacy", "indigo-textiles", "juniper-home", "kastanje-toys", "lumen-lighting",
    "marlow-shoes", "northgate-tools", "olivo-foods", "pinewood-pets", "quarry-ceramics", "rosalie-beauty",
    "saltmarsh-wine", "tamarind-spices", "umbra-eyewear", "velo-verde", "willow-baby", "xenia-travel",
    "yarrow-garden", "zephyr-audio", "atelier-mirabel", "birchway-grocers", "copperleaf-kitchen", "dunes-surf",
    "elbtal-moebel", "fennel-and-fig", "glasshaus-optik", "hilltop-music", "isar-bikes", "jade-stationery",
    "kiln-pottery", "larkspur-florists", "meridian-maps", "nordlys-knits",
)  # fmt: skip
_PLANS = ("enterprise",) * 6 + ("business",) * 14 + ("starter",) * 20
_USERS = 5000

TENANTS = tuple(
    Tenant(slug, plan, "us" if rank % 5 in (1, 4) else "eu")
    for rank, (slug, plan) in enumerate(zip(_SLUGS, _PLANS, strict=True))
)
STAFF = Tenant("quillmarket", "internal", "eu")


@cache
def users() -> tuple[tuple[User, int], ...]:
    """Every user with how active each is: a few tenants and a few of their users make most of the calls."""
    sizes = shares([10_000 // (rank + 2) for rank in range(len(TENANTS))], _USERS)
    return tuple(
        (User(_pseudonym(tenant, n), tenant), 120 // (n + 6) + 2)
        for tenant, size in zip(TENANTS, sizes, strict=True)
        for n in range(size)
    )


def staff() -> list[User]:
    """The company's own people, who make the calls of staging and dev."""
    return [User(_pseudonym(STAFF, n), STAFF) for n in range(36)]


def _pseudonym(tenant: Tenant, number: int) -> str:
    return "u_" + blake2b(f"{tenant.slug}/{number}".encode(), digest_size=6).hexdigest()
