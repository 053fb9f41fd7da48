"""The real station as a process, with a real broker, and rooms that the tests speak for."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import yaml

from pain.action_units import ActionUnit
from pain.alarms import PRIORITIES, AlarmState, Condition, Signal, Trigger
from pain.topics import Topics
from pain.values import Reason
from pain.wire import (
    COMMANDS,
    AlarmEventPayload,
    AlarmPayload,
    Availability,
    Command,
    ReadingPayload,
)
from tests.brokers import PATIENCE_S, Recorder, free_port
from tests.station.messages import alarm_event, answer, status

ROOT = Path(__file__).parents[3]
SITE = "elm-court"


class LiveStation:
    """``painwatch station run`` with its board, on loopback.

    Args:
        folder: an empty folder for its settings and its database.
        broker_port: the broker on loopback.
        settings: further keys of the settings file.
    """

    def __init__(self, folder: Path, broker_port: int, **settings: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        secure = "cert_file" in settings.get("web", {})
        self.url = f"https://localhost:{self.port}" if secure else f"http://127.0.0.1:{self.port}"
        self.file = folder / "station.yaml"
        self.log: list[str] = []
        self._logged = threading.Condition()
        mqtt = {"host": "127.0.0.1", "port": broker_port, "plaintext": True}
        written = {
            "site": SITE,
            "station": "ward-2",
            "mqtt": {**mqtt, "heartbeat_s": 1, "command_timeout_s": 2},
            "storage": {"folder": str(folder / "state")},
            **settings,
            "web": {"port": self.port, **settings.get("web", {})},
        }
        self.file.write_text(yaml.safe_dump(written))

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "painwatch", "station", "run", "-c", str(self.file)],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "default", "TZ": "Europe/Berlin"},
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.wait_for_log("the board is at")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE_S)
        self._reader.join()

    @property
    def code(self) -> str:
        """The code of the first run, from the log."""
        return self.wait_for_log("enter the code").rsplit(" ", 1)[-1].strip()

    def wait_for_log(self, text: str) -> str:
        """Wait for a line with this text; returns it."""

        def found() -> str | None:
            return next((line for line in self.log if text in line), None)

        with self._logged:
            line = self._logged.wait_for(
                lambda: found() or self._process.poll() is not None, PATIENCE_S
            )
            assert isinstance(line, str), "".join(self.log)
            return line

    def _read(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as stream:
            for line in stream:
                with self._logged:
                    self.log.append(line)
                    self._logged.notify_all()
        with self._logged:
            self._logged.notify_all()


@dataclass
class RoomBox:
    """Says what the box of one room says.

    Attributes:
        recorder: publishes.
        room: short name of the room.
        name: name for people.
    """

    recorder: Recorder
    room: str
    name: str

    def __post_init__(self) -> None:
        self.topics = Topics(site=SITE, room=self.room)

    def online(self) -> Self:
        """Begin to be heard."""
        self.recorder.publish(self.topics.availability, Availability.ONLINE.value, retain=True)
        return self.status()

    def status(self, **more: Any) -> Self:
        """Say how it is."""
        said = status(self.name, at=datetime.now(UTC)).model_copy(update=more)
        self._say("status", said, retain=True)
        return self

    def level(
        self,
        level: float | None,
        *,
        reason: Reason | None = None,
        units: dict[ActionUnit, float] | None = None,
        life_s: float = 60.0,
        coverage: float = 0.9,
    ) -> Self:
        """Say a reading."""
        now = datetime.now(UTC)
        reading = ReadingPayload(
            level=level,
            reason=reason,
            confidence=None if level is None else 0.82,
            coverage=coverage,
            action_units=units or {},
            measured_at=now,
            expires_at=now + timedelta(seconds=life_s),
        )
        self._say("reading", reading)
        return self

    def alarm(
        self,
        condition: Condition = Condition.PAIN_SEVERE,
        state: AlarmState = AlarmState.ON,
        *,
        signal: Signal = Signal.SOUNDING,
        trigger: Trigger | None = Trigger.ONSET,
        ago_s: float = 0.0,
        **more: Any,
    ) -> UUID | None:
        """Say an alarm's state, and the event that led to it; returns the event's id."""
        now = datetime.now(UTC)
        onset = now - timedelta(seconds=ago_s)
        payload = AlarmPayload(
            condition=condition,
            priority=PRIORITIES[condition],
            state=state,
            present=state in (AlarmState.ON, AlarmState.ACKNOWLEDGED),
            signal=signal,
            onset_at=onset,
            changed_at=now,
            **more,
        )
        self._say(f"alarm/{condition.value}", payload, retain=True)
        if trigger is None:
            return None
        event: AlarmEventPayload = alarm_event(condition, trigger, at=onset)
        self._say("event", event)
        return event.id

    def take_command(self, leaf: str, *, accept: bool = True, reason: str | None = None) -> Command:
        """Wait for a command and answer it as the box does."""
        topic = f"{self.topics.command(leaf)}"
        heard = self.recorder.wait_for(
            lambda messages: next((m for m in messages if m.topic == topic), None)
        )
        command = COMMANDS[leaf].model_validate_json(heard.payload)
        self._say("event", answer(command.id, accepted=accept, reason=reason, command=leaf))
        return command

    def _say(self, leaf: str, payload: Any, *, retain: bool = False) -> None:
        topic = f"painwatch/{SITE}/{self.room}/{leaf}"
        self.recorder.publish(topic, payload.model_dump_json(), retain=retain)
