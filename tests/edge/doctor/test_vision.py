from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import av
import numpy as np
import pytest

from edge.bench.scenes import find_face
from edge.capture.source import EndOfStream
from edge.config import CameraConfig, EdgeConfig, RoomConfig, ScoringConfig, TrackingConfig
from edge.config.identity import IdentityConfig
from edge.doctor import vision
from edge.doctor.finding import Verdict
from edge.doctor.probe import middle_angle, room_faces
from edge.score import builtin_bundle_dir
from edge.track import Landmarker, Tracker
from pain.clock import SystemClock
from pain.values import Frame
from tests.edge.identity.bundles import make_embedding


def clip(path: Path, *, brightness: int, fps: int = 25, frames: int = 10) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=fps)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        picture = np.full((240, 320, 3), brightness, np.uint8)
        for _ in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def film(path: Path, picture: np.ndarray) -> Path:
    """One second of a still picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuv420p"
        for _ in range(10):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def watched(uri: str, *, rotate: int = 0) -> EdgeConfig:
    camera = {"uri": uri, "rotate": rotate}
    return EdgeConfig.model_validate(
        {
            "site": "rosenhof",
            "rooms": [{"id": "room-12", "camera": camera}],
            "mqtt": {"host": "localhost", "plaintext": True},
        }
    )


@pytest.fixture(scope="module")
def demonstrated() -> np.ndarray:
    with av.open(str(files("edge.demo") / "resident.mp4")) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


@pytest.mark.parametrize(
    ("quarters", "rotate", "verdict", "words"),
    [
        (0, 0, Verdict.OK, "the right way up"),
        (2, 0, Verdict.WARN, "upside down"),
        (2, 180, Verdict.OK, "the right way up"),
    ],
)
def test_faces_that_are_upside_down_are_noticed(
    *,
    quarters: int,
    rotate: int,
    verdict: Verdict,
    words: str,
    tmp_path: Path,
    demonstrated: np.ndarray,
) -> None:
    path = film(tmp_path / "clip.mp4", np.rot90(demonstrated, quarters))
    config = watched(str(path), rotate=rotate)
    finding = vision.faces(config.rooms[0], config)
    assert finding.verdict is verdict, finding
    assert words in finding.found
    assert ("camera.rotate: 180" in finding.remedy) is (verdict is Verdict.WARN)


def test_a_room_without_a_face_is_said_to_have_none(tmp_path: Path) -> None:
    path = clip(tmp_path / "clip.mp4", brightness=120)
    config = watched(str(path))
    finding = vision.faces(config.rooms[0], config)
    assert finding.verdict is Verdict.OK
    assert "none in 10 frames (no_face 10)" in finding.found


class Stillness:
    """A camera whose picture never changes."""

    def __init__(self, picture: np.ndarray, *, seconds: float, fps: float) -> None:
        self._picture = picture
        self._fps = fps
        self._times = iter(np.arange(0.0, seconds, 1 / fps).tolist())

    def read(self) -> Frame:
        at_s = next(self._times, None)
        if at_s is None:
            raise EndOfStream
        return Frame(
            image=self._picture.copy(),
            captured_s=at_s,
            wall_time=datetime(2026, 12, 1, tzinfo=UTC),
            sequence=round(at_s * self._fps),
        )


def test_what_does_not_move_is_told_with_its_place(
    demonstrated: np.ndarray, landmarker: Landmarker, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = watched("rtsp://camera.test/stream")
    tracker = Tracker(
        landmarker=landmarker,
        tracking=config.tracking.model_copy(update={"lifeless_after_s": 10.0}),
        quality=config.quality,
        zone=None,
        masks=(),
        want_crop=False,
        clock=SystemClock(),
    )
    face = find_face(demonstrated, landmarker)
    assert face is not None
    camera = Stillness(demonstrated, seconds=12.0, fps=4.0)
    facts = room_faces(camera, tracker, until_s=np.inf)
    assert facts["reasons"]["motionless"] > 4
    monkeypatch.setattr(vision, "probe", lambda *_, **__: facts)
    finding = vision.faces(config.rooms[0], config)
    assert finding.verdict is Verdict.WARN
    left, right, top, bottom = map(float, re.findall(r"\d\.\d\d", finding.found))
    assert left < face.x / 1280 < right
    assert top < face.y / 720 < bottom
    assert "zone" in finding.remedy


@pytest.mark.parametrize(
    ("degrees", "expected"),
    [([], None), ([10.0, 20.0], 15.0), ([170.0, -170.0], 180.0)],
)
def test_the_middle_of_angles_knows_of_the_full_turn(
    degrees: list[float], expected: float | None
) -> None:
    found = middle_angle(degrees)
    assert found == (None if expected is None else pytest.approx(expected))


def room(uri: str) -> RoomConfig:
    return RoomConfig(id="room-12", camera=CameraConfig(uri=uri, open_timeout_s=2.0))


def compared(bundle: Path) -> RoomConfig:
    identity = IdentityConfig(enabled=True, bundle=bundle)
    return room("v4l2:///dev/video0").model_copy(update={"identity": identity})


@pytest.mark.parametrize(
    ("brightness", "fps", "frames", "verdict", "words"),
    [
        (120, 25, 10, Verdict.OK, "320x240 px at 25.0 fps"),
        (120, 25, 1, Verdict.OK, "320x240 px, one frame only"),
        (0, 25, 10, Verdict.WARN, "the picture is black"),
        (120, 2, 3, Verdict.WARN, "at 2.0 fps: slow"),
    ],
)
def test_a_camera_is_opened_and_measured(
    *, tmp_path: Path, brightness: int, fps: int, frames: int, verdict: Verdict, words: str
) -> None:
    path = clip(tmp_path / "clip.mp4", brightness=brightness, fps=fps, frames=frames)
    finding = vision.camera(room(str(path)))
    assert (finding.check, finding.verdict) == ("camera of room-12", verdict)
    assert words in finding.found


def test_a_camera_that_does_not_open_is_told_without_its_password() -> None:
    finding = vision.camera(room("rtsp://nurse:sesame99@127.0.0.1:1/stream"))
    assert finding.verdict is Verdict.FAIL
    assert "sesame99" not in finding.found + finding.remedy
    assert "127.0.0.1:1" in finding.found


def test_a_file_that_is_no_video_fails_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("not a video", encoding="utf-8")
    finding = vision.camera(room(str(path)))
    assert finding.verdict is Verdict.FAIL
    assert "notes.mp4" in finding.found


def test_the_worker_can_be_confined_here() -> None:
    finding = vision.confinement()
    assert finding.verdict is Verdict.OK
    assert "core dumps off" in finding.found


def test_another_file_under_the_landmarkers_name_fails(tmp_path: Path) -> None:
    stranger = tmp_path / "face_landmarker.task"
    stranger.write_bytes(b"something else")
    finding = vision.landmarker(TrackingConfig(landmarker=stranger))
    assert finding.verdict is Verdict.FAIL
    assert "SHA-256" in finding.found
    assert finding.remedy == "painwatch models fetch"


def test_the_landmarker_runs_here(landmarker_path: Path) -> None:
    finding = vision.landmarker(TrackingConfig(landmarker=landmarker_path))
    assert finding.verdict is Verdict.OK, finding.found


def test_the_built_in_model_runs_here() -> None:
    finding = vision.pain_model(ScoringConfig())
    assert finding.verdict is Verdict.OK, finding.found
    assert "runs on cpu" in finding.found


def test_a_folder_without_a_bundle_fails(tmp_path: Path) -> None:
    finding = vision.pain_model(ScoringConfig(bundle=tmp_path))
    assert finding.verdict is Verdict.FAIL
    assert "bundle.json" in finding.found


def test_an_embedding_is_verified_and_run(tmp_path: Path) -> None:
    make_embedding(tmp_path / "emb")
    finding = vision.embedding(compared(tmp_path / "emb"))
    assert finding.verdict is Verdict.OK, finding.found
    assert "16 numbers a face" in finding.found


def test_a_pain_model_in_its_place_fails() -> None:
    finding = vision.embedding(compared(builtin_bundle_dir("landmarks-v1")))
    assert finding.verdict is Verdict.FAIL
    assert "here a face embedding" in finding.found
    assert "painwatch export embedding" in finding.remedy


def test_a_model_on_another_provider_is_a_warning_with_its_cause(tmp_path: Path) -> None:
    scoring = ScoringConfig(provider="tensorrt-native", engines=tmp_path)
    finding = vision.pain_model(scoring)
    assert finding.verdict is Verdict.WARN
    assert "runs on cpu fp32 (asked for: tensorrt-native auto)" in finding.found
    assert "TensorRT's Python package is not installed or not whole" in finding.found
    assert "scoring.provider" in finding.remedy


def test_without_fallback_an_absent_provider_fails(tmp_path: Path) -> None:
    scoring = ScoringConfig(provider="tensorrt-native", engines=tmp_path, fallback=False)
    finding = vision.pain_model(scoring)
    assert finding.verdict is Verdict.FAIL
    assert "TensorRT's Python package is not installed or not whole" in finding.found
    assert "install what is missing" in finding.remedy
    assert "bundle" not in finding.remedy
