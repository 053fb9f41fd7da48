"""Pictures are tracked with the daemon's tracker, at several sizes, once."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from pain.errors import AssetError
from pain.values import Reason
from train.landmarks.tracked import StillTracker, track_dataset
from train.landmarks.views import HEIGHT_RANGES_PX
from train.residents.dataset import INDEX_NAME, INDEX_SCHEMA

CLIP = Path(str(files("edge").joinpath("demo", "resident.mp4")))
VIEWS = 1 + len(HEIGHT_RANGES_PX)


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    """The demo's resident, cut out as a render would show her."""
    with av.open(str(CLIP)) as clip:
        picture = next(clip.decode(video=0)).to_ndarray(format="rgb24")
    with StillTracker() as tracker:
        face = tracker.track(picture)
    assert not isinstance(face, Reason)
    x, y = (round(value) for value in face.box.centre)
    half = round(face.height_px * 0.9)
    cut = picture[max(y - half, 0) : y + half, max(x - half, 0) : x + half]
    return np.asarray(Image.fromarray(cut).resize((288, 288)))


MakeSet = Callable[..., Path]


@pytest.fixture
def make_set(tmp_path: Path, portrait: np.ndarray) -> MakeSet:
    def make(*pictures: np.ndarray | None) -> Path:
        folder = tmp_path / "set"
        folder.mkdir()
        rows: list[dict[str, Any]] = []
        for number, picture in enumerate(pictures):
            name = f"{number}.png"
            Image.fromarray(portrait if picture is None else picture).save(folder / name)
            row: dict[str, Any] = {
                field.name: f"{field.name}-{number}" if field.type == pa.string() else number + 1
                for field in INDEX_SCHEMA
            }
            rows.append({**row, "file": name, "kind": "pain"})
        pq.write_table(pa.Table.from_pylist(rows, schema=INDEX_SCHEMA), folder / INDEX_NAME)
        return folder

    return make


def test_every_face_is_seen_at_its_own_size_and_smaller(make_set: MakeSet, tmp_path: Path) -> None:
    tracking = track_dataset(make_set(None), tmp_path / "cache")
    faces = tracking.faces
    assert tracking.shown == len(faces) == VIEWS
    assert faces.height_px[0] == pytest.approx(160, abs=40)
    for height, (low, high) in zip(faces.height_px[1:], HEIGHT_RANGES_PX, strict=True):
        assert 0.85 * low <= height <= 1.15 * high
    assert set(faces.person) == {"subject-0"}
    assert set(faces.level) == {1.0}
    rms = np.sqrt((faces.landmarks**2).sum(axis=2).mean(axis=1))
    np.testing.assert_allclose(rms, 1.0, atol=1e-4)


def test_a_picture_without_a_face_is_counted_and_left_out(
    make_set: MakeSet, tmp_path: Path
) -> None:
    wall = np.full((288, 288, 3), 90, np.uint8)
    tracking = track_dataset(make_set(None, wall), tmp_path / "cache")
    assert set(tracking.faces.person) == {"subject-0"}
    assert tracking.missed == {Reason.NO_FACE: 1}


def test_what_was_tracked_is_not_tracked_again(
    make_set: MakeSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, cache = make_set(None), tmp_path / "cache"
    first = track_dataset(folder, cache)

    def refuse(self: StillTracker, picture: np.ndarray) -> None:
        raise AssertionError("tracked again")

    monkeypatch.setattr(StillTracker, "track", refuse)
    second = track_dataset(folder, cache)
    np.testing.assert_array_equal(first.faces.landmarks, second.faces.landmarks)


def test_a_damaged_cache_entry_is_made_again(make_set: MakeSet, tmp_path: Path) -> None:
    folder, cache = make_set(None), tmp_path / "cache"
    first = track_dataset(folder, cache)
    (entry,) = cache.rglob("*.npz")
    entry.write_bytes(b"damaged")
    second = track_dataset(folder, cache)
    np.testing.assert_array_equal(first.faces.landmarks, second.faces.landmarks)


def test_a_set_without_any_face_is_refused(make_set: MakeSet, tmp_path: Path) -> None:
    wall = np.full((288, 288, 3), 90, np.uint8)
    with pytest.raises(AssetError, match="no face in any of 1 pictures"):
        track_dataset(make_set(wall), tmp_path / "cache")


@pytest.mark.parametrize("damage", ["missing", "garbage"])
def test_a_picture_that_cannot_be_read_is_named(
    make_set: MakeSet, tmp_path: Path, damage: str
) -> None:
    folder = make_set(None)
    if damage == "missing":
        (folder / "0.png").unlink()
    else:
        (folder / "0.png").write_bytes(b"no picture")
    with pytest.raises(AssetError, match=r"0\.png"):
        track_dataset(folder, tmp_path / "cache")
