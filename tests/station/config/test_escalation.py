"""Mistakes in who is told of unacknowledged alarms are found when the file is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pain.settings.secrets import secrets_in
from station.config.escalation import EscalationConfig, MqttRoute

SMTP = {"host": "mail.example", "sender": "station@home.example"}
PAGER = {"id": "pager", "mqtt": {}}


def test_without_a_word_nobody_is_told():
    assert EscalationConfig().steps == ()


def test_a_recipient_has_its_one_route():
    config = EscalationConfig.model_validate(
        {"recipients": [PAGER], "steps": [{"after_s": 60.0, "to": ["pager"]}]}
    )
    assert config.recipients[0].route == MqttRoute()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"recipients": [{"id": "a"}]}, "exactly one"),
        ({"recipients": [{**PAGER, "email": {"to": "a@b.c"}}], "smtp": SMTP}, "exactly one"),
        ({"recipients": [PAGER, PAGER]}, "two recipients"),
        ({"steps": [{"after_s": 1.0, "to": ["nobody"]}]}, "no recipient's id"),
        (
            {
                "recipients": [PAGER],
                "steps": [{"after_s": 60.0, "to": ["pager"]}, {"after_s": 60.0, "to": ["pager"]}],
            },
            "growing order",
        ),
        ({"recipients": [{"id": "a", "email": {"to": "a@b.example"}}]}, "needs smtp"),
        ({"smtp": {**SMTP, "tls": "none"}}, "this computer only"),
        ({"smtp": {**SMTP, "username": "u"}}, "belong together"),
        ({"recipients": [{"id": "a", "webhook": {"url": "http://far.example"}}]}, "https"),
        ({"recipients": [{"id": "a", "webhook": {"url": "https://u:p@x.example"}}]}, "token"),
        ({"recipients": [{"id": "a", "email": {"to": "a@b\r\nBcc: c@d"}}], "smtp": SMTP}, "to"),
    ],
)
def test_mistakes_are_refused(wrong: dict[str, Any], words: str):
    with pytest.raises(ValidationError, match=words):
        EscalationConfig.model_validate(wrong)


def test_the_logs_learn_every_secret_of_it(tmp_path: Path):
    for name in ("smtp", "bearer", "ntfy"):
        (tmp_path / name).write_text(f"canary-{name}\n")
    config = EscalationConfig.model_validate(
        {
            "smtp": {**SMTP, "username": "u", "password_file": tmp_path / "smtp"},
            "recipients": [
                {
                    "id": "a",
                    "webhook": {"url": "https://x.example", "bearer_file": tmp_path / "bearer"},
                },
                {
                    "id": "b",
                    "ntfy": {
                        "url": "https://x.example",
                        "topic": "t",
                        "token_file": tmp_path / "ntfy",
                    },
                },
            ],
        }
    )
    assert secrets_in(config) == {"canary-smtp", "canary-bearer", "canary-ntfy"}
