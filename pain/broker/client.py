"""A paho client made from the configuration: protocol, session, credentials, TLS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from paho.mqtt.client import Client, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from pain.settings.broker import BrokerConfig
from pain.settings.credentials import password_of
from pain.settings.tls import tls_context

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


def versions(mqtt: BrokerConfig) -> tuple[Version, ...]:
    """The MQTT versions to try, in order."""
    return ("5", "3.1.1") if mqtt.protocol == "auto" else (mqtt.protocol,)


def build_client(
    mqtt: BrokerConfig,
    client_id: str,
    *,
    version: Version | None = None,
    will: Will | None = None,
    keep_session: bool = True,
    session_expiry_s: int = SESSION_EXPIRY_S,
    manual_ack: bool = False,
) -> Client:
    """Make a client that is ready for ``reconnect()`` or ``loop_start()``.

    Args:
        mqtt: the broker and how to reach it.
        client_id: client id; fixed ids only together with ``keep_session``.
        version: MQTT version; the first of ``versions`` if absent.
        will: last will, if any.
        keep_session: the broker keeps subscriptions and queued messages across connections.
        session_expiry_s: for how long it does, seconds; MQTT 3.1.1 leaves that to the broker.
        manual_ack: a message counts as received only once ``client.ack`` was called for it.

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
        manual_ack=manual_ack,
    )
    client.connect_timeout = TCP_TIMEOUT_S
    if mqtt.username is not None:
        client.username_pw_set(mqtt.username, password_of(mqtt))
    if not mqtt.plaintext:
        client.tls_set_context(tls_context(mqtt.tls))
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
                SessionExpiryInterval=session_expiry_s if keep_session else 0,
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


def publish_bytes(topic: str, payload: bytes, properties: Properties | None) -> int:
    """Size of the PUBLISH packet (QoS 1) that carries this, as Maximum Packet Size counts it."""
    described = b"" if properties is None else properties.pack()  # type: ignore[no-untyped-call]
    remaining = 2 + len(topic.encode()) + 2 + len(described) + len(payload)
    return 1 + max(1, -(-remaining.bit_length() // 7)) + remaining
