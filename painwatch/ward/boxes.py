"""Twelve boxes in one process: invented readings, then the gateway code of every real box.

``python -m painwatch.ward.boxes PORT PROTOCOL FOLDER`` says ``ready`` and ends with its standard
input, so that it never outlives the demonstration, however that ends.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from edge.config import EdgeConfig
from edge.config.load import load_config
from edge.gateway.room import RoomGateway
from edge.gateway.state import record_folder, room_file
from edge.mqtt import RoomLink
from edge.mqtt.backlog import Backlog
from edge.record.journal import Journal
from edge.record.publisher import RecordedLink
from edge.worker.messages import Failed, Hello, ReadingMessage
from pain.clock import Clock, SystemClock
from pain.scales import LEVEL_COUNT, LEVEL_MAX
from pain.topics import Topics
from pain.values import Reading, Reason, Score, Unavailable
from painwatch.ward.storyboard import PLANS, Fault, RoomPlan, Scene

SITE: Final = "demo"
STATION: Final = "demo-station"
FPS: Final = 5.0
"""Enough for the smoothing; a real camera gives 25."""

NOISE: Final = 0.35
"""Standard deviation of a single frame's level; about that of the built-in model."""

RECORD_CLOSE_S: Final = 3.0

_Command = tuple[str, bytes, bool]


class SimulatedBox:
    """One room: the storyboard in the worker's place, and all behind it as it is on a box.

    Args:
        plan: what happens.
        config: the settings of all rooms.
        clock: the machine's time.
        journal: the record of all rooms.
        rng: decides the noise.
    """

    def __init__(
        self,
        plan: RoomPlan,
        config: EdgeConfig,
        *,
        clock: Clock,
        journal: Journal,
        rng: np.random.Generator,
    ) -> None:
        room = next(room for room in config.rooms if room.id == plan.id)
        topics = Topics(site=config.site, room=plan.id)
        self._plan = plan
        self._clock = clock
        self._rng = rng
        self._start_s = clock.now().monotonic_s
        self._sequence = 0
        self._fault: Fault | None = None
        self._commands: queue.SimpleQueue[_Command] = queue.SimpleQueue()
        self._link = RoomLink(
            mqtt=config.mqtt,
            topics=topics,
            backlog=Backlog(room_file(config.storage, topics), clock=clock),
            room_name=room.display_name,
            on_command=lambda name, payload, retained: self._commands.put(
                (name, payload, retained)
            ),
            on_connected=lambda: None,
        )
        self._make: Callable[[], RoomGateway] = lambda: RoomGateway(
            room=room,
            config=config,
            publisher=RecordedLink(self._link, journal, room=plan.id),
            clock=clock,
            fast=False,
            saved=self._link.saved_state,
        )
        self._gateway: RoomGateway | None = None

    def start(self) -> None:
        """Connect, and say that a model is loaded."""
        self._link.start()
        self._gateway = self._make()
        self._gateway.handle(_hello())

    def step(self) -> None:
        """Let time pass: a frame, the commands that came, and the gateway's own reckoning."""
        gateway = self._gateway
        if gateway is None:
            return
        now = self._clock.now()
        scene = self._plan.at(now.monotonic_s - self._start_s)
        if scene.fault is Fault.HANGS:
            # A box that hangs does not even say goodbye: the station has to find that out.
            return
        while not self._commands.empty():
            name, payload, retained = self._commands.get()
            gateway.command(name, payload, retained=retained)
        if scene.fault is Fault.CAMERA_LOST:
            if self._fault is None:
                detail = "simulated: the camera was unplugged"
                gateway.handle(
                    Failed.because(Reason.CAMERA_LOST, detail, fatal=False, at_once=True)
                )
        else:
            self._sequence += 1
            gateway.handle(
                ReadingMessage(
                    reading=Reading(
                        captured_s=now.monotonic_s,
                        wall_time=now.wall,
                        sequence=self._sequence,
                        outcome=self._outcome(scene),
                    )
                )
            )
        self._fault = scene.fault
        gateway.tick()

    def stop(self) -> None:
        """Say goodbye."""
        if self._gateway is not None:
            self._gateway.finish()
        self._link.stop()

    def _outcome(self, scene: Scene) -> Score | Unavailable:
        if scene.reason is not None:
            return Unavailable(reason=scene.reason)
        level = float(np.clip(scene.level + self._rng.normal(0, NOISE), 0, LEVEL_MAX))
        lower = min(int(level), LEVEL_COUNT - 2)
        probabilities = [0.0] * LEVEL_COUNT
        probabilities[lower], probabilities[lower + 1] = 1 - (level - lower), level - lower
        return Score(
            level=level,
            probabilities=tuple(probabilities),
            pspi=None,
            action_units=scene.units,
            confidence=float(self._rng.uniform(0.75, 0.95)),
        )


def _hello() -> Hello:
    return Hello(
        bundle="simulated",
        bundle_sha256="0" * 64,
        provider_requested="cpu",
        provider_actual="cpu",
        precision_requested="fp32",
        precision_actual="fp32",
        libraries={},
        network="simulated: no worker",
    )


def settings(port: int, protocol: str, folder: Path) -> str:
    """The YAML file of the boxes; no camera of it is ever opened."""
    rooms = "\n".join(
        f'  - {{id: {plan.id}, name: "{plan.name}", camera: {{uri: "rtsp://simulated/"}}}}'
        for plan in PLANS
    )
    return (
        f"site: {SITE}\n"
        f"mqtt: {{host: 127.0.0.1, port: {port}, plaintext: true, protocol: {protocol!r}, "
        f"station: {STATION}, homeassistant_prefix: null}}\n"
        f"storage: {{folder: '{folder}'}}\n"
        f"rooms:\n{rooms}\n"
    )


def run(port: int, protocol: str, folder: Path, ended: threading.Event) -> None:
    """Play all rooms until told to end."""
    file = folder / "boxes.yaml"
    file.write_text(settings(port, protocol, folder), encoding="utf-8")
    config = load_config(file)
    clock = SystemClock()
    journal = Journal(
        record_folder(config.storage, config.site),
        file_bytes=round(config.storage.record_file_mb * 1e6),
        keep_days=config.storage.record_keep_days,
        clock=clock,
    )
    boxes = [
        SimulatedBox(plan, config, clock=clock, journal=journal, rng=np.random.default_rng(number))
        for number, plan in enumerate(PLANS)
    ]
    journal.start()
    for box in boxes:
        box.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    due_s = time.monotonic()
    try:
        while not ended.wait(max(0.0, due_s - time.monotonic())):
            due_s += 1 / FPS
            for box in boxes:
                box.step()
    finally:
        for box in boxes:
            box.stop()
        journal.close(RECORD_CLOSE_S)


def _main() -> None:
    logging.basicConfig(level=logging.ERROR)
    ended = threading.Event()

    def follow() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        ended.set()

    threading.Thread(target=follow, daemon=True).start()
    port, protocol, folder = sys.argv[1:]
    run(int(port), protocol, Path(folder), ended)


if __name__ == "__main__":
    _main()
