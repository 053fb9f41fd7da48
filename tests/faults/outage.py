"""A room that raises many events while the broker is away, and reports its memory.

``python -m tests.faults.outage PORT FILE COUNT``: prints the resident memory in bytes after a fifth
of the events and after all of them, then waits until the broker has them.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Final

import psutil

from edge.config import MqttConfig
from edge.mqtt import RoomLink
from edge.mqtt.backlog import Backlog
from tests.edge.mqtt import samples

BATCH: Final = 100


def raise_events(link: RoomLink, first: int, end: int) -> int:
    """Raise events, and return the memory of this process afterwards, bytes."""
    for start in range(first, end, BATCH):
        events = [samples.command_event(f"{start + offset}") for offset in range(BATCH)]
        link.publish_events(events, state=b"state")
    return int(psutil.Process().memory_info().rss)


if __name__ == "__main__":
    port, file, count = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    link = RoomLink(
        mqtt=MqttConfig(host="127.0.0.1", port=port, plaintext=True),
        topics=samples.TOPICS,
        room_name="Room 12",
        on_command=lambda *_: None,
        on_connected=lambda: None,
        backlog=Backlog(file),
    )
    link.start()
    few_bytes = raise_events(link, 0, count // 5)
    many_bytes = raise_events(link, count // 5, count)
    sys.stdout.write(f"{few_bytes} {many_bytes} {link.pending}\n")
    sys.stdout.flush()
    while link.pending:
        signal.sigtimedwait([], 0.05)
    link.stop()
