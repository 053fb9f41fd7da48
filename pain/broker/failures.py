"""Why a connection to the broker failed, in words that say what to do."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from paho.mqtt.reasoncodes import ReasonCode

from pain.certificates import out_of_time
from pain.settings.broker import BrokerConfig

BRIEF_S: Final = 10.0
"""A connection that stood less was hardly lost by chance."""


class Fault(StrEnum):
    """What keeps a client from being heard, or from hearing, by a name for monitoring systems."""

    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    CONNECTION_REFUSED = "connection_refused"
    PUBLISH_REFUSED = "publish_refused"
    SUBSCRIPTION_REFUSED = "subscription_refused"
    TOO_LARGE = "too_large"
    NOT_HEARD_BACK = "not_heard_back"
    EVENTS_WAIT = "events_wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failed attempt, the end of a connection, or something that the broker does not take.

    Attributes:
        sentence: what happened, where, and what to do.
        lasting: trying again soon cannot help; somebody must change something first.
        fault: its kind.
    """

    sentence: str
    lasting: bool = False
    fault: Fault = Fault.UNREACHABLE


def unreachable(mqtt: BrokerConfig, error: OSError | UnicodeError) -> Failure:
    """Explain why no connection could be made (TCP or TLS)."""
    where = f"{mqtt.host}:{mqtt.port}"
    if isinstance(error, ssl.SSLError):
        return _untrusted(where, error)
    match error:
        case UnicodeError():
            sentence = f"{mqtt.host!r} is not a possible host name: correct mqtt.host"
        case socket.gaierror():
            sentence = f"{mqtt.host} is not a name that can be found: check mqtt.host and DNS"
        case ConnectionRefusedError():
            sentence = f"nothing listens at {where}: start the broker, or correct mqtt.port"
        case TimeoutError():
            sentence = f"{where} does not answer: check mqtt.host, the network and the firewall"
        case ConnectionError():
            sentence = (
                f"{where} closed the connection while it was being made: check that mqtt.port "
                "belongs to an MQTT broker and that mqtt.plaintext is right for it"
            )
        case _:
            sentence = f"no connection to {where} ({error}): check mqtt.host and the network"
    return Failure(sentence=sentence, lasting=isinstance(error, UnicodeError))


def _untrusted(where: str, error: ssl.SSLError) -> Failure:
    late = out_of_time(error, where)
    if late is not None:
        sentence = late
    elif isinstance(error, ssl.SSLCertVerificationError):
        sentence = (
            f"the certificate of {where} is not trusted ({error.verify_message}): name the CA that "
            "signed it as mqtt.tls.ca_file, and the broker as its certificate names it as mqtt.host"
        )
    else:
        sentence = (
            f"no TLS connection with {where} ({error.reason or error}): check that mqtt.port is "
            "the broker's TLS port; mqtt.plaintext: true does without TLS"
        )
    # A broker that is just starting or stopping also ends handshakes in the middle.
    lasting = not isinstance(error, ssl.SSLEOFError)
    fault = Fault.UNTRUSTED if lasting else Fault.UNREACHABLE
    return Failure(sentence=sentence, lasting=lasting, fault=fault)


def silent(mqtt: BrokerConfig) -> Failure:
    """Explain a connection on which the broker has not answered yet."""
    return Failure(
        sentence=(
            f"{mqtt.host}:{mqtt.port} takes connections but does not answer in MQTT: check that "
            "mqtt.port belongs to a broker and that mqtt.plaintext is right for it"
        )
    )


def refused(mqtt: BrokerConfig, client_id: str, reason: ReasonCode) -> Failure:
    """Explain a CONNACK that says no. Names are those of MQTT 5; paho maps 3.1.1 onto them."""
    where = f"{mqtt.host}:{mqtt.port}"
    match reason.getName():
        # Mosquitto says "Not authorized" for a wrong password.
        case "Bad user name or password" | "Not authorized" | "Bad authentication method":
            return Failure(
                sentence=(
                    f"{where} refuses {_who(mqtt, client_id)} ({reason}): check mqtt.username and "
                    "the password (mqtt.password_file or its like)"
                ),
                lasting=True,
                fault=Fault.CONNECTION_REFUSED,
            )
        case "Banned":
            return Failure(
                sentence=(
                    f"{where} has banned {_who(mqtt, client_id)}: ask the broker's administrator"
                ),
                lasting=True,
                fault=Fault.CONNECTION_REFUSED,
            )
        case "Unsupported protocol version":
            todo = (
                "use a broker that does"
                if mqtt.protocol == "auto"
                else "set mqtt.protocol to 'auto', which tries 5 and 3.1.1"
            )
            return Failure(
                sentence=f"{where} does not speak MQTT {_spoken(mqtt)}: {todo}",
                lasting=True,
                fault=Fault.CONNECTION_REFUSED,
            )
        case "Client identifier not valid":
            return Failure(
                sentence=f"{where} refuses the client id {client_id!r}: set mqtt.client_id",
                lasting=True,
                fault=Fault.CONNECTION_REFUSED,
            )
        case _:
            return Failure(
                sentence=f"{where} refuses the connection: {reason}",
                fault=Fault.CONNECTION_REFUSED,
            )


def ended(
    mqtt: BrokerConfig, client_id: str, reason: ReasonCode, *, stood_s: float | None
) -> Failure:
    """Explain the end of a connection.

    Args:
        mqtt: where to.
        client_id: as whom.
        reason: reason code of MQTT 5, or paho's nearest.
        stood_s: how long the connection stood, seconds; None when the broker never accepted it.
    """
    where = f"{mqtt.host}:{mqtt.port}"
    if stood_s is None:
        return Failure(
            sentence=(
                f"{where} ended the connection without an answer in MQTT {_spoken(mqtt)}: check "
                "mqtt.port, mqtt.plaintext and mqtt.protocol ('auto' tries 5 and 3.1.1)"
            )
        )
    name = reason.getName()
    if name in _REMEDIES:
        return Failure(
            sentence=f"{where} ended the connection ({name}): {_REMEDIES[name]}",
            lasting=name in _LASTING,
        )
    another = (
        f"another client connects as {client_id!r}; every box needs its own mqtt.client_id, and "
        "each room is watched by one box"
    )
    if name == "Session taken over":
        return Failure(sentence=f"{where} ended the connection ({name}): {another}")
    if stood_s < BRIEF_S:
        # Mosquitto 2.0 closes a connection that is taken over without saying so.
        return Failure(
            sentence=(
                f"the connection to {where} was lost at once ({reason}): if this repeats, the "
                f"broker's log says why; perhaps {another}; perhaps the broker does not take "
                "something that we send, which 'painwatch edge doctor' tries"
            )
        )
    return Failure(sentence=f"the connection to {where} was lost ({reason})")


_REMEDIES: Final = {
    # Reason codes of a DISCONNECT from the broker, MQTT 5, 3.14.2.1, by paho's names.
    "Not authorized": (
        "something that was published or subscribed is not allowed; 'painwatch edge doctor' finds "
        "which, and the broker's log names it"
    ),
    "Packet too large": "a message is above the broker's limit for packets: raise that limit",
    "Quota exceeded": "raise the broker's quota for this user",
    "Message rate too high": "raise the broker's limit of messages a second for this user",
    "Connection rate exceeded": "raise the broker's limit of connections a second",
    "Receive maximum exceeded": "look into the broker's log; its receive maximum is below 1",
    "Administrative action": "somebody, or a rule, at the broker ended it: ask its administrator",
    "Server shutting down": "the broker is being stopped; we come back when it does",
    "Server busy": "the broker has too much to do: check its load",
    "Keep alive timeout": (
        "it has not heard from us in time: check the network and this machine's load"
    ),
    "Topic name invalid": "the broker does not accept our topics: check its rules for topics",
    "Topic filter invalid": "the broker does not accept our subscriptions: check its rules",
    "Payload format invalid": "the broker inspects payloads and rejects one: check its rules",
    "Retain not supported": "the broker keeps no retained messages, which painwatch needs",
    "QoS not supported": "the broker does not take QoS 1, which painwatch needs",
    "Malformed packet": "the broker could not read a packet: something between may change them",
    "Protocol error": "the broker found an error of protocol: please report it with its log",
    "Use another server": "the broker sends its clients elsewhere: correct mqtt.host",
    "Server moved": "the broker has moved: correct mqtt.host",
    "Maximum connect time": "the broker limits how long a connection may last: lift that limit",
}

_LASTING: Final = frozenset(
    {"Not authorized", "Packet too large", "Retain not supported", "QoS not supported"}
)


def ended_at(
    mqtt: BrokerConfig, client_id: str, topic: str, reason: str, *, withheld_for_s: float | None
) -> Failure:
    """Explain the end of a connection on which one message, or subscription, was under way.

    Args:
        mqtt: where to.
        client_id: as whom.
        topic: what was under way.
        reason: reason code by its name in MQTT 5, or paho's nearest.
        withheld_for_s: how long it is withheld now, seconds; None while it is only suspected.
    """
    where = f"{mqtt.host}:{mqtt.port}"
    if withheld_for_s is None:
        return Failure(
            sentence=(
                f"the connection to {where} was lost ({reason}) while {topic} was under way: "
                "chance, or the broker does not take it; on the next one it goes last"
            )
        )
    return Failure(
        sentence=(
            f"{where} ends the connection ({reason}) at {topic}: have the broker's administrator "
            f"allow {_who(mqtt, client_id)} that topic and messages of its size; it is withheld "
            f"{_for(withheld_for_s)}, everything else goes on"
        ),
        fault=Fault.PUBLISH_REFUSED,
    )


def too_large(mqtt: BrokerConfig, topic: str, *, size: int, limit: int) -> Failure:
    """Explain a message that is above the broker's Maximum Packet Size (MQTT 5, 3.2.2.3.6)."""
    return Failure(
        sentence=(
            f"{mqtt.host}:{mqtt.port} takes packets of at most {limit:,} bytes, and {topic} needs "
            f"{size:,}: it is not sent; raise the broker's limit (mosquitto: max_packet_size)"
        ),
        lasting=True,
        fault=Fault.TOO_LARGE,
    )


def _for(seconds: float) -> str:
    return "until the next start" if seconds == float("inf") else f"for {seconds / 60:.0f} minutes"


def forbidden(mqtt: BrokerConfig, client_id: str, topic: str, reason: ReasonCode) -> Failure:
    """Explain a message that the broker did not take."""
    return Failure(
        sentence=(
            f"{mqtt.host}:{mqtt.port} does not let {_who(mqtt, client_id)} publish on {topic} "
            f"({reason}): have the broker's administrator allow it (mosquitto: topic write {topic})"
        ),
        lasting=True,
        fault=Fault.PUBLISH_REFUSED,
    )


def unsubscribed(mqtt: BrokerConfig, client_id: str, topic: str, reason: str) -> Failure:
    """Explain a subscription that the broker did not grant (SUBACK)."""
    return Failure(
        sentence=(
            f"{mqtt.host}:{mqtt.port} does not let {_who(mqtt, client_id)} subscribe to {topic} "
            f"({reason}): have the broker's administrator allow it (mosquitto: topic read {topic})"
        ),
        lasting=True,
        fault=Fault.SUBSCRIPTION_REFUSED,
    )


def unheard(mqtt: BrokerConfig, client_id: str, topic: str, *, after_s: float) -> Failure:
    """Explain a message that was acknowledged and never came back, in MQTT 3.1.1."""
    return Failure(
        sentence=(
            f"{mqtt.host}:{mqtt.port} acknowledges what is said on {topic} and has not sent it "
            f"back within {after_s:g} s: in MQTT 3.1.1 a broker does not say what it refuses; "
            f"allow {_who(mqtt, client_id)} to write and read it (mosquitto: topic readwrite "
            f"{topic}), or use a broker that speaks MQTT 5"
        ),
        lasting=True,
        fault=Fault.NOT_HEARD_BACK,
    )


def waiting(mqtt_failure: str | None) -> Failure:
    """Explain events that have been waiting for too long."""
    why = mqtt_failure or "the broker takes them slowly"
    return Failure(
        sentence=f"events have been waiting for the broker: {why}", fault=Fault.EVENTS_WAIT
    )


def unacknowledged(mqtt: BrokerConfig, topic: str, *, after_s: float) -> Failure:
    """Explain a connection that was given up since the broker did not acknowledge a message."""
    return Failure(
        sentence=(
            f"{mqtt.host}:{mqtt.port} has not acknowledged a message on {topic} for {after_s:g} s; "
            "it is sent anew on another connection: check the broker's load and log"
        )
    )


def _spoken(mqtt: BrokerConfig) -> str:
    return "5 or 3.1.1" if mqtt.protocol == "auto" else mqtt.protocol


def _who(mqtt: BrokerConfig, client_id: str) -> str:
    return f"user {mqtt.username!r}" if mqtt.username else f"client {client_id!r} without a user"
