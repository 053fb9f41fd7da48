"""Intervals by subject, subgroups, and the worst gap."""

from __future__ import annotations

import csv
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.train.metrics.people import predictions
from train.metrics import SUBGROUP_METRICS, Figure, evaluate, moments, subgroups, write_figures
from train.metrics.resample import draw_people, interval
from train.metrics.scored import scored
from train.objectives import Task

SCALARS = {
    *("mse", "mae", "pcc", "icc_3_1", "accuracy", "quadratic_kappa", "ece"),
    *(
        f"{kind}_{mean}"
        for kind in ("precision", "recall", "f1")
        for mean in ("micro", "macro", "weighted")
    ),
    *(f"{kind}_{k}" for kind in ("precision", "recall", "f1") for k in range(7)),
    *(
        f"auroc_{pain}_vs_{other}"
        for pain in ("any_pain", "moderate_pain")
        for other in ("no_pain", "hard_negatives")
    ),
}


@pytest.mark.parametrize("task", list(Task))
def test_every_figure_holds_its_value_in_its_interval(task: Task):
    found = evaluate(predictions(people=40, each=5, task=task), resamples=300)
    of_all = {figure.metric: figure for figure in found.figures if figure.subset == "all"}
    assert set(of_all) == {
        name for name in SCALARS if task is not Task.BINARY or name[-1] not in "23456"
    }
    for figure in found.figures:
        if figure.is_defined and figure.people > 3:
            # A percentile interval is not centred; ECE rises in resamples.
            slack = 0.05 if figure.metric == "ece" else 1e-9
            assert figure.low - slack <= figure.value <= figure.high + slack, figure
    assert of_all["mae"].samples == 200
    assert of_all["mae"].people == 40


def test_the_same_seed_gives_the_same_figures():
    made = predictions(people=6)
    # As text: a bound that is not known is no number, which equals nothing.
    first, again, other = (repr(evaluate(made, resamples=50, seed=seed)) for seed in (3, 3, 4))
    assert first == again != other


def test_faces_of_one_person_are_no_independent_evidence():
    """Ten copies of each face under the same person must not narrow the interval."""
    once = predictions(people=40, each=3)
    rows = np.repeat(np.arange(len(once)), 10)
    names = np.array([f"{i:05d}.png" for i in range(len(rows))])
    fields = {name: getattr(once, name)[rows] for name in ("subject", "fold", "truth", "predicted")}
    copies = predictions(
        people=40,
        each=30,
        sample=names,
        probabilities=once.probabilities[rows],
        kind=once.kind[rows],
        **fields,
    )
    few, many = (evaluate(each, resamples=300).figure("mae") for each in (once, copies))
    assert many.value == pytest.approx(few.value)
    assert many.high - many.low == pytest.approx(few.high - few.low)
    strangers = replace(copies, subject=copies.sample)
    alone = evaluate(strangers, resamples=300).figure("mae")
    assert alone.high - alone.low < 0.5 * (many.high - many.low)


def test_the_interval_covers_the_true_value_as_often_as_it_says():
    """The mean of |error| is known: errors are normal, half of their variance is the person's."""
    rng = np.random.default_rng(0)
    faces = scored(predictions(people=40, each=5, task=Task.REGRESSION))
    truth = np.full(200, 3.0)
    expected = 0.4 * np.sqrt(2.0) * np.sqrt(2.0 / np.pi)
    covered = 0
    for trial in range(200):
        error = rng.normal(0.0, 0.4, 40).repeat(5) + rng.normal(0.0, 0.4, 200)
        weights = draw_people(40, resamples=200, seed=trial)
        drawn = moments.resampled(replace(faces, truth=truth, predicted=truth + error), weights)
        low, high = interval(drawn["mae"])
        covered += low <= expected <= high
    # Percentile intervals of 40 people cover a little less than they say; 200 trials vary by 3.
    assert 180 <= covered <= 197


def test_one_person_has_no_interval():
    figure = evaluate(predictions(people=1), resamples=20).figure("mae")
    assert figure.is_defined
    assert np.isnan([figure.low, figure.high]).all()


def test_all_of_it_takes_seconds():
    made = predictions(people=200, each=10)
    started = time.process_time()
    found = evaluate(made)
    assert time.process_time() - started < 20.0
    assert {figure.subset for figure in found.figures} > {"all", "sex=male", "yaw=from_45_deg"}


def test_groups_are_bands_and_words():
    groups = subgroups(predictions())
    assert {name: sorted(found) for name, found in groups.items()} == {
        "age_band": ["65-79", "80+"],
        "sex": ["female", "male"],
        "yaw": ["15_to_30_deg", "30_to_45_deg", "below_15_deg", "from_45_deg"],
        "height": ["80_to_130_px", "below_80_px", "from_130_px"],
    }
    for found in groups.values():
        np.testing.assert_array_equal(np.stack(list(found.values())).sum(axis=0), 1)


def test_a_face_turned_left_is_in_the_band_of_one_turned_right():
    yaw = np.full(200, np.nan)
    yaw[:4] = [-44.9, 44.9, 45.0, -15.0]
    bands = subgroups(predictions(yaw_deg=yaw))["yaw"]
    assert {name: np.flatnonzero(found).tolist() for name, found in bands.items()} == {
        "15_to_30_deg": [3],
        "30_to_45_deg": [0, 1],
        "from_45_deg": [2],
    }


def test_the_worst_gap_is_named():
    made = predictions(people=60, task=Task.REGRESSION)
    worse = made.sex == "female"
    truth = np.full(len(made), 3.0)
    made = replace(made, truth=truth, predicted=np.where(worse, 5.0, 3.5))
    gap = evaluate(made, resamples=200).worst_gap("mae")
    assert gap is not None
    assert (gap.dimension, gap.best, gap.worst) == ("sex", "male", "female")
    assert gap.value == pytest.approx(1.5)
    assert gap.low == pytest.approx(1.5)
    assert gap.high == pytest.approx(1.5)


def test_a_gap_in_a_figure_that_should_be_high_is_the_other_way_round():
    made = predictions(people=60)
    good = made.age_band == "80+"
    wrong = (made.truth.astype(int) + 3) % 7
    called = np.where(good, made.truth.astype(int), wrong)
    made = replace(made, probabilities=np.eye(7)[called], predicted=called.astype(float))
    found = evaluate(made, resamples=100)
    gap = found.worst_gap("accuracy")
    assert gap is not None
    assert (gap.dimension, gap.best, gap.worst, gap.value) == ("age_band", "80+", "65-79", 1.0)
    assert all(gap.value >= 0.0 for gap in found.gaps)
    assert {gap.metric for gap in found.gaps} == set(SUBGROUP_METRICS)


def test_a_gap_by_chance_has_zero_in_its_interval():
    made = predictions(people=100, task=Task.REGRESSION)
    half = replace(made, sex=np.where(np.arange(len(made)) % 2 == 0, "female", "male"))
    found = [gap for gap in evaluate(half, resamples=300).gaps if gap.dimension == "sex"]
    mae = next(gap for gap in found if gap.metric == "mae")
    assert mae.low < 0.0 < mae.high


def test_a_group_of_few_people_is_listed_and_not_compared():
    made = predictions(people=40)
    few = np.isin(made.subject, ["p000", "p001", "p002", "p003"])
    made = replace(made, sex=np.where(few, "female", "male"))
    found = evaluate(made, resamples=50)
    assert found.figure("mae", "sex=female").people == 4
    assert not [gap for gap in found.gaps if gap.dimension == "sex"]


def test_an_unknown_figure_is_a_key_error():
    with pytest.raises(KeyError, match="rmse"):
        evaluate(predictions(), resamples=5).figure("rmse")


def test_figures_are_rows_and_the_undefined_is_empty(tmp_path: Path):
    nan = float("nan")
    figures = [
        Figure(metric="mae", subset="all", value=0.5, low=0.25, high=1 / 3, samples=9, people=3),
        Figure(metric="pcc", subset="sex=male", value=nan, low=nan, high=nan, samples=1, people=1),
    ]
    path = tmp_path / "results" / "figures.csv"
    write_figures(figures, path, data="synthetic residents")
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1:] == [
        ["mae", "all", "0.5000", "0.2500", "0.3333", "9", "3", "synthetic residents"],
        ["pcc", "sex=male", "", "", "", "1", "1", "synthetic residents"],
    ]
    assert rows[0] == [
        "metric",
        "subset",
        "value",
        "low_95",
        "high_95",
        "samples",
        "people",
        "data",
    ]


@pytest.mark.parametrize("people", [8, 20, 60])
def test_the_interval_of_the_calibration_error_holds_the_error(people: int):
    ece = evaluate(predictions(people=people, each=5), resamples=300).figure("ece")
    assert 0.0 <= ece.low <= ece.value <= ece.high


def test_nine_right_of_nine_is_no_certainty_and_no_gap():
    made = predictions(people=60, yaw_deg=np.full(600, np.nan), height_px=np.full(600, np.nan))
    few = np.isin(np.arange(600), np.arange(0, 81, 10))
    made = replace(
        made,
        truth=np.where(few, 0.0, made.truth),
        predicted=np.where(few, 0.0, made.predicted),
        ancestry=np.where(few, "rare", "common"),
    )
    found = evaluate(made, resamples=50)
    assert found.figure("accuracy", "ancestry=rare").value == 1.0
    assert np.isnan(found.figure("accuracy", "ancestry=rare").low)
    assert not [gap for gap in found.gaps if gap.dimension == "ancestry"]
