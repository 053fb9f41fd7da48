"""What the broker ends our connection for; pure.

A broker need not say no to a message: HiveMQ, RabbitMQ and AWS end the connection of a client that
publishes or subscribes where it may not, and any broker does at a packet above its limit. What
comes behind such a message would never leave. So what was under way when a connection ended goes
last on the next one, and is withheld when that repeats, or when the broker names it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from pain.broker.failures import Failure

NAMED: Final = frozenset(
    {
        "Not authorized",
        "Topic name invalid",
        "Topic filter invalid",
        "Packet too large",
        "Quota exceeded",
        "Payload format invalid",
        "Implementation specific error",
        "Retain not supported",
        "QoS not supported",
        "Shared subscription not supported",
        "Subscription identifiers not supported",
        "Wildcard subscription not supported",
    }
)
"""Reason codes of a DISCONNECT (MQTT 5, 3.14.2.1) that are about the message just sent."""

STRIKES: Final = 2
"""One end without a reason may be chance: a broker is restarted, a cable pulled."""

HOLD_S: Final = 600.0
"""How long something is withheld before it is tried again, in case the broker was set right."""

REFUSED_HOLD_S: Final = 60.0
"""The same after a plain refusal, which costs no connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is held against one topic.

    Attributes:
        strikes: how many connections in a row ended at it.
        withheld_until_s: monotonic time, seconds; None while it is only suspected.
        failure: what happened and what to do.
    """

    strikes: int
    withheld_until_s: float | None = None
    failure: Failure | None = None


class Culprits:
    """Topics, or topic filters, at which connections ended. Not thread-safe."""

    def __init__(self) -> None:
        self._cases: dict[str, Case] = {}

    def ended_at(self, topic: str, *, reason: str, sure: bool, worked: bool, now_s: float) -> bool:
        """Note that a connection ended while this was under way.

        Args:
            topic: of the message or subscription.
            reason: reason code by its name in the standard, or paho's nearest.
            sure: whether nothing else was under way.
            worked: whether the broker took something else on that connection: one that takes
                nothing at all is no reason to withhold anything.
            now_s: monotonic time, seconds.

        Returns:
            Whether it is withheld from now on.
        """
        strikes = self._cases[topic].strikes + 1 if topic in self._cases else 1
        proven = (strikes >= STRIKES and worked) or (sure and reason in NAMED)
        self._cases[topic] = Case(
            strikes=strikes,
            withheld_until_s=now_s + HOLD_S if proven else None,
            failure=self._failure(topic),
        )
        return proven

    def withhold(self, topic: str, *, until_s: float) -> None:
        """Withhold what the broker has refused, or will not take."""
        self._cases[topic] = Case(
            strikes=STRIKES, withheld_until_s=until_s, failure=self._failure(topic)
        )

    def explain(self, topic: str, failure: Failure) -> bool:
        """Keep the sentence for people; whether it is another one than before."""
        case = self._cases.get(topic)
        if case is None or case.failure == failure:
            return False
        self._cases[topic] = replace(case, failure=failure)
        return True

    def taken(self, topic: str) -> None:
        """Note that the broker has taken it: it was not that."""
        self._cases.pop(topic, None)

    def suspected(self, topic: str) -> bool:
        """Whether it goes after all others."""
        return topic in self._cases

    def withheld(self, topic: str) -> bool:
        """Whether it is not sent at present."""
        case = self._cases.get(topic)
        return case is not None and case.withheld_until_s is not None

    def released(self, now_s: float) -> list[str]:
        """Topics whose time has come to be tried again; they stay suspected, one strike short."""
        due = [
            topic
            for topic, case in self._cases.items()
            if case.withheld_until_s is not None and case.withheld_until_s <= now_s
        ]
        for topic in due:
            self._cases[topic] = Case(strikes=STRIKES - 1, failure=self._failure(topic))
        return due

    def failures(self, *, without: frozenset[str] = frozenset()) -> list[Failure]:
        """Why something is withheld, or was and has not been taken since; one for each topic."""
        return [
            case.failure
            for topic, case in self._cases.items()
            if case.failure is not None and topic not in without
        ]

    def _failure(self, topic: str) -> Failure | None:
        case = self._cases.get(topic)
        return None if case is None else case.failure
