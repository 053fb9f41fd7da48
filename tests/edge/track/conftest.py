"""Real faces in drawn rooms: frames of the demonstration clip, cut out and pasted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import islice
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from edge.bench.scenes import Cutout, cutout, room
from edge.config import QualityConfig, TrackingConfig
from edge.config.room import Polygon
from edge.track import Landmarker, Tracker
from edge.track.landmarker import Detection
from pain.clock import Clock, Moment
from pain.values import Frame

Image = npt.NDArray[np.uint8]
CLIP = Path(str(files("edge.demo") / "resident.mp4"))
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class SteppingClock:
    """Every look at it costs a fixed time, so that a budget means a number of tiles."""

    def __init__(self, *, step_s: float) -> None:
        self._step_s = step_s
        self._now_s = 0.0

    def now(self) -> Moment:
        self._now_s += self._step_s
        return Moment(monotonic_s=self._now_s, wall=START + timedelta(seconds=self._now_s))


class Spy(Landmarker):
    """The real landmarker, remembering what it was shown."""

    def __init__(self, *, model: Path) -> None:
        self.shown: list[Image] = []
        super().__init__(model=model)

    def detect(self, image: Image) -> list[Detection]:
        self.shown.append(image.copy())
        return super().detect(image)


@pytest.fixture(scope="session")
def spied_landmarker(landmarker_path: Path) -> Iterator[Spy]:
    with Spy(model=landmarker_path) as loaded:
        yield loaded


@pytest.fixture
def spy(spied_landmarker: Spy) -> Spy:
    spied_landmarker.shown.clear()
    return spied_landmarker


@pytest.fixture(scope="session")
def clip_frames() -> list[Image]:
    """Every second frame of the first half of the demonstration clip."""
    with av.open(str(CLIP)) as container:
        pictures = islice(container.decode(video=0), 0, 300, 2)
        return [picture.to_ndarray(format="rgb24") for picture in pictures]


@pytest.fixture(scope="session")
def resident(clip_frames: list[Image], landmarker: Landmarker) -> Cutout:
    return cutout(clip_frames[0], landmarker, name="resident")


@pytest.fixture(scope="session")
def rooms() -> dict[tuple[int, int], Image]:
    rng = np.random.default_rng(7)
    sizes = ((1280, 720), (1920, 1080))
    return {size: room(width=size[0], height=size[1], rng=rng) for size in sizes}


@pytest.fixture
def empty_room(rooms: dict[tuple[int, int], Image]) -> Image:
    return rooms[1280, 720].copy()


@pytest.fixture
def make_tracker(spy: Spy) -> Callable[..., Tracker]:
    def make(
        *,
        zone: Polygon | None = None,
        masks: tuple[Polygon, ...] = (),
        want_crop: bool = False,
        quality: QualityConfig | None = None,
        tracking: TrackingConfig | None = None,
        clock: Clock | None = None,
    ) -> Tracker:
        return Tracker(
            landmarker=spy,
            tracking=tracking or TrackingConfig(),
            quality=quality or QualityConfig(),
            zone=zone,
            masks=masks,
            want_crop=want_crop,
            clock=clock or SteppingClock(step_s=0.0025),
        )

    return make


@pytest.fixture
def frame() -> Callable[..., Frame]:
    def make(image: Image, at_s: float) -> Frame:
        return Frame(
            image=image,
            captured_s=at_s,
            wall_time=START + timedelta(seconds=at_s),
            sequence=round(at_s * 25),
        )

    return make


@pytest.fixture
def stepping_clock() -> Callable[[float], SteppingClock]:
    return lambda step_s: SteppingClock(step_s=step_s)
