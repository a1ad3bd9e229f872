"""What operators configure is kept, audited, told without secrets, live at once here and soon on other servers."""

import base64
import logging
from collections.abc import Generator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from e2e.waiting import until

from farthing.access.keys import Keys
from farthing.access.minting import Wanted, insert
from farthing.catalogue.overrides import Actor
from farthing.errors import BadRequestError, ConflictError, FarthingError, ForbiddenError, NotFoundError
from farthing.routing import live
from farthing.routing.administration import Administration, administration
from farthing.routing.configs import differences
from farthing.routing.configured import AccountKept, Aim, Content, Environment, KeyLimit, Variant
from farthing.routing.live import Routing
from farthing.routing.plan import Guard, Wish
from farthing.routing.vault import Vault
from farthing.store.meta import projects
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
SECRET = "sk-live-0123456789abcdef"
VARIANT = Variant("", "", "", "a")
ADMIN, OWNER, OTHER = (
    Actor("shop", "key_1"),
    Actor("default", "key_0", is_of_organisation=True),
    Actor("other", "key_2"),
)


class Server:
    """One of several on the same meta store."""

    def __init__(self, database: Database, folder: Path, key: str = "") -> None:
        vault = Vault.open(key, folder)
        self.routing = Routing(database, vault, {"OPENAI_API_KEY": "sk-env"})
        self.routing.reload()
        self.desk: Administration = administration(database, vault, self.routing, lambda: NOW)

    def secret(self, model: str, project: str = "shop") -> tuple[str, str]:
        (target,) = self.routing.plan(Wish(project, "", model, "openai")).targets
        return target.account.slug, target.account.secret


@pytest.fixture
def database(tmp_path: Path) -> Generator[Database]:
    with closing(Database.open(f"sqlite:///{tmp_path}/meta.db")) as opened:
        opened.migrate()
        with opened.write() as session:
            for project in ("default", "shop", "other"):
                projects.insert(session, Project(project, project, NOW))
        yield opened


@pytest.fixture
def server(database: Database, tmp_path: Path) -> Server:
    return Server(database, tmp_path)


def account(slug: str = "main", project: str | None = "shop", provider: str = "openai") -> AccountKept:
    return AccountKept("", project, slug, provider)


def test_an_account_goes_before_the_organisation_s_and_that_before_the_environment_s(server: Server) -> None:
    assert server.secret("gpt-4o") == ("openai", "sk-env")
    server.desk.accounts.create(OWNER, account("openai", None), "sk-organisation")
    assert server.secret("gpt-4o") == ("openai", "sk-organisation")
    server.desk.accounts.create(ADMIN, account(), SECRET)
    assert server.secret("gpt-4o") == ("main", SECRET)
    assert server.secret("gpt-4o", "other") == ("openai", "sk-organisation")
    assert server.secret("@openai/gpt-4o") == ("openai", "sk-organisation")
    server.desk.accounts.change(ADMIN, "main", {"enabled": False})
    assert server.secret("gpt-4o") == ("openai", "sk-organisation")


def test_a_secret_is_nowhere_but_where_it_is_needed(server: Server, database: Database, tmp_path: Path) -> None:
    made = server.desk.accounts.create(ADMIN, account(), SECRET)
    assert (made.has_secret, made.secret_hint) == (True, "cdef")
    server.desk.accounts.change(ADMIN, "main", {"name": "Main"}, "sk-short")
    assert server.secret("gpt-4o") == ("main", "sk-short")
    kept = server.desk.accounts.get("shop", "main")
    assert (kept.name, kept.has_secret, kept.secret_hint) == ("Main", True, "")
    server.desk.accounts.change(ADMIN, "main", {"name": "Principal"})
    assert server.secret("gpt-4o") == ("main", "sk-short")
    told = msgspec.json.encode([server.desk.records.history("shop"), server.desk.accounts.of("shop")])
    database.close()  # whatever stands in its log is in the file from here on
    for place in (told, *(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())):
        assert SECRET.encode() not in place
        assert b"sk-short" not in place


def test_only_the_organisation_s_admins_change_what_is_everybody_s(server: Server) -> None:
    with pytest.raises(ForbiddenError):
        server.desk.accounts.create(ADMIN, account(project=None), SECRET)
    server.desk.accounts.create(OWNER, account(project=None), SECRET)
    assert [one.slug for one in server.desk.accounts.of("other")] == ["main"]
    for forbidden in (
        lambda: server.desk.accounts.change(ADMIN, "main", {"name": "x"}),
        lambda: server.desk.accounts.remove(ADMIN, "main"),
    ):
        with pytest.raises(ForbiddenError):
            forbidden()
    server.desk.accounts.remove(OWNER, "main")
    assert server.desk.accounts.of("other") == []


def test_a_key_is_changed_by_naming_both_and_then_the_new_one_alone(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old, new = (base64.b64encode(letter * 32).decode() for letter in (b"a", b"b"))
    Server(database, tmp_path, old).desk.accounts.create(ADMIN, account(), SECRET)
    both = Server(database, tmp_path, f"{new},{old}")
    assert both.secret("gpt-4o") == ("main", SECRET)
    assert Server(database, tmp_path, new).secret("gpt-4o") == ("main", SECRET)
    with caplog.at_level(logging.WARNING):
        lost = Server(database, tmp_path, old)
    assert "The account main can't be used: The secret was encrypted with another key" in caplog.text
    assert lost.secret("gpt-4o") == ("openai", "sk-env")
    with pytest.raises(NotFoundError, match="their key is not here: main"):
        lost.secret("@main/gpt-4o")


def test_another_server_learns_of_a_change(
    server: Server, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_EVERY_S", 0.05)
    other = Server(database, tmp_path)
    other.routing.start()
    try:
        server.desk.accounts.create(ADMIN, account(), SECRET)
        until(lambda: other.secret("gpt-4o") == ("main", SECRET), within=30)
    finally:
        other.routing.stop()


def test_versions_are_numbered_kept_and_compared(server: Server) -> None:
    configs = server.desk.configs
    configs.create(ADMIN, "support", "Support")
    first = Content(system_prompt="Be kind.\nBe brief.", parameters={"temperature": 1})
    second = Content(system_prompt="Be kind.\nBe exact.", guards=(Guard("g", "pii"),), cache_ttl_s=5)
    _, (one,) = configs.add_variant(ADMIN, "support", VARIANT, first)
    two = configs.add_version(ADMIN, "support", "a", second, "exact")
    again = configs.add_version(ADMIN, "support", "a", second, "the same")
    three = configs.add_version(ADMIN, "support", "a", first, "back")
    assert [(v.number, v.note, v.created_by) for v in (one, two, again, three)] == [
        (1, "", "key key_1"), (2, "exact", "key key_1"), (2, "exact", "key key_1"), (3, "back", "key key_1")
    ]  # fmt: skip
    assert configs.version("shop", "support", "a", 1).content == first
    assert configs.version("shop", "support", "a", 0) == three
    with pytest.raises(NotFoundError, match="no version 4 of this variant; its latest is 3"):
        configs.version("shop", "support", "a", 4)
    told = {each.field: each for each in differences(first, second)}
    assert set(told) == {"parameters.temperature", "system_prompt", "cache_ttl_s", "guards"}
    assert (told["cache_ttl_s"].before, told["cache_ttl_s"].after) == (0, 5)
    assert told["system_prompt"].lines[-2:] == ("-Be brief.", "+Be exact.")
    assert (told["parameters.temperature"].before, told["parameters.temperature"].after) == (1, None)
    (hollow,) = differences(Content(), Content(parameters={"response_format": {}}))
    assert (hollow.field, hollow.before, hollow.after) == ("parameters.response_format", None, {})


def test_what_is_as_it_was_is_no_change(server: Server) -> None:
    desk = server.desk
    desk.accounts.create(ADMIN, account(), SECRET)
    desk.configs.create(ADMIN, "support", "Help")
    desk.limits.put(ADMIN, KeyLimit("", "", "", concurrent=5))
    noted = len(desk.records.history("shop"))
    desk.accounts.change(ADMIN, "main", {"enabled": True}, SECRET)
    desk.configs.change(ADMIN, "support", {"name": "Help"})
    desk.limits.put(ADMIN, KeyLimit("", "", "", concurrent=5))
    assert len(desk.records.history("shop")) == noted == 3


def test_what_is_used_stays_until_it_is_used_no_more(server: Server) -> None:
    desk = server.desk
    desk.configs.create(ADMIN, "support", "")
    desk.configs.add_variant(ADMIN, "support", VARIANT, Content())
    desk.environments.create(ADMIN, Environment("", "", "live", is_production=True))
    names = {"config": "support", "variant": "a", "environment": "live"}
    made = desk.rollouts.create(ADMIN, names, {"version": 1, "weight": 500})
    assert (made.config, made.variant, made.environment, made.rollout.version) == ("support", "a", "live", 1)
    for refused, said in (
        (lambda: desk.configs.remove_variant(ADMIN, "support", "a"), "is rolled out; delete its rollouts first"),
        (lambda: desk.environments.remove(ADMIN, "live"), "There are rollouts in the environment 'live'"),
        (
            lambda: desk.environments.create(ADMIN, Environment("", "", "two", is_production=True)),
            "'live' is production already",
        ),
        (lambda: desk.configs.create(ADMIN, "support", ""), "There is a config 'support' already"),
        (
            lambda: desk.environments.create(ADMIN, Environment("", "", "live")),
            "There is an environment 'live' already",
        ),
    ):
        with pytest.raises(ConflictError, match=said):
            refused()
    changed = desk.rollouts.change(ADMIN, made.rollout.id, {"environment": ""}, {"version": 0, "weight": 7})
    assert (changed.environment, changed.rollout.version, changed.rollout.weight) == ("", 0, 7)
    for field, said in (
        ({"version": 2}, "version: there is no version 2; the latest is 1"),
        ({"weight": -1}, "weight: 0 to"),
    ):
        with pytest.raises(BadRequestError, match=said):
            desk.rollouts.change(ADMIN, made.rollout.id, {}, field)
    desk.environments.remove(ADMIN, "live")
    desk.configs.remove(ADMIN, "support")
    assert (desk.configs.of("shop"), desk.rollouts.of("shop")) == ([], [])
    gone = {entry.subject.partition(":")[0] for entry in desk.records.history("shop") if entry.action == "removed"}
    assert gone == {f"gateway_{kind}" for kind in ("config", "variant", "version", "rollout", "environment")}


def test_limits_are_a_key_s_own_or_everybody_s(server: Server, database: Database) -> None:
    with database.write() as session:
        key = insert(session, Wanted("shop", "app", frozenset({"gateway"})), datetime.now(UTC)).key.id
    limits, routing = server.desk.limits, server.routing
    assert routing.limit("shop", key) is None
    limits.put(ADMIN, KeyLimit("", "", "", concurrent=5))
    limits.put(ADMIN, KeyLimit("", "", key, models=("gpt-*",), requests_per_minute=10))
    limits.put(ADMIN, KeyLimit("", "", key, models=("gpt-4o",)))
    found, others = routing.limit("shop", key), routing.limit("shop", "key_9")
    assert found is not None
    assert (found.models, found.requests_per_minute) == (("gpt-4o",), None)
    assert others is not None
    assert others.concurrent == 5
    with pytest.raises(BadRequestError, match="at least one pattern"):
        limits.put(ADMIN, KeyLimit("", "", key, models=()))
    with pytest.raises(NotFoundError, match="There is no key 'key_9'"):
        limits.put(ADMIN, KeyLimit("", "", "key_9"))
    limits.remove(ADMIN, key)
    assert routing.limit("shop", key) == others
    assert routing.limit("other", key) is None


def test_a_rotated_key_s_limit_holds_for_its_successor_at_once(server: Server, database: Database) -> None:
    with closing(Keys(database, lambda: NOW)) as keys:
        keys.hand_on(server.desk.limits.hand_on, server.desk.records.changed)
        first = keys.create(Wanted("shop", "app", frozenset({"gateway"}))).key.id
        server.desk.limits.put(ADMIN, KeyLimit("", "", first, models=("gpt-4o",), requests_per_minute=10))
        second = keys.rotate("shop", first, by="key_1").key.id
        limits = [server.routing.limit("shop", key) for key in (first, second)]
        assert [one and (one.key_id, one.models, one.requests_per_minute) for one in limits] == [
            (first, ("gpt-4o",), 10),
            (second, ("gpt-4o",), 10),
        ]
        assert server.desk.records.history("shop", "limit")[0].actor == "key key_1"
        unlimited = keys.rotate("shop", keys.create(Wanted("shop", "b", frozenset({"gateway"}))).key.id)
        assert server.routing.limit("shop", unlimited.key.id) is None


def test_a_project_never_sees_another_s(server: Server) -> None:
    desk = server.desk
    desk.accounts.create(ADMIN, account(), SECRET)
    desk.configs.create(ADMIN, "support", "")
    desk.configs.add_variant(ADMIN, "support", VARIANT, Content((Aim(account="main"),)))
    rollout = desk.rollouts.create(ADMIN, {"config": "support", "variant": "a"}, {}).rollout
    desk.environments.create(ADMIN, Environment("", "", "live"))
    assert desk.accounts.of("other") == desk.configs.of("other") == desk.rollouts.of("other") == []
    for forbidden in (
        lambda: server.routing.plan(Wish("other", "", "gpt-4o", "openai", config="support")),
        lambda: desk.accounts.change(OTHER, "main", {"name": "x"}),
        lambda: desk.accounts.remove(OTHER, "main"),
        lambda: desk.configs.variants("other", "support"),
        lambda: desk.configs.remove(OTHER, "support"),
        lambda: desk.rollouts.remove(OTHER, rollout.id),
        lambda: desk.rollouts.create(OTHER, {"config": "support", "variant": "a"}, {}),
        lambda: desk.environments.get("other", "live"),
    ):
        with pytest.raises(NotFoundError):
            forbidden()
    assert desk.records.history("other") == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (Content(targets=()), "targets: 1 to 20"),
        (Content(targets=(Aim(account="a", provider="openai"),)), "targets.0: an account has its provider"),
        (Content(targets=(Aim(account="Not a slug"),)), "targets.0.account: the slug of an account"),
        (Content(targets=(Aim(weight=-1),)), "targets.0.weight"),
        (Content(parameters={"messages": []}), "parameters.messages: that is for the client to say"),
        (Content(parameters={"model": "gpt-4o"}), "parameters.model: that is for the targets to say"),
        (Content(parameters={"n": float("nan")}), "parameters: JSON, with numbers"),
        (Content(parameters={"n": "\ud800"}), "parameters: JSON, with numbers"),
        (Content(system_prompt="{{ x"), "system_prompt: "),
        (Content(guards=(Guard("g", "magic"),)), "guards.0.kind: one of regex"),
        (Content(cache_ttl_s=-1), "cache_ttl_s: seconds from 0"),
    ],
)
def test_mistakes_are_told_by_the_field_s_name(server: Server, content: Content, said: str) -> None:
    server.desk.configs.create(ADMIN, "support", "")
    with pytest.raises(FarthingError, match=said):
        server.desk.configs.add_variant(ADMIN, "support", VARIANT, content)
    assert server.desk.configs.variants("shop", "support") == []
