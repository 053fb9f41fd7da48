"""Lives of one room that raises events as fast as it can and is killed at random moments.

``python -m tests.faults.storm PORT FOLDER LIVES SEED``: each life is a process of its own that goes
on from the disk of the one before. It is the daemon's own room, backlog and link; only camera and
model are missing. What counts as raised is noted in FOLDER/raised, after it was handed to the link.
The last life tells everything and ends by itself. The lives are forked from one process that has
loaded the libraries, so that three hundred of them take no hour.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

from edge.config import EdgeConfig
from edge.gateway.room import RoomGateway
from edge.gateway.state import room_file
from edge.mqtt import RoomLink
from edge.mqtt.backlog import Backlog
from edge.worker.messages import Hello
from pain.clock import SystemClock
from pain.topics import Topics
from pain.wire import AcknowledgeCommand, EventPayload

TOPICS: Final = Topics(site="home", room="room-1")
EVENTS_A_LIFE: Final = 40
LONGEST_LIFE_S: Final = 0.4
HELLO: Final = Hello(
    bundle="none",
    bundle_sha256="0" * 64,
    provider_requested="cuda",
    provider_actual="cuda",
    precision_requested="auto",
    precision_actual="fp32",
    libraries={},
    network="none",
)


class NotingLink(RoomLink):
    """Notes each event once it counts as raised, and tells its parent."""

    ledger: int
    pulse: int

    def publish_events(self, payloads: Sequence[EventPayload], *, state: bytes | None) -> None:
        super().publish_events(payloads, state=state)
        # In one write, so that no kill tears a line.
        os.write(self.ledger, "".join(f"{payload.id}\n" for payload in payloads).encode())
        os.write(self.pulse, b"." * len(payloads))


def live(config: EdgeConfig, folder: Path, pulse: int, *, last: bool) -> None:
    """One life."""
    clock = SystemClock()
    link = NotingLink(
        mqtt=config.mqtt,
        topics=TOPICS,
        room_name="Room 1",
        on_command=lambda *_: None,
        on_connected=lambda: None,
        backlog=Backlog(room_file(config.storage, TOPICS), clock=clock),
    )
    link.ledger = os.open(folder / "raised", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    link.pulse = pulse
    link.start()
    gateway = RoomGateway(
        room=config.rooms[0],
        config=config,
        publisher=link,
        clock=clock,
        fast=False,
        saved=link.saved_state,
    )
    for number in range(EVENTS_A_LIFE):
        degraded = None if number % 3 == 2 else "a slower provider runs"
        gateway.handle(HELLO.model_copy(update={"degraded": degraded}))
        if number % 3 == 0:
            now = clock.now().wall
            command = AcknowledgeCommand(
                id=uuid4(), person="nurse-7", issued_at=now, expires_at=now + timedelta(minutes=1)
            )
            gateway.command("acknowledge", command.model_dump_json().encode(), retained=False)
        gateway.tick()
    if not last:
        signal.pause()
    gateway.finish()
    while link.pending:
        link.wait_connected(0.05)
        signal.sigtimedwait([], 0.05)
    link.stop()


def run(config: EdgeConfig, folder: Path, *, lives: int, seed: int) -> None:
    """All lives, one after the other."""
    chance = random.Random(seed)  # noqa: S311  no secret depends on it
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    for number in range(lives + 1):
        last = number == lives
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            live(config, folder, writing, last=last)
            os._exit(0)
        os.close(writing)
        if not last:
            _wait_for_the_moment(chance, reading)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        signal.sigtimedwait([signal.SIGCHLD], 0)
        os.close(reading)
        if last and status != 0:
            sys.exit("the last life failed")


def _wait_for_the_moment(chance: random.Random, pulse: int) -> None:
    """Half of them after some time, start-up included; half after some events."""
    if chance.random() < 0.5:
        signal.sigtimedwait([signal.SIGCHLD], chance.uniform(0, LONGEST_LIFE_S))
        return
    seen, wanted = 0, chance.randint(1, EVENTS_A_LIFE)
    while seen < wanted and (pulses := os.read(pulse, wanted - seen)):
        seen += len(pulses)
    signal.sigtimedwait([signal.SIGCHLD], chance.uniform(0, 0.005))


if __name__ == "__main__":
    port, place, lives, seed = sys.argv[1:]
    run(
        EdgeConfig.model_validate(
            {
                "site": TOPICS.site,
                "mqtt": {"host": "127.0.0.1", "port": int(port), "plaintext": True},
                "rooms": [{"id": TOPICS.room, "camera": {"uri": "v4l2:///dev/video0"}}],
                "storage": {"folder": str(Path(place) / "state")},
            }
        ),
        Path(place),
        lives=int(lives),
        seed=int(seed),
    )
