"""Connections that cannot be made: never connected, and a sentence that says what to do."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.config import MqttConfig
from edge.mqtt import RoomLink
from pain.errors import ConfigError
from tests.brokers import (
    PATIENCE_S,
    Certificates,
    MosquittoBroker,
    Recorder,
    free_port,
    make_certificates,
)
from tests.edge.mqtt import samples
from tests.edge.mqtt.conftest import MakeLink
from tests.edge.mqtt.samples import TOPICS

SECRET = "correct horse battery staple"  # noqa: S105  made up


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def tls_broker(tmp_path: Path, certificates: Certificates) -> Iterator[MosquittoBroker]:
    with MosquittoBroker(tmp_path / "tls", certificates=certificates) as running:
        yield running


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[MosquittoBroker]:
    with MosquittoBroker(tmp_path / "guarded", users={"box": SECRET}) as running:
        yield running


def connected(link: RoomLink) -> bool:
    """Wait for a connection past failures that usually last."""
    deadline = time.monotonic() + PATIENCE_S
    while not link.connected and time.monotonic() < deadline:
        time.sleep(0.05)  # waiting for it ends at once after a refusal
    return link.connected


def why(link: RoomLink, *words: str) -> str:
    """Wait until the link says why it is not connected, in these words."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        failure = link.failure
        if failure is not None and all(word in failure for word in words):
            assert not link.connected
            return failure
        # There is no event for the sentence; a connection would end the wait.
        link.wait_connected(0.05)
    raise AssertionError(link.failure)


class TestPassword:
    @pytest.mark.parametrize("protocol", ["5", "3.1.1"])
    def test_the_right_one_is_let_in(
        self, guarded: MosquittoBroker, make_link: MakeLink, protocol: str
    ) -> None:
        link = make_link(guarded.config(protocol=protocol, username="box", password=SECRET))
        assert link.wait_connected(PATIENCE_S)
        assert link.failure is None

    @pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
    def test_it_may_come_from_a_file(
        self, guarded: MosquittoBroker, make_link: MakeLink, tmp_path: Path, ending: str
    ) -> None:
        file = tmp_path / "password"
        file.write_bytes((SECRET + ending).encode())
        link = make_link(guarded.config(username="box", password_file=file))
        assert link.wait_connected(PATIENCE_S)

    def test_one_that_is_renewed_in_its_file_needs_no_restart(
        self, guarded: MosquittoBroker, make_link: MakeLink, tmp_path: Path
    ) -> None:
        file = tmp_path / "password"
        file.write_text("the one of last year")
        link = make_link(guarded.config(username="box", password_file=file))
        why(link, f"127.0.0.1:{guarded.port}", "box")
        file.unlink()  # for a moment there is none
        renewed = tmp_path / "renewed"
        renewed.write_text(f"{SECRET}\n")
        renewed.replace(file)
        assert connected(link)

    @pytest.mark.parametrize("protocol", ["5", "3.1.1"])
    def test_a_wrong_one_is_refused_at_once_and_not_repeated_to_anybody(
        self,
        guarded: MosquittoBroker,
        make_link: MakeLink,
        caplog: pytest.LogCaptureFixture,
        protocol: str,
    ) -> None:
        config = guarded.config(protocol=protocol, username="box", password=SECRET[::-1])
        link = make_link(config)
        assert not link.wait_connected(PATIENCE_S)
        assert "mqtt.password_file" in why(link, f"127.0.0.1:{guarded.port}", "box")
        told = caplog.text + repr(config) + repr(link) + (link.failure or "")
        assert SECRET[::-1] not in told

    def test_nobody_is_let_in_without_a_name(
        self, guarded: MosquittoBroker, make_link: MakeLink
    ) -> None:
        link = make_link(guarded.config())
        assert not link.wait_connected(PATIENCE_S)
        why(link, "mqtt.username")

    def test_an_absent_file_is_an_error_of_the_configuration(
        self, make_link: MakeLink, tmp_path: Path
    ) -> None:
        config = MqttConfig(
            host="127.0.0.1", plaintext=True, username="box", password_file=tmp_path / "absent"
        )
        with pytest.raises(ConfigError, match=r"mqtt\.password_file = .*absent"):
            make_link(config)


class TestTls:
    def test_a_certificate_of_the_named_ca_is_trusted(
        self, tls_broker: MosquittoBroker, certificates: Certificates, make_link: MakeLink
    ) -> None:
        config = MqttConfig.model_validate(
            {"host": "localhost", "port": tls_broker.port, "tls": {"ca_file": certificates.ca}}
        )
        link = make_link(config)
        assert link.wait_connected(PATIENCE_S)
        link.publish_status(samples.status())
        link.publish_event(samples.alarm_event())
        link.stop()
        assert link.pending == 0

    def test_a_certificate_of_another_ca_is_not(
        self, tls_broker: MosquittoBroker, make_link: MakeLink
    ) -> None:
        link = make_link(MqttConfig(host="localhost", port=tls_broker.port))
        assert not link.wait_connected(PATIENCE_S)
        why(link, "not trusted", "mqtt.tls.ca_file")

    def test_a_certificate_for_another_host_is_not(
        self, tls_broker: MosquittoBroker, certificates: Certificates, make_link: MakeLink
    ) -> None:
        config = MqttConfig.model_validate(
            {"host": "127.0.0.1", "port": tls_broker.port, "tls": {"ca_file": certificates.ca}}
        )
        link = make_link(config)
        assert not link.wait_connected(PATIENCE_S)
        why(link, "not trusted", "IP address mismatch", "mqtt.host")

    def test_tls_to_a_plain_port_fails(self, broker: MosquittoBroker, make_link: MakeLink) -> None:
        link = make_link(MqttConfig(host="localhost", port=broker.port))
        why(link, "mqtt.plaintext", f"localhost:{broker.port}")

    def test_plain_text_to_a_tls_port_fails(
        self, tls_broker: MosquittoBroker, make_link: MakeLink
    ) -> None:
        link = make_link(tls_broker.config())
        why(link, "mqtt.plaintext", f"127.0.0.1:{tls_broker.port}")

    @pytest.mark.parametrize(
        ("tls", "key"),
        [
            ({"ca_file": "absent.pem"}, r"mqtt\.tls\.ca_file"),
            (
                {"client_cert_file": "absent.pem", "client_key_file": "absent.key"},
                r"mqtt\.tls\.client_cert_file",
            ),
        ],
    )
    def test_absent_files_are_errors_of_the_configuration(
        self, make_link: MakeLink, tls: dict[str, str], key: str
    ) -> None:
        with pytest.raises(ConfigError, match=key):
            make_link(MqttConfig.model_validate({"host": "localhost", "tls": tls}))


class TestNetwork:
    def test_nothing_listens(self, make_link: MakeLink) -> None:
        port = free_port()
        link = make_link(MqttConfig(host="127.0.0.1", port=port, plaintext=True))
        assert "start the broker" in why(link, f"nothing listens at 127.0.0.1:{port}")

    @pytest.mark.parametrize("host", ["no-such-broker.invalid", "a" * 64 + ".example"])
    def test_a_name_that_does_not_exist(self, make_link: MakeLink, host: str) -> None:
        why(make_link(MqttConfig(host=host, plaintext=True)), host, "mqtt.host")

    def test_a_server_that_says_nothing(self, make_link: MakeLink) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            link = make_link(MqttConfig(host="127.0.0.1", port=port, plaintext=True))
            why(link, "does not answer in MQTT")
            link.stop()

    def test_a_server_that_speaks_something_else(self, make_link: MakeLink) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:

            def answer() -> None:
                connection, _ = server.accept()
                with connection:
                    connection.recv(1024)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

            thread = threading.Thread(target=answer)
            thread.start()
            port = server.getsockname()[1]
            link = make_link(MqttConfig(host="127.0.0.1", port=port, plaintext=True))
            why(link, f"127.0.0.1:{port}", "mqtt.p")
            link.stop()
            thread.join()

    def test_a_lost_connection_is_said_and_forgotten_when_it_is_back(
        self, broker: MosquittoBroker, make_link: MakeLink
    ) -> None:
        link = make_link(broker.config())
        assert link.wait_connected(PATIENCE_S)
        broker.stop()
        why(link, "nothing listens")
        broker.start()
        assert link.wait_connected(PATIENCE_S)
        assert link.failure is None

    def test_two_boxes_with_one_client_id_are_told(
        self, broker: MosquittoBroker, make_link: MakeLink
    ) -> None:
        first = make_link(broker.config())
        assert first.wait_connected(PATIENCE_S)
        second = make_link(broker.config())
        assert second.wait_connected(PATIENCE_S)
        why(first, "another client connects as", "mqtt.client_id")


class TestAccessControl:
    EVENTS_FORBIDDEN = (
        "topic readwrite painwatch/elm-court/room-12/availability\n"
        "topic readwrite painwatch/elm-court/room-12/status\n"
    )

    def test_an_event_that_is_refused_is_kept_and_said(
        self, tmp_path: Path, make_link: MakeLink
    ) -> None:
        with MosquittoBroker(tmp_path / "acl", acl=self.EVENTS_FORBIDDEN) as broker:
            link = make_link(broker.config(homeassistant_prefix=None))
            link.publish_status(samples.status())
            link.publish_event(samples.alarm_event())
            why(link, "does not let", TOPICS.event, "Not authorized")
            assert link.pending == 1
            link.stop()

    def test_discovery_that_is_refused_harms_nothing(
        self, tmp_path: Path, make_link: MakeLink, caplog: pytest.LogCaptureFixture
    ) -> None:
        acl = "topic readwrite painwatch/#\n"
        with (
            MosquittoBroker(tmp_path / "acl", acl=acl) as broker,
            Recorder(broker.port, filter="painwatch/#") as recorder,
        ):
            link = make_link(broker.config())
            link.publish_status(samples.status())
            link.publish_event(samples.alarm_event())
            recorder.wait_for(lambda _: recorder.on(TOPICS.event))
            link.stop()
        assert "no Home Assistant discovery" in caplog.text
