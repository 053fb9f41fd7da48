"""Who else is told of an alarm that nobody acknowledges."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from pain.settings.section import Section
from pain.topics import NAME_PATTERN

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_ADDRESS = r"^[^@\s,;<>]+@[^@\s,;<>]+$"


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("it is no URL: write https://HOST/PATH") from None
    if not host or parts.scheme not in ("https", "http") or port == 0:
        raise ValueError("it is no URL: write https://HOST/PATH")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a password does not belong in a URL: put a token into a file")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise ValueError("http reaches this computer only; write https")
    return url


class MqttRoute(Section):
    """Published on the site's broker, on the station's escalation topic."""


class EmailRoute(Section):
    """A mail by the server under ``smtp``."""

    to: str = Field(pattern=_ADDRESS, max_length=254, description="Address of the recipient.")


class WebhookRoute(Section):
    """A POST of JSON."""

    url: str = Field(description="Where to; https, or http on this computer.")
    bearer_file: Path | None = Field(
        default=None, description="File that holds a token for the Authorization header."
    )

    @field_validator("url")
    @classmethod
    def _url(cls, value: str) -> str:
        return _checked(value)


class NtfyRoute(Section):
    """A push message by an ntfy server; the site's own, if names of rooms are to stay in it."""

    url: str = Field(description="The server; https, or http on this computer.")
    topic: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Topic on it.")
    token_file: Path | None = Field(default=None, description="File that holds an access token.")

    @field_validator("url")
    @classmethod
    def _url(cls, value: str) -> str:
        return _checked(value)


Route = MqttRoute | EmailRoute | WebhookRoute | NtfyRoute


class Recipient(Section):
    """One recipient; exactly one of mqtt, email, webhook and ntfy."""

    id: str = Field(pattern=NAME_PATTERN, description="Short name, as steps and records call it.")
    mqtt: MqttRoute | None = Field(
        default=None, description="Write {}: the station's own escalation topic."
    )
    email: EmailRoute | None = Field(default=None, description="A mail; needs smtp.")
    webhook: WebhookRoute | None = Field(default=None, description="A POST of JSON.")
    ntfy: NtfyRoute | None = Field(default=None, description="A push message.")

    @property
    def route(self) -> Route:
        """The one way to this recipient."""
        return next(
            way for way in (self.mqtt, self.email, self.webhook, self.ntfy) if way is not None
        )

    @model_validator(mode="after")
    def _one(self) -> Self:
        ways = (self.mqtt, self.email, self.webhook, self.ntfy)
        if sum(way is not None for way in ways) != 1:
            raise ValueError("give exactly one of mqtt, email, webhook and ntfy")
        return self


class SmtpConfig(Section):
    """The mail server."""

    host: str = Field(min_length=1, description="Mail server.")
    port: int = Field(
        default=587, ge=1, le=65535, description="Port of it: 587 for starttls, 465 for implicit."
    )
    tls: Literal["starttls", "implicit", "none"] = Field(
        default="starttls", description="How the connection is encrypted; none on this computer."
    )
    username: str | None = Field(default=None, description="User at the mail server.")
    password_file: Path | None = Field(default=None, description="File that holds its password.")
    sender: str = Field(pattern=_ADDRESS, max_length=254, description="Address of the sender.")

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.tls == "none" and self.host not in _LOOPBACK:
            raise ValueError(
                f"tls: none reaches this computer only, not {self.host!r}: write starttls"
            )
        if (self.username is None) != (self.password_file is None):
            raise ValueError("username and password_file belong together")
        return self


class EscalationStep(Section):
    """Who is told after which time."""

    after_s: float = Field(
        ge=0, le=86400, description="Time since the alarm began without acknowledgement, s."
    )
    to: tuple[str, ...] = Field(min_length=1, description="Ids of recipients.")


class EscalationConfig(Section):
    """Unacknowledged high alarms go to further people. Without steps nobody is told."""

    recipients: tuple[Recipient, ...] = Field(default=(), description="Who can be told.")
    smtp: SmtpConfig | None = Field(default=None, description="Mail server; None without e-mail.")
    steps: tuple[EscalationStep, ...] = Field(
        default=(), description="Who is told when, in growing order of time."
    )
    room_silent: bool = Field(
        default=True,
        description="Silent rooms and the station's own troubles are escalated too.",
    )
    attempt_timeout_s: float = Field(
        default=10.0, ge=1, le=60, description="An attempt that takes longer has failed, s."
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        ids = [recipient.id for recipient in self.recipients]
        doubled = sorted({name for name in ids if ids.count(name) > 1})
        if doubled:
            raise ValueError(f"two recipients have the id {doubled[0]!r}; each needs its own")
        for step in self.steps:
            for name in step.to:
                if name not in ids:
                    raise ValueError(f"a step names {name!r}, which is no recipient's id")
            if len(set(step.to)) != len(step.to):
                raise ValueError("a step names a recipient twice")
        times = [step.after_s for step in self.steps]
        if any(later <= sooner for sooner, later in pairwise(times)):
            raise ValueError("steps must stand in growing order of after_s")
        if self.smtp is None and any(recipient.email for recipient in self.recipients):
            raise ValueError("an e-mail recipient needs smtp")
        return self
