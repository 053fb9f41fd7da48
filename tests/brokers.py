"""A real mosquitto for each test that wants one, and a subscriber that remembers what it heard."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self, TypeVar

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.config import MqttConfig

PATIENCE_S = 20.0
"""How long to wait for what must come; a pass takes milliseconds."""

T = TypeVar("T")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """A CA and a certificate for a server that it signed."""

    ca: Path
    certificate: Path
    key: Path


def make_certificates(
    folder: Path, *, host: str = "localhost", valid: tuple[str, str] | None = None
) -> Certificates:
    """Make them with the openssl command.

    Args:
        folder: for the files.
        host: whom the server's certificate names.
        valid: from when and until when it is valid, YYMMDDHHMMSSZ each; now when absent.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    for name in ("ca", "server"):
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
    openssl(
        *("req", "-x509", "-new", "-key", "ca.key", "-subj", "/CN=painwatch test CA"),
        *("-days", "2", "-out", "ca.pem"),
    )
    openssl("req", "-new", "-key", "server.key", "-subj", f"/CN={host}", "-out", "server.csr")
    (folder / "server.ext").write_text(f"subjectAltName=DNS:{host}\n")
    if valid is None:
        openssl(
            *("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key"),
            *("-CAcreateserial", "-days", "2", "-extfile", "server.ext", "-out", "server.pem"),
        )
    else:
        (folder / "index.txt").touch()
        (folder / "ca.conf").write_text(
            "[ca]\ndefault_ca=one\n[one]\ndatabase=index.txt\nnew_certs_dir=.\n"
            "default_md=sha256\npolicy=any\nrand_serial=yes\n[any]\ncommonName=supplied\n"
        )
        openssl(
            *("ca", "-batch", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca.key"),
            *("-in", "server.csr", "-extfile", "server.ext", "-out", "server.pem", "-notext"),
            *("-startdate", valid[0], "-enddate", valid[1]),
        )
    return Certificates(
        ca=folder / "ca.pem", certificate=folder / "server.pem", key=folder / "server.key"
    )


class MosquittoBroker:
    """A mosquitto of our own on a free loopback port; remembers sessions across ``restart``.

    Args:
        folder: an empty folder for its files.
        users: passwords by user name; anybody may connect when None.
        acl: lines of mosquitto's access control file; everything is allowed when None.
        certificates: the listener speaks TLS with these.
        extra: more lines of its configuration.
    """

    def __init__(
        self,
        folder: Path,
        *,
        users: dict[str, str] | None = None,
        acl: str | None = None,
        certificates: Certificates | None = None,
        extra: Sequence[str] = (),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        self.log: list[str] = []
        self._logged = threading.Condition()
        self._config = folder / "mosquitto.conf"
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        lines = [
            f"listener {self.port} 127.0.0.1",
            f"allow_anonymous {str(users is None).lower()}",
            "log_dest stderr",
            "persistence true",
            f"persistence_location {folder}/",
            # Else it drops what a subscriber has not fetched after a thousand messages.
            "max_queued_messages 100000",
            *extra,
        ]
        if os.geteuid() == 0:
            lines.append("user root")  # else it gives up root and cannot read our folder
        if users is not None:
            passwords = folder / "passwords"
            passwords.touch(mode=0o600)
            for user, password in users.items():
                subprocess.run(
                    ["mosquitto_passwd", "-b", str(passwords), user, password],
                    check=True,
                    capture_output=True,
                )
            lines.append(f"password_file {passwords}")
        if acl is not None:
            (folder / "acl").write_text(acl)
            lines.append(f"acl_file {folder}/acl")
        if certificates is not None:
            lines += [
                f"certfile {certificates.certificate}",
                f"keyfile {certificates.key}",
            ]
        self._config.write_text("\n".join(lines) + "\n")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def config(self, **changes: Any) -> MqttConfig:
        """Configuration of a client without TLS for this broker."""
        settings = {"host": "127.0.0.1", "port": self.port, "plaintext": True, "keepalive_s": 5}
        return MqttConfig.model_validate({**settings, **changes})

    def start(self) -> None:
        """Start it and wait until it says that it runs."""
        running = threading.Event()
        process = subprocess.Popen(
            ["/usr/sbin/mosquitto", "-c", str(self._config)], stderr=subprocess.PIPE, text=True
        )

        def read() -> None:
            assert process.stderr is not None
            with process.stderr as lines:
                for line in lines:
                    with self._logged:
                        self.log.append(line.rstrip())
                        self._logged.notify_all()
                    if line.rstrip().endswith(" running"):
                        running.set()
            running.set()

        self._process = process
        self._reader = threading.Thread(target=read, name="mosquitto-log")
        self._reader.start()
        assert running.wait(PATIENCE_S)
        assert process.poll() is None, "\n".join(self.log)

    def wait_for_log(self, text: str) -> None:
        """Wait until a line with this text has been logged; the log trails what it tells."""
        with self._logged:
            found = self._logged.wait_for(
                lambda: any(text in line for line in self.log), PATIENCE_S
            )
            assert found, "\n".join(self.log)

    def stop(self) -> None:
        """End it cleanly; it writes its sessions to its folder."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Let it answer nobody, with all connections open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """End ``freeze``."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        deadline_s = time.monotonic() + PATIENCE_S
        while self._process.poll() is None:
            assert time.monotonic() < deadline_s
            # One that comes while it starts may be lost, so it is told again.
            self._process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1.0)
        self._process = None
        assert self._reader is not None
        self._reader.join()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message as a subscriber got it."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    expiry_s: int | None

    @property
    def text(self) -> str:
        return self.payload.decode()


@dataclass
class Recorder:
    """Subscribes and remembers, with a client of its own; comes back after a broker's restart.

    Args:
        port: the broker's port on loopback.
        filter: subscription filter.
        client_id: fixed, so that the broker keeps messages for it.
        username: user at the broker.
        password: its password.
        patience_s: how long to wait for what must come.
    """

    port: int
    filter: str = "#"
    client_id: str = "recorder"
    username: str | None = None
    password: str | None = None
    messages: list[Heard] = field(default_factory=list)
    patience_s: float = PATIENCE_S

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._subscribed = False
        self._known: set[Heard] = set()
        self._client = Client(CallbackAPIVersion.VERSION2, self.client_id, protocol=MQTTv5)
        self._client.username_pw_set(self.username, self.password)
        self._client.reconnect_delay_set(min_delay=0.05, max_delay=0.5)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message

    def __enter__(self) -> Self:
        session = Properties(PacketTypes.CONNECT)
        session.SessionExpiryInterval = 3600
        self._client.connect("127.0.0.1", self.port, clean_start=False, properties=session)
        self._client.loop_start()
        with self._changed:
            assert self._changed.wait_for(lambda: self._subscribed, PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        self._client._reset_sockets(sockpair_only=True)  # paho leaves them to the collector

    def publish(self, topic: str, payload: bytes | str, *, retain: bool = False) -> None:
        """Publish with QoS 1 and wait until the broker has it."""
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(PATIENCE_S)

    def wait_for(self, predicate: Callable[[list[Heard]], T]) -> T:
        """Wait until the predicate on all messages so far holds, and return what it returned."""
        with self._changed:
            result = self._changed.wait_for(lambda: predicate(self.messages), self.patience_s)
            assert result, [f"{heard.topic}: {heard.text[:80]}" for heard in self.messages]
            return result

    def wait_for_text(self, topic: str, text: str, *, times: int = 1) -> None:
        """Wait until this text came on this topic, as often as told."""
        self.wait_for(
            lambda messages: (
                sum(heard.topic == topic and heard.text == text for heard in messages) >= times
            )
        )

    def on(self, topic: str) -> list[Heard]:
        """Return the messages of one topic so far."""
        with self._changed:
            return [heard for heard in self.messages if heard.topic == topic]

    def clear(self) -> None:
        """Forget the messages so far."""
        with self._changed:
            self.messages.clear()

    def _on_connect(
        self, client: Client, _userdata: object, flags: ConnectFlags, *_: object
    ) -> None:
        # A broker that still knows us sends what we missed; a new subscription would mix the
        # retained state into it.
        if not flags.session_present:
            options = SubscribeOptions(qos=1, retainAsPublished=True)
            client.subscribe(self.filter, options=options)

    def _on_subscribe(self, *_: object) -> None:
        with self._changed:
            self._subscribed = True
            self._changed.notify_all()

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        heard = Heard(
            topic=message.topic,
            payload=bytes(message.payload),
            qos=message.qos,
            retain=message.retain,
            expiry_s=getattr(message.properties, "MessageExpiryInterval", None),
        )
        with self._changed:
            # The broker repeats to us what we had not acknowledged when it was stopped. What a
            # publisher sends twice comes without this flag. Its expiry has been counting.
            if not (message.dup and replace(heard, expiry_s=None) in self._known):
                self.messages.append(heard)
            self._known.add(replace(heard, expiry_s=None))
            self._changed.notify_all()
