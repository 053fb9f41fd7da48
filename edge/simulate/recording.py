"""Reads recorded readings: JSON lines of the worker's messages or of the MQTT topic ``reading``."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from edge.simulate.stream import EPOCH, Episode, Stream
from edge.worker.messages import ReadingMessage
from pain.errors import SourceError
from pain.values import Reason, Score
from pain.wire import Level, ReadingPayload

ONE_ROOM: Final = "room"


class _Line(BaseModel):
    """One line; ``payload`` is a reading of the topic, ``reading`` one of the worker."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: str = ONE_ROOM
    payload: ReadingPayload | None = None
    reading: dict[str, Any] | None = None
    true_level: Level | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    at_s: float
    outcome: float | Reason
    true_level: float | None


def read_recording(path: Path) -> list[Stream]:
    """Read one recording; a stream for each topic in it.

    A line is a payload of the topic ``reading`` as it stands, or an object with ``topic`` and
    ``payload`` (as ``mosquitto_sub -F '{"topic":"%t","payload":%p}'`` writes it), or with
    ``reading``, a single frame's reading as the worker sends it. An object may carry
    ``true_level``; where every line has it, alarms are held against it.

    Raises:
        SourceError: the file cannot be read, or a line is no reading.
    """
    rooms: dict[str, list[_Entry]] = defaultdict(list)
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    topic, entry = _entry(line, where=f"{path}:{number}")
                    rooms[topic].append(entry)
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read: {error}") from error
    if not rooms:
        raise SourceError(f"{path} holds no reading; docs/alarm-burden.md says how to record")
    return [_stream(entries) for entries in rooms.values()]


def _entry(text: str, *, where: str) -> tuple[str, _Entry]:
    try:
        document = json.loads(text)
        if not isinstance(document, dict):
            raise SourceError(f"{where}: a line must be a JSON object")
        wrapped = "payload" in document or "reading" in document
        line = (
            _Line.model_validate_json(text)
            if wrapped
            else _Line(payload=ReadingPayload.model_validate_json(text))
        )
        if line.reading is not None:
            message = ReadingMessage.model_validate_json(json.dumps({"reading": line.reading}))
            outcome = message.reading.outcome
            return line.topic, _Entry(
                at_s=message.reading.captured_s,
                outcome=outcome.level if isinstance(outcome, Score) else outcome.reason,
                true_level=line.true_level,
            )
    except (json.JSONDecodeError, ValidationError) as error:
        what = error.errors(include_url=False)[0] if isinstance(error, ValidationError) else None
        detail = f"{'.'.join(map(str, what['loc']))}: {what['msg']}" if what else "is no JSON"
        raise SourceError(f"{where}: is no reading: {detail}") from error
    payload = line.payload
    if payload is None:
        raise SourceError(f"{where}: payload and reading are both empty")
    return line.topic, _Entry(
        at_s=(payload.measured_at - EPOCH).total_seconds(),
        outcome=payload.level if payload.level is not None else payload.reason or Reason.NO_FACE,
        true_level=line.true_level,
    )


def _stream(entries: list[_Entry]) -> Stream:
    ordered = sorted(entries, key=lambda entry: entry.at_s)
    truth = [entry.true_level for entry in ordered]
    return Stream(
        at_s=tuple(entry.at_s for entry in ordered),
        outcomes=tuple(entry.outcome for entry in ordered),
        scenes=tuple(
            entry.outcome.value if isinstance(entry.outcome, Reason) else "face"
            for entry in ordered
        ),
        episodes=_episodes(ordered) if None not in truth else None,
        since_s=ordered[0].at_s,
        until_s=ordered[-1].at_s,
    )


def _episodes(entries: list[_Entry]) -> tuple[Episode, ...]:
    """Runs of a true level above 0."""
    runs: list[list[_Entry]] = [[]]
    for entry in entries:
        if entry.true_level:
            runs[-1].append(entry)
        elif runs[-1]:
            runs.append([])
    return tuple(
        Episode(
            at_s=np.array([entry.at_s for entry in run]),
            level=np.array([entry.true_level for entry in run], np.float64),
        )
        for run in runs
        if run
    )
