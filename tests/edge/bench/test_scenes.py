from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.bench.scenes import Cutout, load_cutout, paste, random_place, room
from edge.track import Landmarker
from edge.track.tiles import Place
from pain.errors import SourceError


def square(side: int, *, alpha: float = 1.0) -> Cutout:
    return Cutout(
        name="square",
        rgb=np.full((side, side, 3), 250, np.uint8),
        alpha=np.full((side, side), alpha, np.float32),
        face=Place(x=side / 2, y=side / 2, height_px=side / 2),
    )


def test_a_face_lands_where_it_is_said_to_be() -> None:
    canvas = np.zeros((100, 200, 3), np.uint8)
    place = paste(canvas, square(20), x=150, y=40)
    assert (place.x, place.y, place.height_px) == (150, 40, 10)
    ys, xs = np.nonzero(canvas[..., 0])
    assert (xs.min(), xs.max(), ys.min(), ys.max()) == (140, 159, 30, 49)


def test_transparency_blends() -> None:
    canvas = np.full((40, 40, 3), 50, np.uint8)
    paste(canvas, square(20, alpha=0.5), x=20, y=20)
    assert (canvas[20, 20] == 150).all()
    assert (canvas[0, 0] == 50).all()


@pytest.mark.parametrize(("x", "y"), [(-5, 20), (20, -5), (45, 20), (20, 45), (-50, -50)])
def test_what_reaches_outside_is_cut_off(x: float, y: float) -> None:
    canvas = np.zeros((40, 40, 3), np.uint8)
    paste(canvas, square(20), x=x, y=y)
    rows = max(0, min(40, y + 10) - max(0, y - 10))
    columns = max(0, min(40, x + 10) - max(0, x - 10))
    assert np.count_nonzero(canvas[..., 0]) == rows * columns


@pytest.mark.parametrize("height_px", [5, 10, 30])
def test_a_cutout_is_scaled_by_its_face(height_px: float) -> None:
    scaled = square(20).at_height(height_px)
    assert scaled.rgb.shape == (2 * height_px, 2 * height_px, 3)
    assert scaled.alpha.shape == (2 * height_px, 2 * height_px)
    assert (scaled.face.x, scaled.face.y, scaled.face.height_px) == (
        height_px,
        height_px,
        height_px,
    )


def test_random_places_keep_the_whole_cutout_in_the_picture() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        x, y = random_place(square(20), width=50, height=30, rng=rng)
        assert 10 <= x <= 40
        assert 10 <= y <= 20


def test_rooms_differ_and_are_the_same_for_the_same_seed() -> None:
    first, again = (room(width=320, height=180, rng=np.random.default_rng(1)) for _ in range(2))
    other = room(width=320, height=180, rng=np.random.default_rng(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.std() > 20


def test_a_portrait_without_alpha_is_cut_out_by_an_oval_around_its_face(
    tmp_path: Path, portrait: np.ndarray, landmarker: Landmarker
) -> None:
    cv2.imwrite(str(tmp_path / "face.png"), portrait[..., ::-1])
    cut = load_cutout(tmp_path / "face.png", landmarker)
    x, y = round(cut.face.x), round(cut.face.y)
    assert cut.name == "face"
    assert cut.alpha[y, x] == 1
    assert cut.alpha[0, 0] == 0
    (face,) = landmarker.detect(cut.rgb)
    assert face.box.centre == pytest.approx((cut.face.x, cut.face.y), abs=5)


def test_a_portrait_keeps_its_own_alpha(
    tmp_path: Path, portrait: np.ndarray, landmarker: Landmarker
) -> None:
    alpha = np.full(portrait.shape[:2], 255, np.uint8)
    alpha[:, :10] = 0
    cv2.imwrite(str(tmp_path / "face.png"), np.dstack([portrait[..., ::-1], alpha]))
    cut = load_cutout(tmp_path / "face.png", landmarker)
    assert cut.alpha.shape == (portrait.shape[0], portrait.shape[1] - 10)
    assert (cut.alpha == 1).all()


def test_what_is_no_portrait_is_refused_in_plain_words(
    tmp_path: Path, landmarker: Landmarker
) -> None:
    (tmp_path / "broken.png").write_bytes(b"not a picture")
    with pytest.raises(SourceError, match=r"broken\.png is not a colour picture"):
        load_cutout(tmp_path / "broken.png", landmarker)
    cv2.imwrite(str(tmp_path / "wall.png"), np.full((100, 100, 3), 120, np.uint8))
    with pytest.raises(SourceError, match="no face to be found in wall"):
        load_cutout(tmp_path / "wall.png", landmarker)
