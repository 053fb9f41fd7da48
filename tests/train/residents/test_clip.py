"""The clip that the package ships: its truth belongs to it, and the tracker sees its resident."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import pytest

from train.residents.clip import ClipSpec, truth_json
from train.residents.identity import DEMO_SEED
from train.residents.storyboard import DEMO

if TYPE_CHECKING:
    from edge.track import Landmarker

FOLDER = files("edge") / "demo"


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return json.loads((FOLDER / "resident.json").read_text())


def test_the_shipped_truth_is_the_storyboard_s(truth: dict[str, Any]) -> None:
    spec = ClipSpec(seed=DEMO_SEED, index=7)
    assert truth == json.loads(truth_json(spec, DEMO, truth["subject"]))
    assert truth["subject"].startswith(f"s{DEMO_SEED}-")
    assert truth["synthetic"] is True


def test_the_shipped_clip_is_small_h264_and_as_long_as_its_truth(truth: dict[str, Any]) -> None:
    path = Path(str(FOLDER / "resident.mp4"))
    assert path.stat().st_size <= 1_500_000
    with av.open(str(path)) as clip:
        stream = clip.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (stream.width, stream.height) == (1280, 720)
        assert stream.average_rate == truth["fps"]
        assert stream.frames == truth["frames"] == len(truth["level"]) == len(truth["pspi"])
    # faststart: the index comes before the pictures.
    head = path.read_bytes()[:64]
    assert b"moov" in head


@pytest.mark.slow
def test_the_tracker_finds_the_resident_in_the_clip(landmarker: Landmarker) -> None:
    found, heights = [], []
    with av.open(str(FOLDER / "resident.mp4")) as clip:
        for number, frame in enumerate(clip.decode(video=0)):
            if number % 5:
                continue
            crop = frame.to_ndarray(format="rgb24")[110:430, 420:740]
            faces = landmarker.detect(crop.repeat(2, axis=0).repeat(2, axis=1))
            found.append(len(faces) == 1)
            heights += [face.height_px / 2 for face in faces]
    assert sum(found) >= 0.99 * len(found)
    assert 100 < sum(heights) / len(heights) < 140
