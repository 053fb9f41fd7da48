"""The shipped clip and its truth, and random clips as the tracker and the loader see them."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from pain.action_units import ActionUnit
from pain.errors import DataError
from pain.values import Face
from train.cli import app
from train.data import open_dataset
from train.residents.clip import ClipSpec, Shooting, make_clip
from train.residents.expression import pain_level
from train.residents.identity import DEMO_SEED, draw_resident
from train.residents.scene import demo_scene, draw_scene
from train.residents.sitting import Style
from train.residents.story_plot import SHORTEST_S, draw_story
from train.residents.storyboard import DEMO
from train.track.look import follow_clip
from train.track.settings import TrackerSettings

if TYPE_CHECKING:
    from edge.track import Landmarker

FOLDER = files("edge") / "demo"
LABELS = ("l-eye-bag-incr", "r-eye-bag-incr")
COURSES = ("expression", "kind", "level", "pspi")
TURNED_AWAY_DEG = 45.0


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return json.loads((FOLDER / "resident.json").read_text())


def test_the_shipped_truth_is_the_storyboard_s(truth: dict[str, Any]) -> None:
    shooting = Shooting(
        spec=ClipSpec(seed=DEMO_SEED, index=7),
        resident=draw_resident(seed=DEMO_SEED, index=7, local_labels=LABELS),
        scene=demo_scene(DEMO_SEED),
        story=DEMO,
    )
    assert shooting.truth == (FOLDER / "resident.json").read_text()
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


@pytest.mark.parametrize(
    "options",
    [
        ["--width", "321"],
        ["--minutes", "0"],
        ["--minutes", "11"],
        ["--story", "demo", "--style", "full"],
        ["--story", "random", "--style", "v0", "--light", "window"],
        ["--story", "random", "--style", "unseen"],
        ["--story", "sequel"],
    ],
)
def test_what_cannot_be_filmed_is_refused_before_anything_is_made(
    tmp_path: Path, options: list[str]
) -> None:
    command = ["residents", "clip", "--out", str(tmp_path / "a.mp4"), *options]
    result = CliRunner().invoke(app, command)
    assert isinstance(result.exception, DataError) or result.exit_code == 2
    assert not list(tmp_path.iterdir())


def random_clip(index: int, style: Style, **changes: Any) -> ClipSpec:
    spec = ClipSpec(seed=5, index=index, fps=2, size=(640, 360), style=style, random_s=SHORTEST_S)
    return replace(spec, **changes)


@pytest.mark.slow
@pytest.mark.usefixtures("assets_obtained")
def test_the_tracker_follows_random_clips_of_both_styles(
    tmp_path: Path, landmarker: Landmarker
) -> None:
    for index, style in enumerate((Style.V0, Style.FULL)):
        make_clip(random_clip(index, style), tmp_path / f"{style}.mp4")
    samples = open_dataset(tmp_path).samples
    assert len(samples) == 2 * 2 * SHORTEST_S
    for video in sorted(tmp_path.glob("*.mp4")):
        of_clip = [sample for sample in samples if sample.image == video]
        with av.open(str(video)) as opened:
            pictures = [
                np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
                for frame in opened.decode(video=0)
            ]
        times = [sample.time_s or 0.0 for sample in of_clip]
        followed = follow_clip(
            zip(times, pictures, strict=True), landmarker=landmarker, settings=TrackerSettings()
        )
        found = [
            isinstance(face, Face)
            for face, sample in zip(followed, of_clip, strict=True)
            if sample.pose and abs(sample.pose.yaw_deg) < TURNED_AWAY_DEG
        ]
        assert len(found) >= SHORTEST_S
        assert sum(found) >= 0.9 * len(found), video.name


@pytest.mark.slow
@pytest.mark.usefixtures("assets_obtained")
def test_any_number_of_processes_films_the_same_bytes(tmp_path: Path) -> None:
    spec = random_clip(2, Style.FULL, fps=3, size=(192, 128))
    done: list[tuple[int, int]] = []
    make_clip(spec, tmp_path / "one.mp4", on_frame=lambda *progress: done.append(progress))
    make_clip(spec, tmp_path / "two.mp4", workers=2)
    assert done == [(number, 30) for number in range(1, 31)]
    for suffix in (".mp4", ".json"):
        one, two = ((tmp_path / name).with_suffix(suffix).read_bytes() for name in ("one", "two"))
        assert one == two


@pytest.mark.slow
@pytest.mark.usefixtures("assets_obtained")
def test_an_interrupted_clip_leaves_nothing_behind(tmp_path: Path) -> None:
    def interrupt(done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    spec = random_clip(2, Style.FULL, size=(192, 128))
    with pytest.raises(KeyboardInterrupt):
        make_clip(spec, tmp_path / "half.mp4", on_frame=interrupt)
    assert not list(tmp_path.iterdir())


def test_a_random_story_s_truth_is_small_and_its_keys_fit_together() -> None:
    resident = draw_resident(seed=5, index=0, local_labels=LABELS)
    scene = draw_scene(resident, np.random.default_rng(1))
    story = draw_story(np.random.default_rng(2), duration_s=60.0, traits=scene.traits)
    shooting = Shooting(
        spec=random_clip(0, Style.FULL, fps=25), resident=resident, scene=scene, story=story
    )
    text = shooting.truth
    # Ten minutes stay below 2 MB.
    assert len(text) < 200_000
    truth = json.loads(text)
    courses = [truth[key] for key in (*COURSES, "yaw_deg", "pitch_deg", "roll_deg", "blink")]
    assert {len(course) for course in [*courses, *truth["units"].values()]} == {1500}
    assert set(truth["units"]) == {unit.value for unit in ActionUnit}
    frame = int(np.argmax(truth["level"]))
    units = {unit: truth["units"][unit.value][frame] for unit in ActionUnit}
    assert truth["level"][frame] == pytest.approx(pain_level(units), abs=0.05)
    assert truth["kind"][frame] == "pain"
    assert truth["camera"]["place"] == scene.place.value
