"""Tracks the pictures of a data set with the daemon's own tracker, once per picture."""

from __future__ import annotations

import hashlib
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from PIL import Image, UnidentifiedImageError

from edge.config import QualityConfig, TrackingConfig
from edge.track import Landmarker, Tracker
from edge.track.model_file import LANDMARKER_SHA256, locate_landmarker
from pain.align import pose_normalise
from pain.clock import Moment
from pain.errors import AssetError
from pain.values import Face, Frame, HeadPose, Reason
from train.landmarks.faces import UNITS, FaceTable
from train.landmarks.views import HEIGHT_RANGES_PX, Pixels, draw_views, show
from train.residents.dataset import INDEX_NAME, read_index

CACHE_VERSION: Final = 1
"""Raise it when tracker or views would give other landmarks for the same picture."""

_LOOKS: Final = 4
"""Frames of the same picture until the follow square has settled on the face."""

_FRAME_S: Final = 0.04
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """What came of tracking a data set.

    Attributes:
        faces: every tracked face with its truth.
        shown: pictures shown to the tracker.
        missed: how often there was no face to score, by reason.
    """

    faces: FaceTable
    shown: int
    missed: Counter[Reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Tracked views of one render: pixels (V, 478, 3), pose (V, 3) degrees, height (V,) px."""

    landmarks: npt.NDArray[np.float32]
    blendshapes: npt.NDArray[np.float32]
    pose: npt.NDArray[np.float64]
    height_px: npt.NDArray[np.float64]
    missed: tuple[Reason, ...]


class StillTracker:
    """Shows a still picture to a fresh tracker until it follows the face; use it with ``with``."""

    def __init__(self) -> None:
        self._landmarker = Landmarker(model=locate_landmarker(None))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._landmarker.close()

    def track(self, picture: Pixels) -> Face | Reason:
        """The face as the daemon would see it in the follow phase, or why there is none."""
        clock = _CountingClock()
        tracker = Tracker(
            landmarker=self._landmarker,
            tracking=TrackingConfig(),
            quality=QualityConfig(),
            zone=None,
            masks=(),
            want_crop=False,
            clock=clock,
        )
        result: Face | Reason = Reason.NO_FACE
        for sequence in range(_LOOKS):
            after_s = sequence * _FRAME_S
            frame = Frame(
                image=picture,
                captured_s=after_s,
                wall_time=_EPOCH + timedelta(seconds=after_s),
                sequence=sequence,
            )
            outcome = tracker.track(frame)
            if isinstance(outcome, Face):
                if isinstance(result, Face):
                    return outcome
                result = outcome
            elif not isinstance(result, Face):
                result = outcome.reason
        return result


class _CountingClock:
    """A millisecond passes with every look at it, so a search ends after the same tile anywhere."""

    def __init__(self) -> None:
        self._looks = 0

    def now(self) -> Moment:
        self._looks += 1
        passed_s = self._looks / 1000
        return Moment(monotonic_s=passed_s, wall=_EPOCH + timedelta(seconds=passed_s))


def track_dataset(
    data: Path, cache: Path, *, on_picture: Callable[[int, int], None] = lambda _done, _all: None
) -> Tracking:
    """Track every render of a data set, as it is and as room cameras of two distances see it.

    Args:
        data: folder with the index of ``painwatch train residents make``.
        cache: folder for landmarks by content; what lies there is not tracked again.
        on_picture: told how many of how many renders are done.

    Returns:
        The faces with their truth.

    Raises:
        AssetError: the data set is absent or damaged, or no face was found in it.
        ModelFileError: the landmark model is absent.
    """
    rows = read_index(data / INDEX_NAME).to_pylist()
    found = []
    with StillTracker() as tracker:
        for done, row in enumerate(rows, start=1):
            found.append(_cached(data / row["file"], cache, tracker))
            on_picture(done, len(rows))
    missed = Counter(reason for one in found for reason in one.missed)
    if not any(len(one.height_px) for one in found):
        raise AssetError(f"{data}: the tracker found no face in any of {len(rows)} pictures")
    return Tracking(
        faces=_table(rows, found),
        shown=len(rows) * (1 + len(HEIGHT_RANGES_PX)),
        missed=missed,
    )


def _cached(path: Path, cache: Path, tracker: StillTracker) -> _Found:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AssetError(
            f"{path}: cannot be read ({error.strerror}); make the set again"
        ) from error
    setting = f"{CACHE_VERSION}:{LANDMARKER_SHA256}:{version('mediapipe')}:{HEIGHT_RANGES_PX}"
    key = hashlib.sha256(setting.encode() + content).hexdigest()
    entry = cache / key[:2] / f"{key}.npz"
    stored = _load(entry)
    if stored is not None:
        return stored
    fresh = _track_views(path, tracker, np.random.default_rng(int(key[:16], 16)))
    entry.parent.mkdir(parents=True, exist_ok=True)
    staging = entry.with_suffix(".tmp")
    with staging.open("wb") as file:
        np.savez(
            file,
            landmarks=fresh.landmarks,
            blendshapes=fresh.blendshapes,
            pose=fresh.pose,
            height_px=fresh.height_px,
            missed=np.array([reason.value for reason in fresh.missed], np.str_),
        )
    staging.replace(entry)
    return fresh


def _load(entry: Path) -> _Found | None:
    try:
        with np.load(entry, allow_pickle=False) as archive:
            return _Found(
                landmarks=archive["landmarks"],
                blendshapes=archive["blendshapes"],
                pose=archive["pose"],
                height_px=archive["height_px"],
                missed=tuple(Reason(str(name)) for name in archive["missed"]),
            )
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None


def _track_views(path: Path, tracker: StillTracker, rng: np.random.Generator) -> _Found:
    try:
        render = np.asarray(Image.open(path).convert("RGB"))
    except (OSError, UnidentifiedImageError) as error:
        raise AssetError(f"{path}: not a readable picture ({error}); make the set again") from error
    first = tracker.track(render)
    outcomes = [first]
    if isinstance(first, Face):
        views = draw_views(first.height_px, rng)
        outcomes += [tracker.track(show(render, view, rng)) for view in views]
    faces = [outcome for outcome in outcomes if isinstance(outcome, Face)]
    pose = [(face.pose.yaw_deg, face.pose.pitch_deg, face.pose.roll_deg) for face in faces]
    landmarks = [face.landmarks for face in faces]
    return _Found(
        landmarks=np.array(landmarks, np.float32).reshape(-1, 478, 3),
        blendshapes=np.array([f.blendshapes for f in faces], np.float32).reshape(-1, 52),
        pose=np.array(pose, np.float64).reshape(-1, 3),
        height_px=np.array([face.height_px for face in faces], np.float64),
        missed=tuple(outcome for outcome in outcomes if isinstance(outcome, Reason)),
    )


def _table(rows: list[dict[str, pa.Scalar]], found: list[_Found]) -> FaceTable:
    repeats = [len(one.height_px) for one in found]

    def column(name: str) -> npt.NDArray[np.generic]:
        return np.repeat(np.array([row[name] for row in rows]), repeats)

    units = np.array([[row[unit.value] for unit in UNITS] for row in rows], np.float64)
    return FaceTable(
        landmarks=np.stack(
            [
                pose_normalise(points, HeadPose(yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll))
                for one in found
                for points, (yaw, pitch, roll) in zip(one.landmarks, one.pose, strict=True)
            ]
        ),
        units=np.repeat(units, repeats, axis=0),
        pspi=column("pspi").astype(np.float64),
        level=column("level").astype(np.float64),
        person=column("subject").astype(np.str_),
        expression=column("expression").astype(np.str_),
        kind=column("kind").astype(np.str_),
        height_px=np.concatenate([one.height_px for one in found]),
    )
