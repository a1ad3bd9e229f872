"""What is read of a form, and that its model is exchanged in place."""

import os

import msgspec
import pytest

from farthing.errors import BadRequestError
from farthing.gateway import forms
from farthing.gateway.entry import read
from farthing.gateway.kinds import find
from farthing.gateway.outgoing import outgoing
from farthing.gateway.worst import of_request
from farthing.model.usage import Bucket
from farthing.routing.plan import Account, Plan, Target

SOUND = os.urandom(5_000) + b"\r\n--almost\r\n" + os.urandom(100)
TYPE = 'multipart/form-data; boundary="xyz"'
BODY = (
    b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="model"\r\nContent-Type: audio/mpeg\r\n\r\n'
    + SOUND
    + b'\r\n--xyz\r\nContent-Disposition: form-data; name="model"\r\n\r\n@openai/whisper-1\r\n'
    b'--xyz\r\nContent-Disposition: form-data; name="size"\r\n\r\n1024x1024\r\n--xyz--\r\n'
)


def test_a_form() -> None:
    found = find("/v1/audio/transcriptions", "POST")
    assert found
    asked = forms.read(BODY, TYPE, found.kind)
    assert (asked.model, asked.is_json, asked.facts) == ("@openai/whisper-1", False, {})
    target = Target(Account("id", "openai", "openai", "", "sk"), "whisper-1")
    entry = read([(b"x-api-key", b"fk_0123456789abcdef")], "0" * 32)
    out = outgoing(found, asked, entry, Plan((target,)), target, "", "1" * 16)
    assert out.body == BODY.replace(b"@openai/whisper-1", b"whisper-1")


def test_an_image_s_size_is_a_fact() -> None:
    found = find("/v1/images/edits", "POST")
    assert found
    assert forms.read(BODY, TYPE, found.kind).facts == {"gen_ai.request.image_size": "1024x1024"}
    assert forms.read(b"", TYPE, found.kind).model == ""


def test_what_it_costs_is_read() -> None:
    found = find("/v1/images/edits", "POST")
    assert found
    counted = BODY.replace(b"--xyz--", b"--xyz\r\nContent-Disposition: form-data; name=n\r\n\r\n4\r\n--xyz--")
    assert forms.read(counted, TYPE, found.kind).form["n"] == msgspec.Raw(b"4")
    most = of_request(found.kind, counted, forms.read(counted, TYPE, found.kind).form)
    one = of_request(found.kind, counted, {})
    assert most
    assert one
    assert most.usage.buckets[Bucket.IMAGE_OUTPUT] == 4 * one.usage.buckets[Bucket.IMAGE_OUTPUT]


@pytest.mark.parametrize("name", [b'"model"', b"model"])
def test_what_limits_go_by_is_told_once(name: bytes) -> None:
    found = find("/v1/images/edits", "POST")
    assert found
    twice = BODY.replace(b"--xyz--", b"--xyz\r\nContent-Disposition: form-data; name=%b\r\n\r\nx\r\n--xyz--" % name)
    with pytest.raises(BadRequestError, match='"model" twice'):
        forms.read(twice, TYPE, found.kind)


def test_fields_are_bounded() -> None:
    found = find("/v1/images/edits", "POST")
    assert found
    many = b"".join(b'--xyz\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n' % at for at in range(300))
    with pytest.raises(BadRequestError, match="more than"):
        forms.read(many + BODY, TYPE, found.kind)


@pytest.mark.parametrize("body", [b"", b"--xyz", b"--xyz\r\n\r\n", BODY[:200], b"--xyz--\r\n"])
def test_what_names_no_model(body: bytes) -> None:
    found = find("/v1/audio/translations", "POST")
    assert found
    for kind in (TYPE, "multipart/form-data"):
        with pytest.raises(BadRequestError):
            forms.read(body, kind, found.kind)
