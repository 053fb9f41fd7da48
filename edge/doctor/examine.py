"""All checks in the order in which a person would mend them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from edge.config import EdgeConfig, RoomConfig, ScoringConfig, TrackingConfig
from edge.config.load import load_config
from edge.doctor import machine, vision
from edge.doctor.broker import Place, broker
from edge.doctor.finding import Finding, Verdict, fail, ok
from edge.doctor.naming import camera_name, zone
from pain.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to look at; ``about`` is shown while it runs."""

    about: str
    look: Callable[[], list[Finding]]


def examine(config_file: Path | None) -> Iterator[Step]:
    """Give the checks that can be done, one after the other.

    Args:
        config_file: the box's config; without it only the machine and the defaults are checked.
    """
    config: EdgeConfig | None = None
    if config_file is not None:
        config, finding = _read(config_file)
        yield Step(about="config", look=lambda: [finding])
    tracking = config.tracking if config else TrackingConfig()
    scoring = config.scoring if config else ScoringConfig()
    yield Step(about="system libraries", look=lambda: [machine.system_libraries()])
    yield Step(about="versions", look=machine.installed_libraries)
    yield Step(about="worker sandbox", look=lambda: [vision.confinement()])
    yield Step(about="face landmarker", look=lambda: [vision.landmarker(tracking)])
    yield Step(about="pain model", look=lambda: [vision.pain_model(scoring)])
    yield Step(about="clock", look=lambda: [machine.clock()])
    if config is not None:
        yield from _site(config)


def _site(config: EdgeConfig) -> Iterator[Step]:
    for room in config.rooms:
        if room.identity.enabled:
            yield Step(about=f"face embedding of {room.id}", look=partial(_embedding, room))
        yield Step(about=f"camera of {room.id}", look=partial(_camera, room, config))
    places = [Place(id=room.id, name=room.display_name) for room in config.rooms]
    yield Step(about="broker", look=lambda: broker(config.mqtt, site=config.site, rooms=places))


def _embedding(room: RoomConfig) -> list[Finding]:
    return [vision.embedding(room)]


def _camera(room: RoomConfig, config: EdgeConfig) -> list[Finding]:
    found = vision.camera(room)
    faces = [] if found.verdict is Verdict.FAIL else [vision.faces(room, config)]
    return [*camera_name(room), *zone(room), found, *faces]


def _read(path: Path) -> tuple[EdgeConfig | None, Finding]:
    try:
        config = load_config(path)
    except ConfigError as error:
        remedy = "mend the file; docs/configuration.md lists every key"
        return None, fail("config", str(error), remedy)
    rooms = ", ".join(room.id for room in config.rooms)
    return config, ok("config", f"{path} is valid: site {config.site}, rooms {rooms}")
