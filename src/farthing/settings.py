"""The environment and the command line's flags in, every knob of the server out; nothing else reads the environment."""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from farthing import errors

PREFIX = "FARTHING_"

_TELEMETRY_SCHEMES = ("chdb:///", "clickhouse://")
_META_SCHEMES = ("sqlite:///", "postgresql+psycopg://", "postgresql://", "postgres://")


def _whole(default: int, low: int, high: int, sentence: str) -> Any:
    must = f"be a whole number from {low} to {high}"
    return Field(default, ge=low, le=high, description=sentence, json_schema_extra={"must": must})


class Settings(BaseSettings):
    """Every knob. The variable is the name in capitals with `FARTHING_` before it; an empty one counts as unset."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    host: str = Field("127.0.0.1", description="The address to listen on; 0.0.0.0 for all of this machine's.")
    port: int = _whole(4180, 0, 65535, "The port of UI, API and OTLP/HTTP; 0 takes any free one.")
    otlp_port: int = _whole(4318, 0, 65535, "An extra port with the OTLP/HTTP paths only; 0 turns it off.")
    grpc_port: int = _whole(4317, 0, 65535, "The port of OTLP/gRPC; 0 turns it off.")
    root_path: str = Field("", description="The prefix under which a proxy shows the server, such as /llm.")
    data: Path = Field(
        Path("farthing-data"),
        validate_default=True,
        description="The folder everything is kept in; it is made when it isn't there.",
    )
    telemetry_url: str = Field(
        "",
        repr=False,
        validate_default=True,
        description="Where telemetry is kept: chdb:///folder (the default, in the data folder) or clickhouse://….",
    )
    meta_url: str = Field(
        "",
        repr=False,
        validate_default=True,
        description="Where projects and keys are kept: sqlite:///file (the default, in the data folder) or postgresql+psycopg://….",
    )
    init_key: SecretStr = Field(
        SecretStr(""), description="A full key (fk_…) to add at start with all scopes, instead of a random first one."
    )
    init_admin_password: SecretStr = Field(
        SecretStr(""), description="The first admin's password, instead of a one-time sign-in link."
    )
    init_public_key: str = Field(
        "", description="The public half (pk-lf-…) of a pair to add at start for Langfuse's SDKs."
    )
    init_secret_key: SecretStr = Field(SecretStr(""), description="The secret half (sk-lf-…) of that pair.")
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="What providers' keys and channels' secrets are encrypted with: 32 random bytes as base64, several comma-separated, "
        "the newest first; without it the data folder's file secret.key.",
    )
    max_body_mb: int = _whole(64, 1, 2047, "The largest request body, after decompression, in MiB.")
    queue_spans: int = _whole(
        200_000,
        1,
        100_000_000,
        "Spans that may wait for their commit; when more arrive they are told to come back.",
    )
    content_days: int = _whole(
        90,
        1,
        36_500,
        "Days that content (prompts, answers, arguments) is kept, for keys that keep it; counted from its span.",
    )
    ingest_per_minute: int = _whole(
        1_200_000,
        0,
        1_000_000_000,
        "Calls that one key may post as JSON in a minute, unless it has a limit of its own; 0 turns this off.",
    )
    metrics_series: int = _whole(
        200,
        0,
        100_000,
        "Series of cost and tokens at /metrics with names of their own, the rest is one; 0 turns them off.",
    )
    forward_url: str = Field(
        "",
        repr=False,
        description="Another OTLP/HTTP backend that gets every span from now on, each call with its cost; empty for none.",
    )
    forward_headers: SecretStr = Field(
        SecretStr(""), description="Headers for it, such as its key: name=value, comma-separated."
    )
    gateway_on_store_down: Literal["continue", "stop"] = Field(
        "continue",
        description="Whether model calls go on while what they cost can't be kept; it is told later: continue or stop.",
        json_schema_extra={"must": "be continue or stop"},
    )
    gateway_unpriced: Literal["block", "allow"] = Field(
        "block",
        description="Model calls whose price nobody knows, where a budget that blocks counts them: block or allow.",
        json_schema_extra={"must": "be block or allow"},
    )
    gateway_cache_mb: int = _whole(
        64, 0, 65_536, "Memory for answers that the gateway gives again, in MiB; 0 keeps none."
    )
    media_s3_bucket: str = Field(
        "", description="A bucket of S3-compatible storage for media instead of the data folder; needs farthing[s3]."
    )
    media_s3_endpoint: str = Field("", description="Its address, such as https://minio.internal:9000; empty for AWS.")
    media_s3_region: str = Field("", description="Its region; empty for us-east-1.")
    media_s3_access_key: str = Field("", description="Its access key; empty for what AWS's own variables say.")
    media_s3_secret_key: SecretStr = Field(SecretStr(""), description="Its secret key.")
    public_url: str = Field(
        "", description="Where people reach this server, such as https://costs.example.com: links in notices begin so."
    )
    alerts_allow_private: str = Field(
        "",
        description="Hosts and networks within your own walls that alerts may be sent to, comma-separated: "
        "mail.internal, 10.1.0.0/16.",
    )
    drain_seconds: int = _whole(8, 0, 600, "How long a stopping server finishes what it has begun.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info",
        description="How much is logged.",
        json_schema_extra={"must": "be debug, info, warning or error"},
    )

    def reached(self, url: str) -> str:
        """Where people find the UI of a server that listens at this URL."""
        return (self.public_url or url + self.root_path).rstrip("/")

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value

    @field_validator("host")
    @classmethod
    def _address(cls, value: str) -> str:
        if not value.strip() or any(part in value for part in ("/", " ", "@")):
            msg = "must be an address or a host name, without a scheme, a port or spaces"
            raise ValueError(msg)
        return value.strip()

    @field_validator("public_url")
    @classmethod
    def _reachable(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s@?#]+", value):
            msg = "must be an address such as https://costs.example.com, without a user, a query or a #fragment"
            raise ValueError(msg)
        return value.rstrip("/")

    @field_validator("root_path")
    @classmethod
    def _prefix(cls, value: str) -> str:
        path = value.rstrip("/")
        if path and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
            msg = "must be a path such as /llm, of letters, digits and . _ ~ -"
            raise ValueError(msg)
        return path

    @field_validator("data")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        # Where the process goes later must not move the data.
        path = value.expanduser().absolute()
        if any(part in str(path) for part in "?#\0"):
            msg = "must be a folder without ? or # in its path, which URLs can't carry"
            raise ValueError(msg)
        return path

    @field_validator("telemetry_url")
    @classmethod
    def _telemetry(cls, value: str, info: ValidationInfo) -> str:
        return _url(value, _TELEMETRY_SCHEMES, "chdb://", "telemetry", info)

    @field_validator("meta_url")
    @classmethod
    def _meta(cls, value: str, info: ValidationInfo) -> str:
        return _url(value, _META_SCHEMES, "sqlite:///", "meta.db", info)

    @model_validator(mode="after")
    def _ports_differ(self) -> "Settings":
        taken: dict[int, str] = {}
        for name in ("port", "otlp_port", "grpc_port"):
            port: int = getattr(self, name)
            if port and port in taken:
                msg = f"{_variable(taken[port])} and {_variable(name)} are both {port}; give them different ports"
                raise ValueError(msg)
            taken[port] = name
        return self


def load(**overrides: object) -> Settings:
    """The settings of this process. `overrides` are the command line's flags; None means that it wasn't given.

    Raises `StartError`, naming the variable, for a value that can't be used.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    unknown = given.keys() - Settings.model_fields.keys()
    if unknown:
        msg = f"there is no setting {', '.join(sorted(unknown))}"
        raise TypeError(msg)
    try:
        return Settings(**given)  # pyright: ignore[reportArgumentType]
    except ValidationError as error:
        raise errors.StartError(_sentence(error, given)) from None


def variables(names: Iterable[str]) -> dict[str, str]:
    """Those of these variables of this process that are set: what other programs read too, such as providers' keys."""
    return {name: value for name in names if (value := os.environ.get(name, "").strip())}


def with_variables(more: Mapping[str, str]) -> dict[str, str]:
    """All variables of this process and these besides, for a program that is started here and is no part of us."""
    return {**os.environ, **more}


def _url(value: str, schemes: tuple[str, ...], prefix: str, place: str, info: ValidationInfo) -> str:
    if value:
        if not value.startswith(schemes):
            msg = f"must begin with {schemes[0]} or {schemes[1]}"
            raise ValueError(msg)
        return value
    # `data` is absent when it was refused itself; that is what will be told.
    return f"{prefix}{info.data['data'] / place}" if "data" in info.data else ""


def _sentence(error: ValidationError, given: dict[str, object]) -> str:
    first = error.errors()[0]
    own = str(first["ctx"]["error"]) if first["type"] == "value_error" and "ctx" in first else ""
    if not first["loc"]:
        return f"{own}."
    name = str(first["loc"][0])
    source = f"--{name.replace('_', '-')}" if name in given else _variable(name)
    extra = Settings.model_fields[name].json_schema_extra
    must = own or f"must {extra['must'] if isinstance(extra, dict) and 'must' in extra else 'be something else'}"
    # A URL may carry a password.
    shown = "" if name.endswith(("_url", "_key", "_password")) else f", not {str(first['input'])!r}"
    return f"{source} {must}{shown}."


def _variable(name: str) -> str:
    return PREFIX + name.upper()
