"""A whole distillation: faces and teachers in, a judged student out."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from lightning_fabric import Fabric
from torch import Tensor

from pain.bundle import Calibration, Training
from pain.errors import AssetError
from pain.provenance import provenance
from pain.scales import LEVEL_COUNT
from train.augment.pixels import PixelRange
from train.augment.vary import Augment
from train.backbones import Trainable
from train.backbones.weights import WeightSource
from train.data.pictures import content_hash
from train.distil.at_rest import features_at_rest
from train.distil.checkpoint import Student, library_versions, load_student, save_student
from train.distil.compare import Compared, compare, write_compared
from train.distil.faces import Faces, Floats, Rows, refuse_shared_people
from train.distil.learn import Lessons, Round, learn, read_all
from train.distil.network import Readable, StudentNet, build_student
from train.distil.prepare import features_of, labels_of, prepare, split_people, start_at
from train.distil.ridge import fit_ridge
from train.distil.schema import Distillation
from train.distil.teacher import Teacher, as_teacher, ask, open_teacher
from train.distil.watcher import Watcher
from train.experiment.schema import EngineSection
from train.loop.epoch import TrainingInterrupted
from train.loop.resume import Resume
from train.preprocess.mirror import mirror_order
from train.protocol.calibrate import (
    UNCALIBRATED,
    classes_of,
    fit_level_temperature,
    fit_temperature,
)
from train.protocol.engine import start_engine
from train.protocol.run import RESUME_FOLDER
from train.track.tracked import UNITS

HISTORY_FILE: Final = "history.csv"
FIGURES_FILE: Final = "figures.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a distillation.

    Attributes:
        student: as it was saved.
        compared: the student, then its teachers, on each test set.
    """

    student: Student
    compared: tuple[Compared, ...]


def distil(
    plan: Distillation,
    training: Faces,
    tests: Sequence[Faces],
    out: Path,
    *,
    cache: Path,
    device: torch.device,
    command: str,
    watcher: Watcher,
) -> Outcome:
    """Train a student, judge it beside its teachers, and keep it.

    Args:
        plan: how.
        training: faces to learn from.
        tests: faces of other people.
        out: folder of the checkpoint, its history and figures; an older one is replaced.
        cache: the tracker's; the teachers' answers are kept there too.
        device: where to train.
        command: what makes this student again, for the model card.
        watcher: told how it gets on.

    Raises:
        DataError: a test shares people with the training, or there are too few people.
        AssetError: weights or teachers cannot be had.
        ConfigError: the plan cannot be carried out.
    """
    for test in tests:
        refuse_shared_people(training, test)
    if plan.threads is not None:
        torch.set_num_threads(plan.threads)
    teachers = [open_teacher(folder) for folder in plan.teachers]
    rows, aside = split_people(training, plan)
    network = _beginner(plan)
    out.mkdir(parents=True, exist_ok=True)
    finished = True
    resume = Resume(folder=out / RESUME_FOLDER, mark=_mark(plan, training, rows))
    kept_aside = prepare(network, training, aside)
    levels = training.levels[aside]
    if plan.ridge is not None:
        _fit_ridge(network, training, rows, plan, cache=cache, device=device, watcher=watcher)
    else:
        finished = _learn(
            network, training, rows, teachers,
            plan=plan, out=out, cache=cache, device=device, watcher=watcher, resume=resume,
            validate=lambda current: _mae(current, kept_aside, levels, device),
        )  # fmt: skip
    temperature = _temperature(network, kept_aside, levels, laid=plan.ridge is not None)
    student = Student(
        name=plan.name,
        module=Readable(network, temperature=temperature).eval(),
        plan=plan,
        training=_card(plan, training, len(rows), teachers, command),
        calibration=Calibration(temperature=temperature),
        metrics=(),
        libraries=library_versions(),
        finished=finished,
    )
    # Before the judging: an interruption there must not cost the training.
    save_student(student, out)
    if finished:
        resume.forget()
    compared = compare(as_teacher(student), teachers, tests)
    own = [one.judgement.metrics for one in compared[:: 1 + len(teachers)]]
    student = replace(student, metrics=tuple(metric for metrics in own for metric in metrics))
    save_student(student, out)
    write_compared(compared, out / FIGURES_FILE, stamp=provenance())
    return Outcome(student=student, compared=tuple(compared))


def _learn(
    network: StudentNet,
    training: Faces,
    rows: Rows,
    teachers: Sequence[Teacher],
    *,
    plan: Distillation,
    out: Path,
    cache: Path,
    device: torch.device,
    watcher: Watcher,
    resume: Resume,
    validate: Callable[[StudentNet], float],
) -> bool:
    """Learn round by round; False when Ctrl-C ended it early."""
    lessons = _lessons(network, training, rows, teachers, plan=plan, cache=cache, watcher=watcher)
    with _history(out / HISTORY_FILE) as note:

        def on_round(each: Round) -> None:
            note(each)
            watcher.on_round(each)

        try:
            learn(
                network,
                lessons,
                validate=validate,
                plan=plan,
                augment=_augment(network, training, rows, plan),
                fabric=_engine(device, plan),
                resume=resume,
                on_step=watcher.on_step,
                on_round=on_round,
            )
        except TrainingInterrupted:
            watcher.on_note("ended by Ctrl-C; the average of the weights so far is kept")
            return False
    return True


def _fit_ridge(
    network: StudentNet,
    training: Faces,
    rows: Rows,
    plan: Distillation,
    *,
    cache: Path,
    device: torch.device,
    watcher: Watcher,
) -> None:
    """A linear head in closed form on features that are computed once."""
    assert plan.ridge is not None  # noqa: S101
    choice = fit_ridge(
        network.head,
        features_at_rest(
            network,
            training,
            rows,
            cache=cache,
            device=device,
            order=_mirror(network, training, rows),
            on_done=watcher.on_prepared,
        ),
        labels_of(training, rows),
        training.subjects[rows],
        plan.ridge,
        blocks=network.backbone.blocks,
        textbook=network.backbone.textbook,
        samples=[training.samples[row] for row in rows.tolist()],
        on_fold=watcher.on_step,
    )
    names = ("level", "PSPI", "pain", *(unit.value for unit in UNITS))
    told = ", ".join(f"{name} {p:g}" for name, p in zip(names, choice.penalties, strict=True))
    watcher.on_note(f"penalties {told}; level on people not fitted: r {choice.correlation:.2f}")


def _beginner(plan: Distillation) -> StudentNet:
    """The student before its first lesson."""
    if plan.start is None:
        return build_student(plan.student, parts=plan.parts, seed=plan.seed)
    network = build_student(plan.student, seed=plan.seed, weights=WeightSource.RANDOM)
    try:
        network.load_state_dict(load_student(plan.start).network.state_dict())
    except RuntimeError as error:
        raise AssetError(
            f"{plan.start} is of another backbone or has other layers than student says, so its "
            "weights do not fit"
        ) from error
    return network


def _lessons(
    network: StudentNet,
    training: Faces,
    rows: Rows,
    teachers: Sequence[Teacher],
    *,
    plan: Distillation,
    cache: Path,
    watcher: Watcher,
) -> Lessons:
    """What is learnt from; the head is fitted to it and starts at what is common."""
    taught = None
    if teachers:
        wanted = plan.teaching.features > 0.0
        taught = ask(
            teachers, training, rows, cache=cache, features=wanted, on_done=watcher.on_answer
        )
    labels = labels_of(training, rows)
    prepared = prepare(network, training, rows, on_done=watcher.on_prepared)
    if plan.start is None:
        if plan.student.backbone.sees_landmarks or plan.student.trainable is Trainable.FROZEN:
            network.head.standardise.fit(features_of(network, prepared))
        start_at(network, labels)
    return Lessons(prepared=prepared, labels=labels, taught=taught)


def _augment(network: StudentNet, training: Faces, rows: Rows, plan: Distillation) -> Augment:
    mirror = _mirror(network, training, rows)
    return Augment(
        plan.augment,
        inputs=network.inputs,
        flip=plan.augment.flip,
        mirror=mirror,
        pixels=PixelRange.of(network.backbone),
        seed=plan.seed,
    )


def _engine(device: torch.device, plan: Distillation) -> Fabric:
    """The one device that trains."""
    chosen = f"{device.index}," if device.type == "cuda" and device.index else 1
    return start_engine(
        EngineSection(accelerator=device.type, devices=chosen, precision=plan.precision)
    )


def _mark(plan: Distillation, training: Faces, rows: Rows) -> str:
    """Names everything that decides what is learnt, threads and precision aside."""
    asked = plan.model_dump_json(exclude={"threads", "precision"})
    digest = hashlib.sha256(asked.encode())
    for folder in (*plan.teachers, *filter(None, [plan.start])):
        files = sorted(folder.glob("*.safetensors"))
        digest.update("".join(content_hash(file) for file in files).encode())
    for sample in training.samples:
        digest.update(f"{sample.source}/{sample.id}\n".encode())
    known = (training.levels, training.pspi, training.units)
    for values in (rows, *known, training.landmarks, training.blendshapes):
        digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()


def _mirror(network: StudentNet, training: Faces, rows: Rows) -> npt.NDArray[np.intp] | None:
    """Counterpart of each landmark; None where no landmarks are taken."""
    if "landmarks" not in network.inputs:
        return None
    return mirror_order(training.landmarks[rows].mean(axis=0, dtype=np.float64))


def _mae(
    network: StudentNet, prepared: tuple[Tensor, ...], levels: Floats, device: torch.device
) -> float:
    raw = read_all(network, prepared, device=device)
    said = UNCALIBRATED.read_logits(raw[:, :LEVEL_COUNT]).level.numpy()
    return float(np.abs(said - levels).mean())


def _temperature(
    network: StudentNet, prepared: tuple[Tensor, ...], levels: Floats, *, laid: bool
) -> float:
    """The temperature of the classes, or of the level where logits were laid about it."""
    raw = read_all(network, prepared, device=torch.device("cpu"))
    if laid:
        logits = raw[:, :LEVEL_COUNT].double().numpy()
        return fit_level_temperature(logits, levels.astype(np.float64))
    said = Readable(network, temperature=1.0).read(raw).probabilities.double().numpy()
    return fit_temperature(said, classes_of(levels, binary=False))


def _card(
    plan: Distillation, training: Faces, learnt: int, teachers: Sequence[Teacher], command: str
) -> Training:
    """How the weights came to be, for the model card."""
    origins = " and ".join(sorted({sample.origin.value for sample in training.samples}))
    people = len(set(training.subjects.tolist()))
    student = plan.student
    size = f" at {student.input_px} px" if student.input_px else ""
    if plan.ridge is not None:
        taught = "labels: ridge regression of level, PSPI and AUs on features at rest"
        if plan.ridge.contrast is not None:
            taught += "; pain against each other expression, multinomial logistic regression"
    elif teachers:
        taught = "labels, and soft targets of " + ", ".join(teacher.name for teacher in teachers)
    else:
        taught = "labels: cross-entropy of level, smooth L1 of level, PSPI and AUs"
    return Training(
        data=(
            f"{origins} faces of {', '.join(training.sets)}: {len(training)} tracked faces of "
            f"{people} people"
        ),
        data_licence="; ".join(sorted(set(training.licences))),
        split_protocol=(
            f"by person: {learnt} faces teach the weights, {plan.validation:.0%} of the people fit "
            "the temperature, the figures are of further people"
        ),
        task="level 0..6, PSPI 0..16 and AU intensities 0..5 of one frame",
        loss=taught,
        backbone=f"{student.backbone.value}{size}, start: {_start_name(plan)}",
        command=command,
    )


def _start_name(plan: Distillation) -> str:
    if plan.start is None:
        return f"{plan.student.weights} weights"
    return f"weights of {load_student(plan.start).name}"


@contextmanager
def _history(path: Path) -> Iterator[Callable[[Round], None]]:
    """A CSV file with a row per round, readable while the training runs."""
    names = [field.name for field in fields(Round)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)

        def note(each: Round) -> None:
            writer.writerow(f"{getattr(each, name):.6g}" for name in names)
            file.flush()

        yield note
