"""Every kind of call about images, audio and moderation: a client of `openai` in, a case for each out."""

import hashlib

AUDIO = ("said.mp3", b"ID3 not really")
SPEAKERS = ("tts-1", "gpt-4o-mini-tts")


def bytes_of(answer):
    """The type of a binary answer, and what is in it."""
    content = answer if isinstance(answer, bytes) else getattr(answer, "content", None) or answer.read()
    return f"{type(answer).__name__} {len(content)} {hashlib.sha256(content).hexdigest()}"


def run(case, oa):
    """All of them, by `case` of `every_kind.py`."""

    @case("images")
    def _():
        return [
            oa.images.generate(model="dall-e-3", prompt="a cat", n=1, quality="hd", size="1024x1792"),
            oa.images.generate(model="gpt-image-1", prompt="a cat"),
        ]

    @case("images_edit")
    def _():
        return oa.images.edit(model="gpt-image-1", image=("cat.png", b"png"), prompt="a dog")

    @case("images_stream")
    def _():
        return [*oa.images.generate(model="gpt-image-1", prompt="a cat", stream=True)]

    @case("speech")
    def _():
        return [bytes_of(oa.audio.speech.create(model=m, voice="alloy", input="Good morning")) for m in SPEAKERS]

    @case("speech_streaming_response")
    def _():
        with oa.audio.speech.with_streaming_response.create(
            model="tts-1", voice="alloy", input="Good morning"
        ) as answer:
            return bytes_of(b"".join(answer.iter_bytes(1000)))

    @case("speech_events")
    def _():
        options = {"extra_body": {"stream_format": "sse"}}
        with oa.audio.speech.with_streaming_response.create(
            model="gpt-4o-mini-tts", voice="alloy", input="Good morning", **options
        ) as answer:
            streamed = b"".join(answer.iter_bytes())
        whole = oa.audio.speech.create(model="gpt-4o-mini-tts", voice="alloy", input="Good morning", **options)
        return [bytes_of(streamed), bytes_of(whole)]

    @case("transcriptions")
    def _():
        heard = oa.audio.transcriptions.create
        return [
            heard(model="whisper-1", file=AUDIO),
            heard(model="whisper-1", file=AUDIO, response_format="verbose_json"),
            heard(model="whisper-1", file=AUDIO, response_format="text"),
            heard(model="gpt-4o-transcribe", file=AUDIO),
        ]

    @case("transcriptions_stream")
    def _():
        return [*oa.audio.transcriptions.create(model="gpt-4o-transcribe", file=AUDIO, stream=True)]

    @case("translations")
    def _():
        return oa.audio.translations.create(model="whisper-1", file=AUDIO, response_format="verbose_json")

    @case("moderations")
    def _():
        return oa.moderations.create(input="hi")
