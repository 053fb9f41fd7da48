"""Held-out figures of real graphs on planted sets: perfect, unfair, and trained on."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from export.cli import app
from export.evaluate import figures as names
from export.evaluate.figures import ALL, HARD, NO_PAIN, figures_of
from export.evaluate.held_out import HeldOut, open_held_out
from export.evaluate.readers import CONSTANT, TEXTBOOK, Reading
from export.evaluate.table import Judged
from export.evaluate.target import open_target
from pain.errors import BundleCorrupt, DataError, UsageError
from tests.train.protocol.toy import Toy, toy

BUNDLE = Path(__file__).parents[3] / "edge" / "bundles" / "landmarks-v1"


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    return toy(tmp_path_factory.mktemp("evaluate"), people=12, per_person=10, crops=True)


@pytest.fixture(scope="module")
def faces(known: Toy) -> HeldOut:
    return open_held_out(known.data, known.cache)


def judged(faces: HeldOut, level: np.ndarray) -> Judged:
    reading = Reading(reader="planted", sha256="", level=level)
    return Judged(reading=reading, faces=faces, figures=tuple(figures_of(reading, faces)))


def value(one: Judged, metric: str, subset: str) -> float:
    scored = one.find(metric, subset)
    assert scored is not None
    assert scored.estimate.low <= scored.estimate.value <= scored.estimate.high
    return scored.estimate.value


def test_who_says_the_truth_errs_never_and_ranks_all(faces: HeldOut) -> None:
    perfect = judged(faces, faces.cohort.tracked.levels.astype(np.float64))
    assert value(perfect, names.LEVEL_MAE, ALL) == 0.0
    assert value(perfect, names.LEVEL_PCC, ALL) == pytest.approx(1.0)
    for metric in (names.AUROC_MODERATE, names.AUROC_ANY):
        for subset in (HARD, NO_PAIN):
            assert value(perfect, metric, subset) == 1.0
    assert value(perfect, names.ABOVE_MODERATE, HARD) == 0.0


def test_hard_negatives_called_pain_are_counted(faces: HeldOut) -> None:
    truth = faces.cohort.tracked.levels.astype(np.float64)
    other = np.array([sample.kind == "other" for sample in faces.cohort.tracked.samples])
    alarmed = judged(faces, np.where(other, 6.0, truth))
    assert value(alarmed, names.ABOVE_SEVERE, HARD) == 1.0
    assert value(alarmed, names.AUROC_MODERATE, HARD) < 0.1
    assert value(alarmed, names.AUROC_MODERATE, NO_PAIN) == 1.0


def test_the_group_that_is_read_worse_is_found_and_named(faces: HeldOut) -> None:
    truth = faces.cohort.tracked.levels.astype(np.float64)
    women = np.array([s.demographics.sex == "female" for s in faces.cohort.tracked.samples])
    unfair = judged(faces, truth + np.where(women, np.where(truth > 3.0, -1.0, 1.0), 0.0))
    assert value(unfair, names.GROUP_MAE, "sex female") == pytest.approx(1.0)
    worst = unfair.worst(names.GROUP_GAP)
    assert worst is not None
    assert worst.subset == "worst: sex: female against male"
    assert worst.estimate.value == pytest.approx(1.0)


def test_faces_of_unknown_level_take_no_part(faces: HeldOut, known: Toy) -> None:
    index = known.data / "labels.csv"
    text = index.read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))
    column = rows[0].index("level")
    rows[1][column] = ""
    try:
        index.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
        fewer = open_held_out(known.data, known.cache)
    finally:
        index.write_text(text, encoding="utf-8")
    assert len(fewer) == len(faces) - 1
    (batch,) = list(fewer.batches(["blendshapes"], size=1000))
    np.testing.assert_array_equal(batch["blendshapes"], faces.cohort.tracked.blendshapes[1:])


@pytest.mark.slow
def test_the_command_writes_rows_a_page_and_pictures(known: Toy, tmp_path: Path) -> None:
    arguments = ["evaluate", str(BUNDLE), *known.places, "--out", str(tmp_path)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "were not compared" in result.output
    with (tmp_path / "evaluation.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    own = open_target(str(BUNDLE))
    assert {row["bundle"] for row in rows} == {own.name, TEXTBOOK, CONSTANT}
    assert {row["sha256"] for row in rows} == {own.bundle.bundle_sha256, ""}
    assert {row["origin"] for row in rows} == {"synthetic"}
    assert all(row["commit"] and row["device"] for row in rows)
    assert {row["metric"] for row in rows if row["bundle"] == CONSTANT} == {
        names.LEVEL_MAE,
        names.GROUP_MAE,
        names.GROUP_GAP,
    }
    page = (tmp_path / "evaluation.md").read_text(encoding="utf-8")
    assert "synthetic faces of 12 people" in page
    assert "worst gap of level MAE between groups" in page
    assert len(list(tmp_path.glob("*.png"))) == 3


def test_people_who_were_trained_on_are_refused(known: Toy, tmp_path: Path) -> None:
    trained = toy(tmp_path / "trained", people=3, seed=5)
    arguments = ["evaluate", str(BUNDLE), *known.places, "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, [*arguments, "--trained-on", str(trained.data)])
    assert isinstance(result.exception, DataError)
    assert "3 of 12 people" in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_people_of_another_town_are_others(known: Toy, tmp_path: Path) -> None:
    trained = toy(tmp_path / "trained", people=3, seed=5, town="elsewhere-")
    arguments = ["evaluate", str(BUNDLE), *known.places, "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, [*arguments, "--trained-on", str(trained.data)])
    assert result.exit_code == 0, result.output
    page = (tmp_path / "out" / "evaluation.md").read_text(encoding="utf-8")
    assert "Nobody of the test is in a set of the training: data." in page


def test_a_set_that_the_manifest_names_is_refused(faces: HeldOut) -> None:
    from export.evaluate.people import refuse_named_set

    target = open_target(str(BUNDLE))
    dataset = faces.cohort.tracked.dataset
    for data, refused in (
        (f"{dataset.name}: 10 faces", True),
        (f"{dataset.name}0: 10 faces", False),
    ):
        training = target.bundle.training.model_copy(update={"data": data})
        named = replace(target, bundle=target.bundle.model_copy(update={"training": training}))
        if refused:
            with pytest.raises(DataError, match="learnt from"):
                refuse_named_set(dataset, [named])
        else:
            refuse_named_set(dataset, [named])


def test_a_precision_that_is_not_there_is_named() -> None:
    with pytest.raises(BundleCorrupt, match="no graph of precision int8; it has fp32"):
        open_target(f"{BUNDLE}:int8")


def test_every_set_needs_its_cache(known: Toy, tmp_path: Path) -> None:
    arguments = ["evaluate", str(BUNDLE), *known.places, "--data", str(known.data)]
    result = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path)])
    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2
