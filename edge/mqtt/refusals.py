"""What the broker does not take of one room: it is left out and told of, and the rest goes on."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from math import inf
from typing import Final

from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.config import MqttConfig
from edge.mqtt.culprits import HOLD_S, REFUSED_HOLD_S, Culprits
from edge.mqtt.outbox import Kind, Outgoing
from pain.broker import failures
from pain.broker.client import publish_bytes
from pain.broker.failures import Failure

_log = logging.getLogger(__name__)

ELLIPSIS: Final = " ..."


class Refusals:
    """Keeps the culprits of one room, and says what is wrong. Not thread-safe.

    Args:
        mqtt: the broker.
        client_id: as whom we are there.
        culprits: those of the room's outbox.
        optional: topic that nobody's care hangs on: once it is withheld, it stays so.
        echo: name of the subscription by which a room hears itself; done without in silence.
    """

    def __init__(
        self,
        *,
        mqtt: MqttConfig,
        client_id: str,
        culprits: Culprits,
        optional: str | None,
        echo: str,
    ) -> None:
        self._mqtt = mqtt
        self._client_id = client_id
        self._culprits = culprits
        self._optional = optional
        self._echo = echo
        self._event: Failure | None = None

    @property
    def trouble(self) -> Failure | None:
        """What of the vital the broker does not take, and what to do; None when it takes all."""
        dispensable = frozenset(topic for topic in (self._optional, self._echo) if topic)
        found = [] if self._event is None else [self._event]
        found += self._culprits.failures(without=dispensable)
        if not found:
            return None
        sentence = "; ".join(failure.sentence for failure in found)
        return replace(found[0], sentence=sentence, lasting=True)

    def withheld(self, topic: str) -> bool:
        """Whether a topic is done without at present."""
        return self._culprits.withheld(topic)

    def suspected(self, topic: str) -> bool:
        """Whether it goes after all others."""
        return self._culprits.suspected(topic)

    def granted(self, topic: str) -> None:
        """Note a subscription that the broker has granted."""
        self._culprits.taken(topic)

    def denied(self, topic: str, reason: str) -> None:
        """Note a subscription that the broker has not granted."""
        failure = failures.unsubscribed(self._mqtt, self._client_id, topic, reason)
        self._withhold(topic, failure, for_s=REFUSED_HOLD_S)

    def taken(self, message: Outgoing) -> None:
        """Note a message that the broker has taken."""
        if message.kind is Kind.EVENT:
            self._event = None

    def refused(self, message: Outgoing, reason: ReasonCode) -> Failure | None:
        """Note a PUBACK that says no.

        Returns:
            What the connection is given up for: an event, which cannot be done without.
        """
        failure = failures.forbidden(self._mqtt, self._client_id, message.topic, reason)
        if message.kind is Kind.EVENT:
            self._event = failure
            return failure
        self._withhold(message.topic, failure, for_s=REFUSED_HOLD_S)
        return None

    def fitted(
        self, message: Outgoing, properties: Properties | None, *, limit: int | None
    ) -> tuple[Outgoing | None, Failure | None]:
        """Make a message fit into the broker's packets.

        Returns:
            The message, or None when it cannot be sent; and what the connection is given up for.
        """
        size = publish_bytes(message.topic, message.payload, properties)
        if limit is None or size <= limit:
            return message, None
        shorter = _shortened(message, by=size - limit)
        if shorter is not None:
            return shorter, None
        failure = failures.too_large(self._mqtt, message.topic, size=size, limit=limit)
        if message.kind is Kind.EVENT:
            self._event = failure
            return None, failure
        self._withhold(message.topic, failure, for_s=HOLD_S)
        return None, None

    def ended(
        self, under_way: Sequence[str], reason: ReasonCode | None, *, worked: bool
    ) -> Failure | None:
        """Note what was under way when the connection ended, in the order in which it was sent.

        Args:
            under_way: topics of messages and subscriptions without an answer.
            reason: why it ended; None where nothing was said.
            worked: whether the broker took anything else on it.

        Returns:
            What to say of the end; None where nothing was under way.
        """
        if not under_way:
            return None
        # A broker answers in order, so the first without an answer is the likeliest.
        topic = under_way[0]
        name = "without a reason" if reason is None else reason.getName()
        withheld = self._culprits.ended_at(
            topic, reason=name, sure=len(under_way) == 1, worked=worked, now_s=time.monotonic()
        )
        if not withheld:
            return failures.ended_at(self._mqtt, self._client_id, topic, name, withheld_for_s=None)
        for_s = inf if topic == self._optional else HOLD_S
        failure = failures.ended_at(self._mqtt, self._client_id, topic, name, withheld_for_s=for_s)
        self._withhold(topic, failure, for_s=for_s)
        return failure

    def _withhold(self, topic: str, failure: Failure, *, for_s: float) -> None:
        optional = topic == self._optional
        lasts = optional or topic == self._echo
        self._culprits.withhold(topic, until_s=inf if lasts else time.monotonic() + for_s)
        if not self._culprits.explain(topic, failure):
            return
        if topic == self._echo:
            _log.warning(
                "%s: what the broker refuses in silence will not be noticed: %s",
                self._client_id,
                failure.sentence,
            )
            return
        if optional:
            _log.warning(
                "%s: no Home Assistant discovery until the next start: %s; "
                "mqtt.homeassistant_prefix: null does without it",
                self._client_id,
                failure.sentence,
            )
        else:
            _log.error("%s: %s", self._client_id, failure.sentence)


def _shortened(message: Outgoing, *, by: int) -> Outgoing | None:
    """Cut the cause in words of an alarm or event; None when that is not enough."""
    if message.kind not in {Kind.ALARM, Kind.EVENT}:
        return None
    body = json.loads(message.payload)
    detail = body.get("detail")
    if not isinstance(detail, str):
        return None
    kept = len(detail.encode()) - by - len(ELLIPSIS)
    if kept < 0:
        return None
    body["detail"] = detail.encode()[:kept].decode(errors="ignore") + ELLIPSIS
    return replace(
        message, payload=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    )
