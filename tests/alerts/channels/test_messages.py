"""Each channel gets the same notice in its own form, within its limits, and nothing in the data can act as markup."""

import base64
import hashlib
import hmac
import json
import re
import struct
import time
import zlib
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec
import pytest

from farthing.alerts.addresses import Addresses
from farthing.alerts.channels import chart, discord, email, lines, pagerduty, signing, slack, teams, webhook
from farthing.alerts.channels.kinds import KINDS, hints, kind_of, parted, read
from farthing.alerts.channels.posting import Envelope
from farthing.alerts.notice import Listed, Notice
from farthing.alerts.undelivered import Undelivered, wait_s
from farthing.query.errors import ParameterError

NOW = 1_763_712_000
ENVELOPE = Envelope("dl_1", NOW)
EVIL = '<!channel> @everyone [x](http://evil) *b* "q" & \\ {{ 7 }}'
NOTICE = Notice(
    id="in_1.opened",
    incident_id="in_1",
    dedup_key="d1",
    what="opened",
    severity="critical",
    title="Spend of chat is 3.1 times what was expected",
    summary="$812.40 in 24 h against at most $500.",
    project_name="shop",
    rule_name="spend by feature",
    group=(("feature", EVIL), ("user", None)),
    actual="$812.40",
    limit="$500",
    since="2026-11-21T07:00:00Z",
    drivers=(
        ("model gpt-4o and user u1", "+$300.10", "https://costs.example.com/calls?a=1&b=(2)|3"),
        ("others", "+$1", ""),
    ),
    what_to_do="Look at the calls; cap the key.",
    link="https://costs.example.com/alerts/in_1",
    at="2026-11-21T08:00:00+00:00",
)
LONG = msgspec.structs.replace(
    NOTICE,
    title="t" * 5_000,
    summary="s" * 20_000,
    group=tuple((f"tag.{number}", "v" * 5_000) for number in range(30)),
    drivers=tuple(("d" * 900, "c" * 900, f"https://x.example/{number}") for number in range(50)),
    lists=(Listed("Budgets", tuple(("b" * 500, "c" * 500, "") for _ in range(50))),) * 4,
    what_to_do="w" * 9_000,
)


def texts(told: Any) -> list[str]:
    """All texts of a document, each without its quotes."""
    return re.findall(r'"((?:[^"\\]|\\.)*)"', json.dumps(told, ensure_ascii=False))


def test_slack() -> None:
    (post,) = slack.posts(slack.Settings("https://hooks.slack.com/services/T/B/x"), NOTICE, ENVELOPE)
    told = json.loads(post.body)
    assert "x" not in repr(post).replace("bytes", "")
    assert told["blocks"][0]["text"]["text"].endswith(NOTICE.title)
    assert "<!" not in post.body.decode()
    assert any(
        "<https://costs.example.com/calls?a=1&amp;b=(2)%7C3|model gpt-4o and user u1>: +$300.10" in t
        for t in texts(told)
    )
    assert any(text == r"*user*\n(not told)" for text in texts(told))
    assert told["blocks"][-1]["elements"][0]["url"] == NOTICE.link
    long = slack.message(LONG)
    assert len(long["blocks"]) <= 50
    assert all(len(block["fields"]) <= 10 for block in long["blocks"] if "fields" in block)
    assert max(len(text.replace("\\n", " ")) for text in texts(long)) <= 3_000


def test_discord() -> None:
    told = discord.message(NOTICE)
    assert told["allowed_mentions"] == {"parse": []}
    (embed,) = told["embeds"]
    assert embed["color"] == 0xD63031
    assert r"\[x\]\(http\://evil\)" in embed["fields"][1]["value"]
    assert "[model gpt\\-4o and user u1](https://costs.example.com/calls?a=1&b=(2%29|3)" in embed["description"]
    (long,) = discord.message(LONG)["embeds"]
    counted = [long["title"], long["description"], long["footer"]["text"]]
    counted += [text for field in long["fields"] for text in (field["name"], field["value"])]
    assert len(long["fields"]) <= 25
    assert sum(map(len, counted)) <= 6_000


def test_teams() -> None:
    (attachment,) = teams.message(NOTICE)["attachments"]
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert card["actions"][0]["url"] == NOTICE.link
    assert card["body"][0]["style"] == "attention"
    assert r"\[x\]\(http://evil\)" in json.dumps(card).replace("\\\\", "\\")
    long = msgspec.structs.replace(LONG, title="\u20ac" * 999, summary="\u20ac" * 9_999, what_to_do="\u20ac" * 9_999)
    assert len(msgspec.json.encode(teams.message(long))) < 28_000


@pytest.mark.parametrize(
    ("what", "actions"),
    [
        ("opened", ["trigger"]), ("escalated", ["trigger"]), ("reminder", ["trigger"]), ("recovered", ["resolve"]),
        ("acknowledged", ["acknowledge"]), ("test", ["trigger", "resolve"]),
    ],
)  # fmt: skip
def test_pagerduty(what: Any, actions: list[str]) -> None:
    settings = pagerduty.Settings("k" * 32, "eu")
    notice = msgspec.structs.replace(NOTICE, what=what)
    posts = pagerduty.posts(settings, notice, ENVELOPE)
    events = [json.loads(post.body) for post in posts]
    assert {post.url for post in posts} == {"https://events.eu.pagerduty.com/v2/enqueue"}
    assert [event["event_action"] for event in events] == actions
    assert {event["dedup_key"] for event in events} == {"d1"}
    if actions[0] == "trigger":
        payload = events[0]["payload"]
        assert payload["severity"] == "critical"
        assert payload["custom_details"]["user"] == "(not told)"
        assert events[0]["links"][0] == {"href": NOTICE.link, "text": "The incident"}
        assert len(pagerduty.event("k", LONG, "dl", "trigger")["payload"]["summary"]) <= 1_024


def test_a_webhook_is_signed_so_that_others_can_verify_it() -> None:
    secret = signing.written(b"0123456789abcdef0123456789abcdef")
    settings = webhook.Settings(
        "https://x.example/h", f"{secret}, {signing.written(b'x' * 24)}", {"Authorization": "Bearer t"}
    )
    (post,) = webhook.posts(settings, NOTICE, ENVELOPE)
    signed = b"dl_1.%d." % NOW + post.body
    made = base64.b64encode(hmac.new(b"0123456789abcdef0123456789abcdef", signed, hashlib.sha256).digest()).decode()
    first, second = post.headers["webhook-signature"].split()
    assert first == f"v1,{made}"
    assert second.startswith("v1,")
    assert (post.headers["webhook-id"], post.headers["webhook-timestamp"]) == ("dl_1", str(NOW))
    assert post.headers["Authorization"] == "Bearer t"
    told = json.loads(post.body)
    assert told["type"] == "alert.opened"
    assert told["data"]["group"] == {"feature": EVIL, "user": None}
    assert told["data"]["drivers"][0]["change"] == "+$300.10"
    unsigned = webhook.posts(webhook.Settings("https://x.example/h", "none"), NOTICE, ENVELOPE)
    assert "webhook-signature" not in unsigned[0].headers


def test_the_guide_s_way_to_verify_it_is_right() -> None:
    guide = (Path(__file__).parents[3] / "docs/alert-channels.md").read_text(encoding="utf-8")
    (snippet,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    known: dict[str, Any] = {}
    exec(snippet, known)
    secret, now = signing.written(b"k" * 32), int(time.time())
    told = {name.lower(): value for name, value in signing.headers(secret, "dl_1", now, b"{}").items()}
    assert known["is_ours"](secret, told, b"{}")
    assert not known["is_ours"](secret, told, b"{ }")
    assert not known["is_ours"](signing.written(b"l" * 32), told, b"{}")
    old = {name.lower(): value for name, value in signing.headers(secret, "dl_1", now - 900, b"{}").items()}
    assert not known["is_ours"](secret, old, b"{}")


def test_the_body_of_a_webhook_can_be_laid_out_and_stays_json() -> None:
    body = {
        "text": "{{ title }} ({% for row in drivers %}{{ row.what }}; {% endfor %})",
        "who": ["{{ group.feature }}", "{{ group.user }}"],
        "rows": "{{ drivers | tojson }}",
        "priority": 3,
        "is": None,
    }
    (post,) = webhook.posts(webhook.Settings("https://x.example/h", body=body), NOTICE, ENVELOPE)
    told = json.loads(post.body)
    assert told["text"] == f"{NOTICE.title} (model gpt-4o and user u1; others; )"
    assert told["who"] == [EVIL, ""]
    assert told["rows"][1] == {"what": "others", "change": "+$1", "link": None}
    assert (told["priority"], told["is"]) == (3, None)
    endless = {
        "text": "{% for a in title %}{% for b in title %}{% for c in title %}x{% endfor %}{% endfor %}{% endfor %}"
    }
    with pytest.raises(Undelivered, match="can't be made") as raised:
        webhook.posts(webhook.Settings("https://x.example/h", body=endless), NOTICE, ENVELOPE)
    assert raised.value.permanent


def mail_of(notice: Notice) -> EmailMessage:
    settings = email.Settings("smtp.example.com", "farthing@example.com", ("a@example.com", "b@example.com"))
    return email.message(settings, notice, "dl_1")


def test_a_mail_has_text_html_and_a_chart_and_an_id_that_stays() -> None:
    drawn = chart.draw([chart.Bar(float(hour % 7), 0.0, 5.0) for hour in range(24)])
    mail = mail_of(msgspec.structs.replace(NOTICE, image_png=drawn))
    assert mail["Message-ID"] == "<dl_1@example.com>"
    assert mail["References"] == "<d1@example.com>"
    assert mail["To"] == "a@example.com, b@example.com"
    plain, page, image = (mail.get_body((kind,)) for kind in ("plain", "html", "related"))
    assert plain is not None
    assert page is not None
    assert image is not None
    assert "- model gpt-4o and user u1: +$300.10 (https://" in plain.get_content()
    assert "&lt;!channel&gt;" in page.get_content()
    assert "<!channel>" not in page.get_content()
    (png,) = image.iter_attachments()
    assert (png.get_content_type(), png["Content-ID"], png.get_content()) == ("image/png", "<chart@farthing>", drawn)
    assert 'src="cid:chart@farthing"' in page.get_content()


def test_a_title_cannot_add_headers_to_a_mail() -> None:
    mail = mail_of(msgspec.structs.replace(NOTICE, title="x\r\nBcc: everybody@example.com", project_name="a\r\nb"))
    assert mail["Bcc"] is None
    assert mail["Subject"] == "[Farthing] x Bcc: everybody@example.com"


FORGED = "u1\r\n*What to do*\u2028Severity: info\x00\u202e\nhttp://evil.example"


def test_a_name_cannot_begin_a_line_that_looks_like_ours() -> None:
    row = (FORGED, "+$1", "")
    lists = (Listed(FORGED, (row,)),)
    odd = msgspec.structs.replace(
        NOTICE, what_to_do="", title=FORGED, rule_name=FORGED, group=((FORGED, FORGED),), drivers=(row,), lists=lists
    )
    told = {
        "slack": texts(slack.message(odd)),
        "discord": texts(discord.message(odd)),
        "teams": texts(teams.message(odd)),
        "pagerduty": texts(pagerduty.event("k" * 32, odd, "dl_1", "trigger")),
        "mail": email.text(odd).split("\n"),
        "html": email.html(odd).split("\n"),
    }
    for channel, shown in told.items():
        assert any("evil" in text for text in shown), channel
        for text in shown:
            lines = text.replace("\\n", "\n").split("\n")
            assert not [
                line for line in lines if line.strip("\\*").startswith(("What to do", "Severity: info", "http://evil"))
            ]
            assert not set(text) & {"\x00", "\u202e", "\u2028", "\r"}, channel
            assert not re.search(r"\\[ru]", text), channel


def test_a_name_of_which_nothing_is_to_be_seen_is_no_empty_field() -> None:
    blank = msgspec.structs.replace(NOTICE, group=(("user", " \u200b\u00a0"), ("tag.\u200b", "v")))
    assert ("user", lines.BLANK) in lines.facts(blank)
    (embed,) = discord.message(blank)["embeds"]
    assert all(field["name"] and field["value"] for field in embed["fields"])


def test_a_chart_is_a_png_in_which_what_is_beyond_the_band_is_red() -> None:
    drawn = chart.draw([chart.Bar(1.0, 0.0, 2.0), chart.Bar(None), chart.Bar(9.0, 0.0, 2.0)])
    assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", drawn[16:24]) == (chart.WIDTH, chart.HEIGHT)
    start = drawn.index(b"IDAT")
    (size,) = struct.unpack(">I", drawn[start - 4 : start])
    pixels = zlib.decompress(drawn[start + 4 : start + 4 + size])
    rows = [pixels[at + 1 : at + 1 + chart.WIDTH] for at in range(0, len(pixels), chart.WIDTH + 1)]
    assert len(rows) == chart.HEIGHT
    assert set(rows[20]) == {0, 4}  # only the third bar reaches so high
    assert set(b"".join(rows)) == {0, 1, 2, 3, 4, 5}
    assert len(drawn) < 5_000
    assert chart.draw([]).startswith(b"\x89PNG")


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("slack", {}, "settings"),
    ("slack", {"url": "https://x.example/a", "more": 1}, "settings"),
    ("slack", {"url": "ftp://x.example/a"}, "settings.url"),
    ("discord", {"url": "https://user:pw@x.example/a"}, "settings.url"),
    ("teams", {"url": "http://169.254.169.254/latest"}, "settings.url"),
    ("webhook", {"url": "https://x.example/a b"}, "settings.url"),
    ("webhook", {"url": "https://x.example:99999/"}, "settings.url"),
    ("webhook", {"url": "https://x.example/", "signing_secret": "short"}, "settings.signing_secret"),
    ("webhook", {"url": "https://x.example/", "headers": {"Host": "y"}}, "settings.headers.Host"),
    ("webhook", {"url": "https://x.example/", "headers": {"X": "a\nb"}}, "settings.headers.X"),
    ("webhook", {"url": "https://x.example/", "body": {"a": "{{ title"}}, "settings.body"),
    ("webhook", {"url": "https://x.example/", "body": {"a": "{{ title.__class__() }}"}}, "settings.body"),
    ("webhook", {"url": "https://x.example/", "body": {"a": "\ud800"}}, "settings"),
    ("webhook", {"url": "https://x.example/", "body": {"a": [[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]}}, "settings.body"),
    ("webhook", {"url": "https://x.example/", "\ud800": 1}, "settings"),
    ("pagerduty", {"routing_key": "short"}, "settings.routing_key"),
    ("pagerduty", {"routing_key": "k" * 32, "region": "mars"}, "settings.region"),
    ("email", {"host": "localhost", "sender": "a@x.example", "recipients": ["b@x.example"]}, "settings.host"),
    ("email", {"host": "m.example", "sender": "a@x.example\r\nBcc: c@x", "recipients": ["b@x.example"]}, "settings.sender"),
    ("email", {"host": "m.example", "sender": "a@x.example", "recipients": []}, "settings.recipients"),
    ("email", {"host": "m.example", "sender": "a@x.example", "recipients": ["b@x.example"], "security": "plain",
               "username": "u", "password": "p"}, "settings.security"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "entered", "field"), BAD, ids=lambda told: told if isinstance(told, str) else "")
def test_what_cannot_be_is_refused_with_the_name_of_its_field(kind: str, entered: dict[str, Any], field: str) -> None:
    with pytest.raises(ParameterError) as raised:
        read(kind_of(kind), entered, Addresses())
    assert raised.value.parameter == field


def test_what_may_be_entered_instead_is_said() -> None:
    with pytest.raises(ParameterError, match=r"there is no 'to'; there are host, sender, recipients, "):
        read(kind_of("email"), {"host": "m.example", "to": ["b@x.example"]}, Addresses())
    with pytest.raises(ParameterError, match="one of starttls, tls, plain"):
        read(kind_of("email"), {"host": "m.example", "security": "none"}, Addresses())


def test_secrets_are_told_apart_and_hinted_at() -> None:
    entered = {"url": "https://hooks.example.com/T0/secret-part-wxyz", "headers": {"Authorization": "Bearer t"}}
    shown, secret = parted(KINDS["webhook"], read(KINDS["webhook"], entered, Addresses()))
    assert shown == {"body": None}
    assert secret == entered
    assert hints(secret) == {"url": "https://hooks.example.com/…wxyz", "headers": "Authorization"}
    assert hints({"password": "short"}) == {"password": "…"}


@pytest.mark.parametrize(
    ("told", "wait"),
    [("7", 7.0), ("0.3", 0.3), ("99999", 3600.0), ("Fri, 21 Nov 2025 08:00:30 GMT", 30.0), ("soon", None), ("", None)],
)
def test_a_receiver_is_given_the_time_it_asks_for(told: str, wait: float | None) -> None:
    assert wait_s(told, NOW) == wait
