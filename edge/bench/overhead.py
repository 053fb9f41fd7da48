"""What the daemon's path costs over the bare MediaPipe and ONNX Runtime calls it contains.

Both run on the same pictures in the same run, frame by frame in turn, so that a busy or throttled
machine slows both alike and the ratio stays fair.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from edge.alarm import RoomAlarms
from edge.config import AlarmsConfig, QualityConfig, ScoringConfig, SmoothingConfig, TrackingConfig
from edge.mqtt.payloads import reading_payload
from edge.quiet import hush
from edge.score import Scorer
from edge.score.builtin import builtin_bundle_dir
from edge.smooth import Smoother
from edge.track import Tracker
from edge.track.landmarker import Detection, Landmarker
from edge.worker.messages import ReadingMessage, decode, encode
from pain.align import pose_normalise
from pain.clock import Moment, SystemClock
from pain.values import Face, Frame, Reading

Image = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overhead:
    """Costs for each frame in the follow phase.

    Attributes:
        size_px: (width, height) of the frames.
        frames: number of frames timed.
        daemon_ms: milliseconds for each frame, frame to MQTT payload.
        raw_ms: milliseconds for each frame, the bare calls on the same face pictures.
    """

    size_px: tuple[int, int]
    frames: int
    daemon_ms: npt.NDArray[np.float64]
    raw_ms: npt.NDArray[np.float64]

    @property
    def ratio(self) -> float:
        """Median cost of the daemon's path over that of the bare calls."""
        return float(np.median(self.daemon_ms) / np.median(self.raw_ms))


class _Recorder(Landmarker):
    """The landmarker, remembering which pictures it was shown."""

    def __init__(self, *, model: Path) -> None:
        self.shown: list[Image] = []
        super().__init__(model=model)  # which looks at a first picture

    def detect(self, image: Image) -> list[Detection]:
        self.shown.append(np.ascontiguousarray(image))
        return super().detect(self.shown[-1])


class _Bare:
    """MediaPipe and ONNX Runtime as their own documentation calls them, and nothing else."""

    def __init__(self, *, landmarker: Path) -> None:
        hush()
        import mediapipe
        import onnxruntime
        from mediapipe.tasks.python import BaseOptions, vision

        self._image = mediapipe.Image
        self._srgb = mediapipe.ImageFormat.SRGB
        self._face = vision.FaceLandmarker.create_from_options(
            vision.FaceLandmarkerOptions(
                base_options=BaseOptions(model_asset_path=str(landmarker)),
                output_face_blendshapes=True,
                output_facial_transformation_matrixes=True,
            )
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._score = onnxruntime.InferenceSession(
            builtin_bundle_dir() / "model.onnx", options, providers=["CPUExecutionProvider"]
        )

    def run(self, pictures: Sequence[Image], feeds: dict[str, npt.NDArray[Any]]) -> None:
        for picture in pictures:
            self._face.detect(self._image(image_format=self._srgb, data=picture))
        self._score.run(None, feeds)

    def close(self) -> None:
        self._face.close()


class _DaemonPath:
    """Everything between a decoded frame and the payload that MQTT is given."""

    def __init__(self, *, landmarker: _Recorder, scorer: Scorer) -> None:
        self._scorer = scorer
        self._tracker = Tracker(
            landmarker=landmarker,
            tracking=TrackingConfig(),
            quality=QualityConfig(),
            zone=None,
            masks=(),
            want_crop=scorer.wants_crop,
            clock=SystemClock(),
        )
        self._smoother = Smoother(SmoothingConfig())
        self._alarms = RoomAlarms(AlarmsConfig())

    @property
    def phase(self) -> str:
        return self._tracker.phase

    def run(self, frame: Frame) -> Face | None:
        face = self._tracker.track(frame)
        if not isinstance(face, Face):
            return None
        message = ReadingMessage(
            reading=Reading(
                captured_s=frame.captured_s,
                wall_time=frame.wall_time,
                sequence=frame.sequence,
                outcome=self._scorer.score(face),
                face_height_px=face.height_px,
            )
        )
        received = decode(encode(message))
        assert isinstance(received, ReadingMessage)  # noqa: S101  (it was one a line ago)
        trend = self._smoother.update(received.reading)
        now = Moment(monotonic_s=frame.captured_s, wall=frame.wall_time)
        self._alarms.observe(trend, now)
        reading_payload(trend, now).model_dump_json()
        return face


def measure_overhead(
    *, clip: Path, landmarker: Path, width_px: int, height_px: int, frames: int
) -> Overhead:
    """Time the daemon's path and the bare calls on the same frames.

    Args:
        clip: a video with one face.
        landmarker: verified ``face_landmarker.task``.
        width_px: width to which the clip is enlarged.
        height_px: height to which the clip is enlarged.
        frames: number of follow-phase frames to time.

    Returns:
        The costs of both.

    Raises:
        RuntimeError: the face could not be followed for that many frames.
    """
    scorer = Scorer(bundle_dir=None, scoring=ScoringConfig())
    bare = _Bare(landmarker=landmarker)
    daemon_ms: list[float] = []
    raw_ms: list[float] = []
    with _Recorder(model=landmarker) as recorder:
        path = _DaemonPath(landmarker=recorder, scorer=scorer)
        for frame in _frames(clip, width_px, height_px):
            following = path.phase == "follow"
            recorder.shown.clear()
            started_s = time.perf_counter()
            face = path.run(frame)
            spent_s = time.perf_counter() - started_s
            if not following or face is None:
                continue
            feeds = _feeds(scorer, face)
            started_s = time.perf_counter()
            bare.run(recorder.shown, feeds)
            raw_ms.append((time.perf_counter() - started_s) * 1000)
            daemon_ms.append(spent_s * 1000)
            if len(raw_ms) == frames:
                break
    bare.close()
    if len(raw_ms) < frames:
        raise RuntimeError(f"only {len(raw_ms)} frames of {clip} could be followed")
    return Overhead(
        size_px=(width_px, height_px),
        frames=frames,
        daemon_ms=np.array(daemon_ms),
        raw_ms=np.array(raw_ms),
    )


def _feeds(scorer: Scorer, face: Face) -> dict[str, npt.NDArray[Any]]:
    inputs: dict[str, npt.NDArray[Any]] = {
        "landmarks": pose_normalise(face.landmarks, face.pose),
        "blendshapes": face.blendshapes,
    }
    if face.crop is not None:
        inputs["face"] = face.crop
    return {str(name): inputs[name][None] for name in scorer.bundle.inputs}


def _frames(clip: Path, width_px: int, height_px: int) -> Iterator[Frame]:
    start = datetime.now(UTC)
    with av.open(str(clip)) as container:
        for sequence, picture in enumerate(container.decode(video=0)):
            image = cv2.resize(
                picture.to_ndarray(format="rgb24"),
                (width_px, height_px),
                interpolation=cv2.INTER_LINEAR,
            )
            at_s = picture.time or 0.0
            yield Frame(
                image=np.asarray(image, np.uint8),
                captured_s=at_s,
                wall_time=start + timedelta(seconds=at_s),
                sequence=sequence,
            )
