"""Sends escalations by e-mail."""

from __future__ import annotations

import asyncio
import socket
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from pain.certificates import out_of_time
from pain.errors import ConfigError, DeliveryError
from pain.settings.credentials import secret_in
from pain.wire import EscalationPayload
from station.config.escalation import EmailRoute, SmtpConfig


class MailPost:
    """Hands mails to the site's mail server. That it took one does not say that it was read.

    Args:
        smtp: the server.
        timeout_s: of each step of the conversation, seconds.
    """

    def __init__(self, smtp: SmtpConfig, *, timeout_s: float) -> None:
        self._smtp = smtp
        self._timeout_s = timeout_s

    async def deliver(self, route: EmailRoute, payload: EscalationPayload) -> None:
        """Send one mail.

        Raises:
            DeliveryError: the server cannot be reached, or does not take it.
        """
        smtp = self._smtp
        try:
            await aiosmtplib.send(
                self._mail(route, payload),
                hostname=smtp.host,
                port=smtp.port,
                username=smtp.username,
                password=await asyncio.to_thread(self._password),
                # The library would ask the DNS for our full name, and wait for it.
                local_hostname=socket.gethostname(),
                use_tls=smtp.tls == "implicit",
                start_tls=smtp.tls == "starttls",
                timeout=self._timeout_s,
            )
        except (aiosmtplib.SMTPException, OSError, UnicodeError) as error:
            # A server's own words may repeat what it was sent.
            code = getattr(error, "code", None)
            plain = f"{type(error).__name__}{f' {code}' if isinstance(code, int) else ''}"
            why = out_of_time(error, smtp.host) or plain
            raise DeliveryError(f"{smtp.host}:{smtp.port} did not take the mail ({why})") from None
        except ConfigError as error:
            raise DeliveryError(str(error)) from None

    def _password(self) -> str | None:
        file = self._smtp.password_file
        return None if file is None else secret_in(file, key="escalation.smtp.password_file")

    def _mail(self, route: EmailRoute, payload: EscalationPayload) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self._smtp.sender
        mail["To"] = route.to
        mail["Subject"] = payload.title
        mail["Date"] = format_datetime(payload.at)
        # The same for every attempt, so that a mail program shows a repeated one once.
        mail["Message-ID"] = f"<{payload.id}@{payload.site}.painwatch.invalid>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Priority"] = "1"
        mail.set_content(f"{payload.text}\n\nStation {payload.station}, painwatch\n")
        return mail
