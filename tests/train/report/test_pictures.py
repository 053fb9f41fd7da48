from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tests.train.report.folders import predictions, write_run
from train.objectives.task import Task
from train.report.confusion import pain_or_none
from train.report.errors import draw_errors, error_bands
from train.report.levels import draw_levels, groups_by_truth
from train.report.runs import read_run


def test_levels_one_to_six_are_pain():
    counts = np.arange(49).reshape(7, 7)
    two = pain_or_none(counts)
    assert two.tolist() == [
        [counts[0, 0], counts[0, 1:].sum()],
        [counts[1:, 0].sum(), counts[1:, 1:].sum()],
    ]
    np.testing.assert_array_equal(pain_or_none(np.array([[3, 1], [2, 4]])), [[3, 1], [2, 4]])


def test_bands_follow_an_error_that_grows_and_hold_as_many_faces_each():
    rng = np.random.default_rng(0)
    size = rng.uniform(40, 200, 800)
    error = 100 / size + rng.normal(0, 0.05, 800)
    bands = error_bands(size, error, rng.integers(0, 40, 800))
    means = [band.mean for band in bands]
    assert means == sorted(means, reverse=True)
    assert len(bands) == 8
    assert {band.faces for band in bands} == {100}
    for band in bands:
        assert band.low < band.mean < band.high


def test_few_faces_make_one_band():
    (band,) = error_bands(np.arange(5.0), np.ones(5), np.arange(5))
    assert (band.faces, band.mean) == (5, 1.0)


def test_faces_all_of_one_size_make_one_band():
    (band,) = error_bands(np.full(100, 60.0), np.ones(100), np.arange(100))
    assert band.faces == 100


def test_hard_negatives_stand_apart_from_faces_without_expression(tmp_path: Path):
    run = read_run(write_run(tmp_path / "r", predictions(Task.ORDINAL)))
    groups = groups_by_truth(run)
    assert list(groups) == ["0", "hard\nnegatives", "1", "2", "3", "4", "5", "6"]
    assert sum(map(len, groups.values())) == len(run.predictions)
    assert groups["hard\nnegatives"].mean() > groups["0"].mean() + 0.5


def test_what_is_not_known_is_not_drawn(tmp_path: Path):
    found = predictions(Task.REGRESSION, groups_known=False)
    run = read_run(write_run(tmp_path / "r", found))
    assert not draw_errors(run, tmp_path / "errors.png")
    assert not (tmp_path / "errors.png").exists()


def test_a_picture_is_small_and_never_empty(tmp_path: Path):
    run = read_run(write_run(tmp_path / "r", predictions(Task.BINARY)))
    assert draw_errors(run, tmp_path / "errors.png")
    with Image.open(tmp_path / "errors.png") as drawn:
        assert drawn.width <= 1100
        assert len(drawn.convert("RGB").getcolors(1 << 20)) > 20
    assert (tmp_path / "errors.png").stat().st_size < 150_000


def test_the_same_run_gives_the_same_bytes(tmp_path: Path):
    run = read_run(write_run(tmp_path / "r", predictions(Task.BINARY, groups_known=False)))
    for name in ("one.png", "two.png"):
        draw_levels(run, tmp_path / name)  # it draws points at random
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
