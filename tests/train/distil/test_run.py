"""Teachers and students, from tracked faces to figures."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pain.errors import AssetError, ConfigError, DataError
from tests.train.distil.conftest import plan
from tests.train.explain.checkpoints import TEMPERED, write_checkpoint
from tests.train.protocol.toy import Toy
from train.distil.checkpoint import load_student
from train.distil.faces import Faces, load_faces
from train.distil.network import Readable
from train.distil.prepare import split_people
from train.distil.run import Outcome, distil
from train.distil.schema import Distillation
from train.distil.teacher import ask, open_teacher
from train.distil.watcher import Watcher
from train.preprocess.flip import MIRRORED_BLENDSHAPES
from train.preprocess.mirror import mirror_order
from train.protocol import calibrate as fitted
from train.protocol.calibrate import classes_of, fit_temperature

CPU = torch.device("cpu")


def faces(made: Toy, *, to_learn: bool = True) -> Faces:
    return load_faces([made.data], cache=made.cache, to_learn=to_learn)


def run(made: Toy, others: Toy, out: Path, asked: Distillation, watcher: Watcher | None = None):
    return distil(
        asked,
        faces(made),
        [faces(others, to_learn=False)],
        out,
        cache=made.cache,
        device=CPU,
        command="painwatch train distil",
        watcher=watcher or Watcher(),
    )


@pytest.fixture(scope="module")
def teacher(
    landmark_set: Toy, other_people: Toy, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Outcome]:
    folder = tmp_path_factory.mktemp("teacher")
    return folder, run(landmark_set, other_people, folder, plan(name="teacher"))


def test_a_first_teacher_learns_from_labels_and_is_judged_on_other_people(
    teacher: tuple[Path, Outcome],
):
    folder, outcome = teacher
    (own,) = outcome.compared
    correlation = own.judgement.metric("level_pcc")
    assert correlation is not None
    assert correlation.value > 0.8
    assert "48 synthetic faces of 6 people" in own.judgement.on
    assert load_student(folder).metrics == own.judgement.metrics
    rows = list(csv.DictReader((folder / "history.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["number"] for row in rows] == [str(number) for number in range(1, 13)]


def test_a_student_without_labels_learns_what_its_teacher_says(
    teacher: tuple[Path, Outcome], landmark_set: Toy, other_people: Toy, tmp_path: Path
):
    untold = {"level": 0.0, "pspi": 0.0, "units": 0.0}
    asked = plan(name="pupil", teachers=[str(teacher[0])], truth=untold)
    own, teachers = run(landmark_set, other_people, tmp_path, asked).compared
    assert teachers.judgement.reader == "teacher"
    assert teachers.agreement is None
    assert own.agreement is not None
    assert own.agreement.correlation > 0.9
    ignorant = plan(name="idle", truth=untold, learning={"epochs": 1, "batch_size": 16})
    (idle,) = run(landmark_set, other_people, tmp_path / "idle", ignorant).compared
    mae = [one.judgement.metric("level_mae") for one in (own, idle)]
    assert mae[0] is not None
    assert mae[1] is not None
    assert mae[0].value < mae[1].value
    written = (tmp_path / "figures.csv").read_text(encoding="utf-8")
    assert "teacher_same_level" in written
    assert "pupil,level_mae" in written


def test_a_picture_network_learns_and_may_follow_features(
    teacher: tuple[Path, Outcome], landmark_set: Toy, other_people: Toy, tmp_path: Path
):
    asked = plan(
        name="pictures",
        student={"backbone": "mobilenetv3_small", "weights": "random", "input_px": 64},
        teachers=[str(teacher[0])],
        teaching={"features": 1.0},
        learning={"epochs": 2, "batch_size": 32},
    )
    student = run(landmark_set, other_people, tmp_path, asked).student
    assert student.inputs == ("face",)
    picture = torch.zeros(1, 256, 256, 3, dtype=torch.uint8)
    assert torch.isfinite(load_student(tmp_path).module(picture).level).all()


def test_several_teachers_are_asked_once_and_their_mean_counts(
    teacher: tuple[Path, Outcome], landmark_set: Toy, tmp_path: Path
):
    other = open_teacher(write_checkpoint(tmp_path / "fit", "landmarks"))
    first = open_teacher(teacher[0])
    known = faces(landmark_set)
    rows = np.arange(5, dtype=np.intp)
    cache = tmp_path / "cache"
    apart = [ask([one], known, rows, cache=cache, features=False) for one in (first, other)]
    calls: list[int] = []

    def counted(*inputs: torch.Tensor):
        calls.append(len(inputs[0]))
        raise AssertionError("asked again")

    forgetful = [
        type(one)(**{**{k: getattr(one, k) for k in one.__slots__}, "module": counted})
        for one in (first, other)
    ]
    both = ask(forgetful, known, rows, cache=cache, features=False)
    mean = 0.5 * (apart[0].probabilities + apart[1].probabilities)
    torch.testing.assert_close(both.probabilities, mean)
    # A network of level alone says nothing of AUs, and does not dilute who does.
    assert torch.isnan(apart[1].units).all()
    torch.testing.assert_close(both.units, apart[0].units)
    with pytest.raises(ConfigError, match="features"):
        ask([first, other], known, rows, cache=cache, features=True)


def test_a_teacher_teaches_the_level_that_it_would_ship(landmark_set: Toy, tmp_path: Path):
    moving = fitted.Calibration(temperature=1.5, thresholds=(1.0, 1.4, 1.8, 2.2, 2.6, 3.0))
    known, rows = faces(landmark_set), np.arange(5, dtype=np.intp)
    said = [
        ask(
            [open_teacher(write_checkpoint(tmp_path / name, "landmarks", calibration=calibration))],
            known,
            rows,
            cache=tmp_path / "cache",
            features=False,
        )
        for name, calibration in (("plain", TEMPERED), ("moved", moving))
    ]
    torch.testing.assert_close(said[0].probabilities, said[1].probabilities)
    torch.testing.assert_close(said[0].level, fitted.mean_class(said[0].probabilities))
    assert bool(((said[1].level - said[0].level).abs() > 0.3).all())


def test_a_binary_teacher_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match="levels"):
        open_teacher(write_checkpoint(tmp_path, "landmarks", task="binary"))


def test_nobody_is_learnt_from_and_tested_on(landmark_set: Toy, tmp_path: Path):
    with pytest.raises(DataError, match="also in the training sets"):
        run(landmark_set, landmark_set, tmp_path, plan())


def test_people_kept_aside_for_the_temperature_teach_nothing(landmark_set: Toy):
    known = faces(landmark_set)
    known.levels[::3] = np.nan
    learnt, aside = split_people(known, plan())
    assert not set(known.subjects[learnt]) & set(known.subjects[aside])
    assert np.isfinite(known.levels[aside]).all()
    assert np.isnan(known.levels[learnt]).any()
    known.levels[:] = faces(landmark_set).levels


def test_who_is_kept_aside_stays_aside_whatever_joins_and_whichever_seed(
    landmark_set: Toy, other_people: Toy
):
    def aside(folders: list[Path], **changes: object) -> set[str]:
        known = load_faces(folders, cache=landmark_set.cache, to_learn=True)
        return set(known.subjects[split_people(known, plan(**changes))[1]].tolist())

    few = aside([landmark_set.data])
    assert few
    assert few <= aside([landmark_set.data, other_people.data], seed=7)
    assert few <= aside([landmark_set.data], validation=0.5)
    with pytest.raises(DataError, match="too few"):
        aside([landmark_set.data], validation=1e-9)


def test_a_set_made_for_tests_is_not_learnt_from(
    landmark_set: Toy, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("train.distil.faces.FOR_TESTS_ALONE", faces(landmark_set).sets[0])
    with pytest.raises(DataError, match="--test instead of --data"):
        faces(landmark_set)
    assert len(faces(landmark_set, to_learn=False)) == 112


def test_ctrl_c_keeps_the_average_of_the_rounds_so_far(
    landmark_set: Toy, other_people: Toy, tmp_path: Path
):
    def stop(done: int, _total: int) -> None:
        if done == 12:
            raise KeyboardInterrupt

    notes: list[str] = []
    watcher = Watcher(on_step=stop, on_note=notes.append)
    outcome = run(landmark_set, other_people, tmp_path, plan(), watcher)
    assert not outcome.student.finished
    assert not load_student(tmp_path).finished
    assert "Ctrl-C" in notes[0]


def test_a_loss_that_is_not_finite_is_told_with_its_key(
    landmark_set: Toy, other_people: Toy, tmp_path: Path
):
    wild = {"epochs": 5, "lr": 1.0, "batch_size": 16}
    asked = plan(learning=wild)
    known = faces(landmark_set)
    known.blendshapes[split_people(known, asked)[0][3], 7] = np.nan
    with pytest.raises(ConfigError, match="not finite") as caught:
        distil(
            asked,
            known,
            [],
            tmp_path,
            cache=landmark_set.cache,
            device=CPU,
            command="",
            watcher=Watcher(),
        )
    assert caught.value.key == "learning.lr"


def test_the_same_seed_gives_the_same_student(landmark_set: Toy, tmp_path: Path):
    short = plan(learning={"epochs": 2, "batch_size": 16})
    for name in ("a", "b"):
        distil(
            short,
            faces(landmark_set),
            [],
            tmp_path / name,
            cache=landmark_set.cache,
            device=CPU,
            command="",
            watcher=Watcher(),
        )
    first, second = (load_student(tmp_path / name).network.state_dict() for name in ("a", "b"))
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_a_student_goes_on_from_an_earlier_one(
    teacher: tuple[Path, Outcome], landmark_set: Toy, other_people: Toy, tmp_path: Path
):
    barely = {"epochs": 1, "lr": 1e-6, "batch_size": 64}
    asked = plan(name="later", start=str(teacher[0]), learning=barely)
    outcome = run(landmark_set, other_people, tmp_path / "later", asked)
    (own,), (first,) = outcome.compared, teacher[1].compared
    now, before = (one.judgement.metric("level_mae") for one in (own, first))
    assert now is not None
    assert before is not None
    assert now.value == pytest.approx(before.value, abs=0.1)
    assert outcome.student.training.backbone.endswith("start: weights of teacher")
    other = {"backbone": "landmarks_blendshapes", "weights": "random", "hidden": [7]}
    with pytest.raises(AssetError, match="do not fit"):
        run(landmark_set, other_people, tmp_path / "x", plan(start=str(teacher[0]), student=other))


@pytest.mark.parametrize("batch", [128, 45, 30, 23, 18])
def test_the_shortest_trainings_end_too(landmark_set: Toy, tmp_path: Path, batch: int):
    """PyTorch's one cycle divides by zero when it rises for one step."""
    asked = plan(learning={"epochs": 1, "batch_size": batch})
    distil(
        asked,
        faces(landmark_set),
        [],
        tmp_path,
        cache=landmark_set.cache,
        device=CPU,
        command="",
        watcher=Watcher(),
    )
    assert load_student(tmp_path).finished


def test_a_face_and_its_mirror_image_are_taught_the_same(
    teacher: tuple[Path, Outcome], landmark_set: Toy, tmp_path: Path
):
    known = faces(landmark_set)
    order = mirror_order(known.landmarks.mean(axis=0, dtype=np.float64))
    reversed_faces = replace(
        known,
        landmarks=(known.landmarks[:, order] * np.array([-1.0, 1.0, 1.0], np.float32)),
        blendshapes=known.blendshapes[:, list(MIRRORED_BLENDSHAPES)],
    )
    rows = np.arange(20, dtype=np.intp)
    one = open_teacher(teacher[0])
    said, mirrored = (
        ask([one], shown, rows, cache=tmp_path / name, features=True)
        for name, shown in (("plain", known), ("mirrored", reversed_faces))
    )
    for ours, theirs in ((said.probabilities, mirrored.probabilities), (said.pspi, mirrored.pspi)):
        torch.testing.assert_close(ours, theirs, atol=1e-3, rtol=0)
    assert said.features is not None
    assert mirrored.features is not None
    torch.testing.assert_close(said.features, mirrored.features, atol=1e-3, rtol=0)
    # The network alone reads the two sides differently, so the mean is what makes them equal.
    plain = one.module(*known.batch(one.inputs, rows))
    assert not torch.allclose(plain.probabilities, said.probabilities, atol=1e-3)


def test_following_features_changes_what_is_learnt(
    teacher: tuple[Path, Outcome], landmark_set: Toy, tmp_path: Path
):
    short = {"epochs": 2, "batch_size": 16}
    section = {
        "backbone": "mobilenetv3_small",
        "weights": "random",
        "input_px": 64,
        "hidden": [8],
    }
    states = []
    for weight in (1e-9, 5.0):
        asked = plan(
            student=section,
            teachers=[str(teacher[0])],
            teaching={"features": weight},
            learning=short,
        )
        out = tmp_path / str(weight)
        cache = landmark_set.cache
        distil(
            asked,
            faces(landmark_set),
            [],
            out,
            cache=cache,
            device=CPU,
            command="",
            watcher=Watcher(),
        )
        states.append(load_student(out).network.backbone.state_dict())
    first = next(key for key in states[0] if key.endswith("conv_stem.weight"))
    assert not torch.allclose(states[0][first], states[1][first], atol=1e-4)


def test_the_temperature_is_the_one_of_people_kept_aside(
    teacher: tuple[Path, Outcome], landmark_set: Toy
):
    student = teacher[1].student
    known = faces(landmark_set)
    _, aside = split_people(known, student.plan)
    raw = student.network(*known.batch(student.inputs, aside)).detach()
    plain = Readable(student.network, temperature=1.0).read(raw).probabilities.double().numpy()
    found = fit_temperature(plain, classes_of(known.levels[aside], binary=False))
    assert student.calibration.temperature == pytest.approx(found, rel=1e-3)
    assert student.module.calibration.temperature == student.calibration.temperature
    assert found != pytest.approx(1.0, abs=0.02)
