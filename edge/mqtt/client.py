"""A paho client made from the configuration: protocol, session, credentials, TLS."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from paho.mqtt.client import Client, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.config import MqttConfig, TlsConfig
from pain.errors import ConfigError

SESSION_EXPIRY_S: Final = 3600
"""The broker keeps our subscription and waiting commands this long after a lost connection."""

TCP_TIMEOUT_S: Final = 5.0
"""Longest wait for TCP and for the TLS handshake, each."""


Version = Literal["5", "3.1.1"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Will:
    """What the broker says for us when we vanish; QoS 1, retained."""

    topic: str
    payload: str


def versions(mqtt: MqttConfig) -> tuple[Version, ...]:
    """The MQTT versions to try, in order."""
    return ("5", "3.1.1") if mqtt.protocol == "auto" else (mqtt.protocol,)


def build_client(
    mqtt: MqttConfig,
    client_id: str,
    *,
    version: Version | None = None,
    will: Will | None = None,
    keep_session: bool = True,
) -> Client:
    """Make a client that is ready for ``reconnect()`` or ``loop_start()``.

    Args:
        mqtt: the broker and how to reach it.
        client_id: client id; fixed ids only together with ``keep_session``.
        version: MQTT version; the first of ``versions`` if absent.
        will: last will, if any.
        keep_session: the broker keeps subscriptions and queued messages across connections.

    Raises:
        ConfigError: the password or a certificate cannot be had.
    """
    version5 = (version or versions(mqtt)[0]) == "5"
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        protocol=MQTTv5 if version5 else MQTTv311,
        # In MQTT 5 the session is described by connect_async() below; paho insists on None here.
        clean_session=None if version5 else not keep_session,
    )
    client.connect_timeout = TCP_TIMEOUT_S
    if mqtt.username is not None:
        client.username_pw_set(mqtt.username, _password(mqtt))
    if not mqtt.plaintext:
        client.tls_set_context(_tls_context(mqtt.tls))
    if will is not None:
        client.will_set(will.topic, will.payload, qos=1, retain=True)
    if version5:
        client.connect_async(
            mqtt.host,
            mqtt.port,
            keepalive=mqtt.keepalive_s,
            clean_start=not keep_session,
            properties=packet_properties(
                PacketTypes.CONNECT,
                SessionExpiryInterval=SESSION_EXPIRY_S if keep_session else 0,
            ),
        )
    else:
        client.connect_async(mqtt.host, mqtt.port, keepalive=mqtt.keepalive_s)
    return client


def packet_properties(packet_type: int, **values: int | str) -> Properties:
    """Make MQTT 5 properties for a type of packet, by their names in the standard."""
    properties = Properties(packet_type)  # type: ignore[no-untyped-call]  # paho types it not
    for name, value in values.items():
        setattr(properties, name, value)
    return properties


def _password(mqtt: MqttConfig) -> str | None:
    if mqtt.password is not None:
        return mqtt.password.get_secret_value()
    if mqtt.password_file is not None:
        return _read(mqtt.password_file, key="password_file", value=str(mqtt.password_file))
    if mqtt.password_credential is not None:
        return _credential(mqtt.password_credential)
    if mqtt.password_env is None:
        return None
    password = os.environ.get(mqtt.password_env)
    if password is None:
        raise ConfigError(
            "there is no such environment variable: set it where painwatch is started",
            key="mqtt.password_env",
            value=mqtt.password_env,
        )
    return password


def _credential(name: str) -> str:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if folder is None:
        raise ConfigError(
            "$CREDENTIALS_DIRECTORY is not set: give the unit LoadCredential= or "
            f"LoadCredentialEncrypted={name}:FILE, or use mqtt.password_file",
            key="mqtt.password_credential",
            value=name,
        )
    return _read(Path(folder) / name, key="password_credential", value=name)


def _read(file: Path, *, key: str, value: str) -> str:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the password cannot be read: {_plain(error)}", key=f"mqtt.{key}", value=value
        ) from None
    return text.rstrip("\r\n")


def _plain(error: OSError | UnicodeDecodeError) -> str:
    # The words of a decoding error could show a part of the password.
    return "it is no UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)


class _TidySocket(ssl.SSLSocket):
    """Closes itself when the handshake fails; paho leaves that to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002  as in ssl
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def _tls_context(tls: TlsConfig) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"no CA certificates in PEM format can be read there: {error}",
            key="mqtt.tls.ca_file",
            value=str(tls.ca_file),
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _TidySocket
    if tls.client_cert_file is not None:
        try:
            context.load_cert_chain(tls.client_cert_file, tls.client_key_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"certificate and key cannot be used: {error}",
                key="mqtt.tls.client_cert_file",
                value=str(tls.client_cert_file),
            ) from error
    return context
