"""The mail server is trusted with a password only when its certificate is."""

from __future__ import annotations

import ssl
from pathlib import Path
from uuid import uuid4

import pytest

from pain.errors import DeliveryError
from pain.wire import EscalationKind
from station.config.escalation import EmailRoute, SmtpConfig
from station.escalate.letter import letter
from station.escalate.mail_post import MailPost
from station.escalate.values import Case, Matter, Notice
from station.words import Language, words_of
from tests.brokers import make_certificates
from tests.station.escalate.servers import MailServer
from tests.station.messages import ROOM, START


async def deliver(server: MailServer, folder: Path) -> None:
    (folder / "password").write_text("canary-password\n")
    smtp = SmtpConfig(
        host="localhost",
        port=server.port,
        tls="implicit",
        username="u",
        password_file=folder / "password",
        sender="station@home.example",
    )
    case = Case(
        id=uuid4(),
        matter=Matter(key=ROOM, subject="pain_severe"),
        name="Zimmer Ü 12",
        level=5.0,
        began_at=START,
        stood_at=START,
    )
    notice = Notice(
        id=uuid4(),
        case_id=case.id,
        kind=EscalationKind.ALARM,
        step=1,
        recipient="lead",
        due_at=START,
    )
    post = MailPost(smtp, timeout_s=10.0)
    words = words_of(Language.EN)
    payload = letter(case, notice, station="ward-2", at=START, words=words)
    await post.deliver(EmailRoute(to="lead@home.example"), payload)


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_certificate_is_checked_before_a_password_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, trusted: bool
):
    certificates = make_certificates(tmp_path / "tls")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.certificate, certificates.key)
    async with MailServer(tls=context) as server:
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(certificates.ca))
            await deliver(server, tmp_path)
            assert "Zimmer Ü 12" in str(server.mails[0]["Subject"])
        else:
            with pytest.raises(DeliveryError) as told:
                await deliver(server, tmp_path)
            assert "canary" not in str(told.value)
            assert server.logins == []
