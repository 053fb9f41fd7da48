"""Whether the broker lets this box in, and takes all that it will send and hear."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from pydantic import ValidationError

from edge.alarm import station_clock
from edge.config import MqttConfig
from edge.doctor.finding import Finding, fail, ok, warn
from edge.doctor.rights import Item, Outcome, Trial, echo, items
from pain.broker.connection import Connection
from pain.errors import ConfigError
from pain.topics import ROOT, Topics, station_heartbeat
from pain.wire import HeartbeatPayload

ANSWERS_S: Final = 20.0
"""For one room. A broker that ends the connection at each of eight topics needs eight of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A room to try the topics of."""

    id: str
    name: str


def broker(mqtt: MqttConfig, *, site: str, rooms: list[Place]) -> list[Finding]:
    """Connect as the daemon would, and try each topic that it would use.

    Messages are marked as trials, which painwatch's own readers pass over; none is an alarm, an
    event or a command, and none but the discovery, which is the daemon's own, is retained.

    Args:
        mqtt: the broker.
        site: short name of the site.
        rooms: rooms whose topics are tried.

    Returns:
        A finding for the connection and, when it stands, one or more for each room.
    """
    where = f"{mqtt.host}:{mqtt.port}"
    check = f"broker {where}"
    findings: list[Finding] = []
    for room in rooms:
        topics = Topics(site=site, room=room.id)
        trial = Trial(items(mqtt, topics, room_name=room.name), echo=echo(topics))
        try:
            with _connected(mqtt, site=site, trial=trial) as connection:
                if not connection.wait_connected(mqtt.connect_timeout_s):
                    reason = connection.failure or f"{where} does not answer"
                    return [*findings, fail(check, reason, "do so, and run the doctor again")]
                trial.done.wait(ANSWERS_S)
        except ConfigError as error:
            return [fail(check, str(error), "correct section 'mqtt' of the config")]
        if not findings:
            kept = "plain text" if mqtt.plaintext else "TLS"
            who = f"as {mqtt.username}" if mqtt.username else "without a user name"
            findings.append(ok(check, f"connected, {kept}, {who}"))
        findings += _rights(mqtt, topics, trial)
    return findings


@contextmanager
def _connected(mqtt: MqttConfig, *, site: str, trial: Trial) -> Iterator[Connection]:
    # Another id than the daemon's: a broker ends the older of two clients with the same id.
    prefix = mqtt.client_id or f"{ROOT}-{site}"
    connection = Connection(
        mqtt=mqtt,
        client_id=f"{prefix}-doctor-{uuid4().hex[:8]}",
        session=trial,
        keep_session=False,
        on_suback=trial.on_suback,
    )
    trial.connection = connection
    log = logging.getLogger("pain.broker")
    level = log.level
    # Its warnings are this check's findings; they need not be told twice.
    log.setLevel(logging.CRITICAL)
    try:
        connection.start()
        try:
            yield connection
        finally:
            connection.stop(clean=True)
    finally:
        log.setLevel(level)


def _rights(mqtt: MqttConfig, topics: Topics, trial: Trial) -> list[Finding]:
    check = f"broker rights of {topics.room}"
    outcome = trial.outcome
    if not trial.done.is_set():
        remedy = "look into the broker's load and log"
        return [fail(check, f"it did not answer to all within {ANSWERS_S:g} s", remedy)]
    vital = {item: why for item, why in outcome.refused.items() if not item.optional}
    findings = []
    if vital:
        remedy = "give the user these rights, in mosquitto's words: "
        rules = "; ".join(item.rule for item in vital)
        findings.append(fail(check, _told(vital), remedy + rules))
    elif outcome.unproven is not None:
        findings.append(
            fail(
                check,
                f"{outcome.unproven.topic}: it acknowledges messages and does not send them back; "
                "in MQTT 3.1.1 it cannot say what it refuses",
                f"give the user, in mosquitto's words: {outcome.unproven.rule}; or use MQTT 5",
            )
        )
    elif outcome.silent:
        found = "what is said is heard back; MQTT 3.1.1 does not tell of single refusals"
        findings.append(ok(check, found))
    else:
        findings.append(ok(check, "all messages are taken; subscribed to commands"))
    findings += [
        warn(
            f"Home Assistant discovery of {topics.room}",
            f"{item.topic}: {why}",
            f"{item.rule}; or mqtt.homeassistant_prefix: null, which does without it",
        )
        for item, why in outcome.refused.items()
        if item.optional and item.payload is not None
    ]
    return [*findings, *_station(mqtt, topics, outcome)]


def _told(refused: dict[Item, str]) -> str:
    return "; ".join(f"{item.topic}: {why}" for item, why in refused.items())


def _apart(payload: bytes, *, station: str, now: datetime) -> str | None:
    """What to say of the two clocks; None where they agree, or the beat cannot be read."""
    try:
        beat = HeartbeatPayload.model_validate_json(payload, strict=True)
    except ValidationError:
        return None
    # The broker keeps the last beat: it may be as old as it is good for.
    oldest, newest = now - (beat.expires_at - beat.at), now
    ahead_s = max((oldest - beat.at).total_seconds(), 0.0) or min(
        (newest - beat.at).total_seconds(), 0.0
    )
    apart = station_clock.sentence(ahead_s, station=station)
    return None if apart is None else f"{apart}, or it has fallen silent since"


def _station(mqtt: MqttConfig, topics: Topics, outcome: Outcome) -> list[Finding]:
    if mqtt.station is None:
        return []
    heartbeat = station_heartbeat(topics.site, mqtt.station)
    check = f"station {mqtt.station}"
    beat = outcome.heard.get(heartbeat)
    if beat is not None:
        apart = _apart(beat, station=mqtt.station, now=datetime.now(UTC))
        if apart is not None:
            return [warn(check, f"its heartbeat is heard; {apart}", "set the clock that is wrong")]
        return [ok(check, "its heartbeat is heard")]
    return [
        warn(
            check,
            f"nothing is heard on {heartbeat}",
            f"start the station; if it runs, the user lacks: topic read {heartbeat}",
        )
    ]
