"""Whether a broker of MQTT 3.1.1, which acknowledges what it refuses, takes what a room says.

Such a broker has no word for no. So the room listens to its own availability: what it is heard to
say there has been taken. Nothing else of it is heard back, so a single line that an access list
lacks is noticed in MQTT 5 alone.
"""

from __future__ import annotations

import logging
from typing import Final

from edge.config import MqttConfig
from pain.broker import failures
from pain.broker.failures import Failure

_log = logging.getLogger(__name__)

HEARD_WITHIN_S: Final = 10.0
"""From the acknowledgement on; a broker sends to its subscribers within milliseconds."""


class Echo:
    """Waits for one message of ours to come back. Not thread-safe.

    Args:
        mqtt: the broker.
        client_id: as whom we are there.
        topic: where it is said.
        word: what is said.

    Attributes:
        name: of the subscription, apart from messages on the topic itself.
        trouble: that it did not come back; None until that is known.
    """

    def __init__(self, *, mqtt: MqttConfig, client_id: str, topic: str, word: bytes) -> None:
        self.name = f"{topic} (to hear it back)"
        self.topic = topic
        self.trouble: Failure | None = None
        self._mqtt = mqtt
        self._client_id = client_id
        self._word = word
        self._listening = False
        self._came = False
        self._due_s: float | None = None

    def connected(self) -> None:
        """Begin anew: each connection has a subscription of its own."""
        self._listening = False
        self._came = False
        self._due_s = None

    def listening(self) -> None:
        """Note that the broker has granted the subscription: what is said from now on is heard."""
        self._listening = True

    def said(self, now_s: float) -> None:
        """Note that the broker has acknowledged the word; monotonic time, seconds."""
        if self._listening and not self._came:  # it may be back before its acknowledgement
            self._due_s = now_s + HEARD_WITHIN_S

    def heard(self, payload: bytes, *, retained: bool) -> None:
        """Take what came; what the broker had kept may be of another run."""
        if payload != self._word or retained:
            return
        self._came = True
        self._due_s = None
        if self.trouble is not None:
            _log.warning("%s: what is said comes back again", self._client_id)
        self.trouble = None

    def judge(self, now_s: float) -> None:
        """Say so when it is overdue; monotonic time, seconds."""
        if self._due_s is None or now_s < self._due_s:
            return
        self._due_s = None
        if self.trouble is None:
            self.trouble = failures.unheard(
                self._mqtt, self._client_id, self.topic, after_s=HEARD_WITHIN_S
            )
            _log.error("%s: %s", self._client_id, self.trouble.sentence)
