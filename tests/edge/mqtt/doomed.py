"""A process with a link; the test kills it."""

from __future__ import annotations

import sys

from edge.config import MqttConfig
from edge.mqtt import RoomLink
from tests.edge.mqtt import samples

link = RoomLink(
    mqtt=MqttConfig(host="127.0.0.1", port=int(sys.argv[1]), plaintext=True),
    topics=samples.TOPICS,
    room_name="Room 12",
    on_command=lambda *_: None,
    on_connected=lambda: None,
)
link.start()
link.publish_status(samples.status())
sys.stdin.read()
