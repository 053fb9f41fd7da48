"""What keeps the board from being served is said in words."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pain.errors import ConfigError
from station.board.certificate import check_certificate
from station.config.web import WebConfig
from tests.brokers import Certificates, make_certificates


@pytest.fixture
def made(tmp_path: Path) -> Certificates:
    return make_certificates(tmp_path / "one")


def test_a_pair_that_fits_and_no_pair_at_all_are_taken(made):
    check_certificate(WebConfig(cert_file=made.certificate, key_file=made.key))
    check_certificate(WebConfig())


def test_a_key_of_another_certificate_is_told(made, tmp_path):
    other = make_certificates(tmp_path / "two")
    with pytest.raises(ConfigError, match=r"web\.cert_file.*key"):
        check_certificate(WebConfig(cert_file=made.certificate, key_file=other.key))


def test_what_is_no_certificate_is_told(made, tmp_path):
    junk = tmp_path / "junk.pem"
    junk.write_text("a shopping list")
    with pytest.raises(ConfigError, match=r"web\.cert_file.*PEM"):
        check_certificate(WebConfig(cert_file=junk, key_file=made.key))


def test_a_key_with_a_password_is_told_and_nobody_is_asked_for_it(made, tmp_path):
    locked = tmp_path / "locked.key"
    subprocess.run(
        ["openssl", "pkey", "-aes256", "-passout", "pass:abcd", "-in", made.key, "-out", locked],
        check=True,
        capture_output=True,
    )
    with pytest.raises(ConfigError, match=r"web\.cert_file.*password"):
        check_certificate(WebConfig(cert_file=made.certificate, key_file=locked))
