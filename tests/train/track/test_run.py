from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from edge.config.quality import QualityConfig
from pain.errors import DataError
from tests.train.track.faces import RESIDENT_CLIP, dataset, noise, sample
from train.data import Dataset
from train.track import TrackedSet, TrackerSettings, load_tracked, track_dataset
from train.track.shard import STAGING_PREFIX


def assert_same(one: TrackedSet, other: TrackedSet) -> None:
    assert [s.id for s in one.samples] == [s.id for s in other.samples]
    assert [(s.id, reason) for s, reason in one.missed] == [
        (s.id, reason) for s, reason in other.missed
    ]
    for name in ("landmarks", "blendshapes", "pose_deg", "height_px", "sharpness", "brightness"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert one.crops is not None
    assert other.crops is not None
    for at in range(len(one)):
        np.testing.assert_array_equal(one.crops[at], other.crops[at])


def test_what_was_looked_at_is_not_looked_at_again(tmp_path: Path, two_people: Dataset):
    cache = tmp_path / "cache"
    progress: list[tuple[int, int]] = []
    first = track_dataset(
        two_people, cache=cache, workers=1, on_done=lambda done, of: progress.append((done, of))
    )
    again = track_dataset(two_people, cache=cache, workers=1)
    assert (first.looked_at, first.from_cache) == (4, 0)
    assert (again.looked_at, again.from_cache) == (0, 4)
    assert progress == [(0, 4), (4, 4)]


def test_an_answer_goes_by_content_not_by_name(tmp_path: Path, two_people: Dataset):
    cache = tmp_path / "cache"
    track_dataset(two_people, cache=cache, workers=1)
    copy = shutil.copy(two_people.samples[0].image, tmp_path / "copy.png")
    renamed = dataset(tmp_path, [sample(Path(copy), "ann"), two_people.samples[3]])
    assert track_dataset(renamed, cache=cache, workers=1).looked_at == 0
    changed = noise(two_people.samples[2].image, seed=1)
    assert changed == two_people.samples[2].image
    assert track_dataset(two_people, cache=cache, workers=1).looked_at == 1


def test_the_number_of_processes_does_not_matter(tmp_path: Path, two_people: Dataset, monkeypatch):
    monkeypatch.setattr("train.track.jobs.STILLS_PER_PORTION", 1)
    for workers in (1, 2):
        track_dataset(two_people, cache=tmp_path / str(workers), workers=workers)
    assert_same(
        load_tracked(two_people, cache=tmp_path / "1"),
        load_tracked(two_people, cache=tmp_path / "2"),
    )


def test_other_settings_have_answers_of_their_own(tmp_path: Path, two_people: Dataset):
    cache, strict = tmp_path / "cache", TrackerSettings(quality=QualityConfig(min_brightness=255))
    track_dataset(two_people, cache=cache, workers=1)
    with pytest.raises(DataError, match=r"lacks the tracker's answer to 4 of the 4"):
        load_tracked(two_people, cache=cache, settings=strict)
    summary = track_dataset(two_people, cache=cache, settings=strict, workers=1)
    assert summary.looked_at == 4
    assert len(load_tracked(two_people, cache=cache, settings=strict)) == 0
    assert len(load_tracked(two_people, cache=cache)) == 3


def test_copies_are_looked_at_once(tmp_path: Path, close_ups: list[Path]):
    copy = Path(shutil.copy(close_ups[0], tmp_path / "copy.png"))
    twins = dataset(tmp_path, [sample(close_ups[0]), sample(copy, "bob")])
    track_dataset(twins, cache=tmp_path / "cache", workers=1)
    tracked = load_tracked(twins, cache=tmp_path / "cache")
    np.testing.assert_array_equal(tracked.landmarks[0], tracked.landmarks[1])
    assert len(list((tmp_path / "cache").rglob("*.npz"))) == 1


def test_frames_of_a_video_are_followed(tmp_path: Path):
    frames = [
        sample(RESIDENT_CLIP, id=f"clip#{n}", sequence="clip", frame=n, time_s=n / 25)
        for n in (0, 1, 2, 5)
    ]
    video = dataset(tmp_path, frames)
    cache = tmp_path / "cache"
    assert track_dataset(video, cache=cache, workers=1).looked_at == 4
    assert len(load_tracked(video, cache=cache)) == 4
    # The tracker remembers, so a clip that begins elsewhere is another clip.
    later = replace(video, samples=video.samples[1:])
    assert track_dataset(later, cache=cache, workers=1).looked_at == 3


def test_a_clip_that_cannot_be_read_is_left_out_whole(tmp_path: Path):
    frames = [
        sample(RESIDENT_CLIP, id=f"clip#{n}", sequence="clip", frame=n, time_s=n / 25)
        for n in (0, 100_000)
    ]
    with pytest.raises(DataError, match=r"the clip was left out: .* ends before frame 100000"):
        track_dataset(dataset(tmp_path, frames), cache=tmp_path / "cache", workers=1)


def test_an_unreadable_picture_costs_itself_alone(tmp_path: Path, two_people: Dataset):
    cache, broken = tmp_path / "cache", two_people.samples[2].image
    broken.write_text("no picture")
    with pytest.raises(DataError, match=r"nobody.png is not a readable picture"):
        track_dataset(two_people, cache=cache, workers=1)
    noise(broken)
    assert track_dataset(two_people, cache=cache, workers=1).looked_at == 1


KILLED_RUN = """
import pathlib, sys
import train.track.jobs
from tests.train.track.faces import dataset, sample
from train.track import track_dataset

if __name__ == "__main__":
    train.track.jobs.STILLS_PER_PORTION = 1
    workers = sys.argv[1]
    root, cache, *files = map(pathlib.Path, sys.argv[2:])
    track_dataset(
        dataset(root, [sample(file) for file in files]),
        cache=cache,
        workers=int(workers),
        on_done=lambda done, total: print(done, flush=True),
    )
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_run_leaves_no_process_and_goes_on_where_it_stopped(
    tmp_path: Path, close_ups: list[Path], monkeypatch: pytest.MonkeyPatch, workers: int
):
    monkeypatch.setattr("train.track.jobs.STILLS_PER_PORTION", 1)
    cache, script = tmp_path / "cache", tmp_path / "run.py"
    script.write_text(KILLED_RUN)
    root = Path(__file__).parents[3]
    killed = subprocess.Popen(
        [sys.executable, script, str(workers), tmp_path, cache, *close_ups],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert killed.stdout is not None
    with killed.stdout as told:
        assert [told.readline(), told.readline()] == ["0\n", "1\n"]
        children = psutil.Process(killed.pid).children(recursive=True)
        os.kill(killed.pid, signal.SIGKILL)
        assert killed.wait() == -signal.SIGKILL
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not alive

    whole = dataset(tmp_path, [sample(file) for file in close_ups])
    shards = cache / TrackerSettings().version
    torn = shards / f"{STAGING_PREFIX}1.npz"
    torn.write_text("half a shard")
    summary = track_dataset(whole, cache=cache, workers=1)
    assert summary.from_cache >= 1
    assert summary.looked_at + summary.from_cache == 4
    assert not torn.exists()

    track_dataset(whole, cache=tmp_path / "fresh", workers=1)
    assert_same(load_tracked(whole, cache=cache), load_tracked(whole, cache=tmp_path / "fresh"))


def test_two_runs_do_not_write_into_one_cache(tmp_path: Path, two_people: Dataset):
    cache = tmp_path / "cache"
    cache.mkdir()
    with (cache / f"{TrackerSettings().version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(DataError, match="Another run is tracking"):
            track_dataset(two_people, cache=cache, workers=1)
    assert track_dataset(two_people, cache=cache, workers=1).looked_at == 4


def test_the_cache_is_its_owners_alone(tmp_path: Path, two_people: Dataset):
    track_dataset(two_people, cache=tmp_path / "cache", workers=1)
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"numbers"])
def test_a_damaged_shard_is_named(tmp_path: Path, two_people: Dataset, content: bytes):
    cache = tmp_path / "cache"
    track_dataset(two_people, cache=cache, workers=1)
    shard = next(cache.rglob("*.npz"))
    shard.write_bytes(content)
    for use in (track_dataset, load_tracked):
        with pytest.raises(DataError, match=rf"{shard.name} is damaged .*Delete it"):
            use(two_people, cache=cache)


def test_a_missing_model_is_told_before_any_work(tmp_path: Path, two_people: Dataset):
    from edge.config.tracking import TrackingConfig
    from pain.errors import ModelFileError

    settings = TrackerSettings(tracking=TrackingConfig(landmarker=tmp_path / "gone.task"))
    with pytest.raises(ModelFileError, match="which is not a file"):
        track_dataset(two_people, cache=tmp_path / "cache", settings=settings)
    assert not (tmp_path / "cache").exists()
