"""Bundles reach a server once, over a connection that can be trusted."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from pain.errors import ConfigError, DeliveryError, UsageError
from station.share.post import TOKEN_VARIABLE, token_from
from station.share.post import FhirServer as Sender
from tests.brokers import free_port, make_certificates
from tests.station.messages import alarm_event
from tests.station.share.fhir_server import FhirServer
from tests.station.share.ward import acknowledgement, at, fill

BUNDLE = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": []})


@pytest.fixture
def server() -> Iterator[FhirServer]:
    with FhirServer() as started:
        yield started


def sender(url: str, *, token: str | None = None, ca: Path | None = None, plaintext=False):
    return Sender(url, token=token, authority=ca, timeout_s=10, plaintext=plaintext)


class TestRepeated:
    def test_posts_create_nothing_twice(self, ward, server):
        fill(ward)
        first = ward.export("fhir", "--post", server.url)
        assert first.exit_code == 0, first.output
        assert "8 resources sent" in first.output
        kept = dict(server.kept)
        assert len(kept) == 2 + 2 + 2 + 8
        assert ward.export("fhir", "--post", server.url).exit_code == 0
        assert server.kept == kept

    def test_posts_bring_an_acknowledgement_that_came_later(self, ward, server):
        onset = alarm_event(at=at(1))
        ward.hear(onset)
        ward.export("fhir", "--post", server.url)
        ward.hear(acknowledgement(onset))
        ward.export("fhir", "--post", server.url)
        (alarm,) = (one for one in server.kept.values() if one["resourceType"] == "Communication")
        assert alarm["note"][0]["authorString"] == "nurse-7"


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "answer", "words"),
        [
            (401, b"", "HTTP 401"),
            (
                422,
                b'{"resourceType": "OperationOutcome", "issue": [{"diagnostics": "no\\nway"}]}',
                "HTTP 422: no way",
            ),
            (412, b'{"issue": [{"code": "duplicate"}]}', "HTTP 412: duplicate"),
            (500, b"<html>", "HTTP 500"),
            (302, b"", "HTTP 302"),
        ],
    )
    def test_are_told_in_the_servers_words(self, server, status, answer, words):
        server.refuse = (status, answer)
        with pytest.raises(DeliveryError, match=words) as told:
            sender(server.url, token="s3cret").send([BUNDLE])  # noqa: S106
        assert "s3cret" not in str(told.value)

    def test_say_how_many_bundles_had_been_taken(self, server):
        def bundles() -> Iterator[str]:
            yield BUNDLE
            server.refuse = (503, b"")
            yield BUNDLE

        with pytest.raises(DeliveryError, match=r"took 1 bundle\(s\) before"):
            sender(server.url).send(bundles())

    def test_a_server_that_is_away_is_named(self):
        with pytest.raises(DeliveryError, match="localhost could not be reached"):
            sender(f"http://localhost:{free_port()}/r4").send([BUNDLE])


class TestToken:
    def test_comes_from_a_file(self, ward, server, tmp_path):
        fill(ward)
        file = tmp_path / "token"
        file.write_text("s3cret\n")
        said = ward.export("fhir", "--post", server.url, "--token-file", str(file))
        assert server.headers[0]["authorization"] == "Bearer s3cret"
        assert server.headers[0]["content-type"] == "application/fhir+json"
        assert "s3cret" not in said.output

    def test_comes_from_the_environment_otherwise(self, monkeypatch):
        monkeypatch.setenv(TOKEN_VARIABLE, "s3cret")
        assert token_from(None) == "s3cret"
        monkeypatch.delenv(TOKEN_VARIABLE)
        assert token_from(None) is None

    @pytest.mark.parametrize("text", ["", "\n", "two words", "line\nline", "ümlaut"])
    def test_that_is_none_is_refused_and_not_shown(self, tmp_path, text):
        file = tmp_path / "token"
        file.write_text(text)
        with pytest.raises(UsageError, match="holds no bearer token"):
            token_from(file)

    def test_file_that_is_absent_is_named(self, tmp_path):
        with pytest.raises(ConfigError, match="absent"):
            token_from(tmp_path / "absent")


class TestTheConnection:
    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("http://fhir.example/r4", "--plaintext"),
            ("http://192.0.2.1/r4", "--plaintext"),
            ("ftp://fhir.example", "is no URL"),
            ("fhir.example", "is no URL"),
            ("https://", "is no URL"),
            ("https://[::1/r4", "is no URL"),
            ("https://fhir.example:port", "is no URL"),
            ("https://me:s3cret@fhir.example", "--token-file"),
            ("https://fhir.example/r4?x=1", "without"),
        ],
    )
    def test_is_refused_before_anything_is_read(self, url, words):
        with pytest.raises(UsageError, match=words) as told:
            sender(url)
        assert "s3cret" not in str(told.value)

    @pytest.mark.parametrize(
        "url", ["http://127.0.0.1:1/r4", "http://[::1]:1/", "https://fhir.example/r4"]
    )
    def test_is_taken_on_loopback_or_with_tls(self, url):
        assert sender(url).shown == url

    def test_may_be_plain_where_somebody_says_so(self):
        assert sender("http://fhir.example/r4", plaintext=True).shown

    def test_needs_a_certificate_of_the_named_authority(self, tmp_path):
        made = make_certificates(tmp_path)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(made.certificate, made.key)
        with FhirServer(tls=tls) as secure:
            assert sender(secure.url, ca=made.ca).send([BUNDLE]) == 1
            with pytest.raises(DeliveryError, match="CERTIFICATE_VERIFY_FAILED"):
                sender(secure.url).send([BUNDLE])

    def test_names_a_file_of_an_authority_that_is_none(self, tmp_path):
        file = tmp_path / "ca.pem"
        file.write_text("no certificate")
        with pytest.raises(UsageError, match="--ca"):
            sender("https://fhir.example", ca=file)
