"""Whether the broker lets this box in, and lets it publish and subscribe."""

from __future__ import annotations

import logging
import threading
from typing import Final
from uuid import uuid4

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.reasoncodes import ReasonCode

from edge.config import MqttConfig
from edge.doctor.finding import Finding, fail, ok
from pain.broker.connection import Connection
from pain.errors import ConfigError
from pain.topics import ROOT

ROUND_TRIP_S: Final = 5.0

LEAF: Final = "doctor"
"""The test message goes to ``painwatch/<site>/<room>/doctor``, which no subscriber acts on."""


def broker(mqtt: MqttConfig, *, site: str, room: str) -> list[Finding]:
    """Connect as the daemon would, and send a message to ourselves in a room's own topics.

    Args:
        mqtt: the broker.
        site: short name of the site.
        room: id of the room whose topics are tried.

    Returns:
        One finding for the connection and, when it stands, one for the rights.
    """
    where = f"{mqtt.host}:{mqtt.port}"
    check = f"broker {where}"
    trial = _RoundTrip(topic=f"{ROOT}/{site}/{room}/{LEAF}")
    # Another id than the daemon's: a broker ends the older of two clients with the same id.
    prefix = mqtt.client_id or f"{ROOT}-{site}"
    connection = Connection(
        mqtt=mqtt,
        client_id=f"{prefix}-doctor-{uuid4().hex[:8]}",
        session=trial,
        keep_session=False,
    )
    log = logging.getLogger("pain.broker")
    level = log.level
    # Its warnings are this check's findings; they need not be told twice.
    log.setLevel(logging.CRITICAL)
    try:
        connection.start()
    except ConfigError as error:
        log.setLevel(level)
        return [fail(check, str(error), "correct section 'mqtt' of the config")]
    try:
        if not connection.wait_connected(mqtt.connect_timeout_s):
            reason = connection.failure or f"{where} does not answer"
            return [fail(check, reason, "do so, and run the doctor again")]
        kept = "plain text" if mqtt.plaintext else "TLS"
        who = f"as {mqtt.username}" if mqtt.username else "without a user name"
        return [ok(check, f"connected, {kept}, {who}"), _rights(trial)]
    finally:
        connection.stop(clean=True)
        log.setLevel(level)


def _rights(trial: _RoundTrip) -> Finding:
    check = "broker rights"
    if trial.done.wait(ROUND_TRIP_S) and trial.came_back:
        return ok(check, f"may publish and subscribe below {trial.base}")
    refused = f" ({trial.refusal})" if trial.refusal else ""
    return fail(
        check,
        f"a message to {trial.topic} did not come back{refused}",
        f"give the user read and write access to {trial.base}/#",
    )


class _RoundTrip:
    """Subscribes to one topic, publishes there and waits for it to come back."""

    def __init__(self, *, topic: str) -> None:
        self.topic = topic
        self.base = topic.rpartition("/")[0]
        self.done = threading.Event()
        self.came_back = False
        self.refusal: str | None = None
        self._token = uuid4().hex.encode()
        self._sent = False

    def on_up(self, client: Client) -> None:
        client.subscribe(self.topic, qos=1)

    def on_down(self) -> None:
        self.done.set()

    def on_message(self, message: MQTTMessage) -> None:
        if bytes(message.payload) == self._token:
            self.came_back = True
            self.done.set()

    def on_acknowledged(self, _mid: int, reason: ReasonCode) -> None:
        if reason.is_failure:
            self.refusal = str(reason)
            self.done.set()

    def pump(self, client: Client) -> None:
        if not self._sent:
            self._sent = True
            client.publish(self.topic, self._token, qos=1)
