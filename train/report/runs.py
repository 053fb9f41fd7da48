"""A finished run's folder, read and judged."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pain.errors import DataError
from train.backbones import AnyBackbone, BackboneName, TimmName, backbone_of
from train.experiment.temporal import TemporalKind
from train.metrics import Evaluation, Predictions, Split, evaluate
from train.objectives.task import Task
from train.report.baseline import judged_without_looking

RECORD_NAME: Final = "run.json"
PREDICTIONS_NAME: Final = "predictions.parquet"
HISTORY_NAME: Final = "history.csv"

BACKBONE_WORDS: Final[Mapping[BackboneName, str]] = {
    BackboneName.LANDMARKS: "MediaPipe landmarks (FL)",
    BackboneName.LANDMARKS_BLENDSHAPES: "FL + blendshapes",
    BackboneName.MOBILENETV3_SMALL: "MobileNetV3-Small",
    BackboneName.MOBILENETV3_LARGE: "MobileNetV3-Large",
    BackboneName.FACENET: "FaceNet (512)",
    BackboneName.FACENET_128: "FaceNet (128)",
    BackboneName.DINOV2_S14: "DINOv2-S/14",
    BackboneName.DINOV2_L14: "DINOv2-L/14",
    BackboneName.FACE_MESH: "Face mesh network",
    BackboneName.FACE_MESH_BLENDSHAPES: "Face mesh network + blendshapes",
    BackboneName.FACE_MESH_LANDMARKS: "Face mesh network + FL + blendshapes",
}
"""In the order of the thesis's rows."""


def words_of(backbone: AnyBackbone) -> str:
    """Name of a backbone for people."""
    return f"timm {backbone.model}" if isinstance(backbone, TimmName) else BACKBONE_WORDS[backbone]


TEMPORAL_WORDS: Final[Mapping[str, str]] = {
    TemporalKind.GRU: "GRU over time",
    TemporalKind.TCN: "TCN over time",
    TemporalKind.PER_FRAME: "frame by frame",
}
"""Heads of clips; those of single faces need no word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """One row of a run's history."""

    fold: int
    number: int
    train_loss: float
    validation_loss: float


@dataclass(frozen=True, kw_only=True)
class Run:
    """One cross-validated run.

    Attributes:
        slug: name for files, unique in a report.
        name: of the run.
        backbone: what turned faces into features.
        loss: what was minimised.
        weights: ``official``, ``random`` or a path.
        plumbing_only: random weights that never learned.
        folds: number of them.
        facts: the whole of ``run.json``.
        predictions: of every face by the fold that did not train on it.
        history: losses by fold and epoch; empty where there is none.
    """

    slug: str
    name: str
    backbone: AnyBackbone
    loss: str
    weights: str
    plumbing_only: bool
    folds: int
    facts: Mapping[str, Any]
    predictions: Predictions
    history: tuple[Epoch, ...]

    @cached_property
    def evaluation(self) -> Evaluation:
        """All figures of merit with 95 % intervals by subject."""
        return evaluate(self.predictions)

    @cached_property
    def without_looking(self) -> Evaluation:
        """The same of one who never looks at a face."""
        return judged_without_looking(self.predictions)

    @property
    def task(self) -> Task:
        """What was asked."""
        return self.predictions.task

    @property
    def flatters(self) -> bool:
        """Whether people of the test were trained on."""
        return self.predictions.split is Split.IMAGE

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must stand beside every figure of this run."""
        said = []
        if self.plumbing_only:
            said.append("PLUMBING ONLY, random weights")
        if self.flatters:
            said.append("IMAGE-WISE SPLIT, flatters")
        return tuple(said)

    @property
    def network_words(self) -> str:
        """Name of the backbone, and the head over time where there is one."""
        name, over_time = words_of(self.backbone), self.facts.get("temporal")
        if over_time is None:
            return name
        return f"{name}, {TEMPORAL_WORDS.get(str(over_time), str(over_time))}"

    @property
    def backbone_words(self) -> str:
        """The network, and whose weights it started from where it has any."""
        name = self.network_words
        return name if self.backbone.sees_landmarks else f"{name} ({self.weights} weights)"

    @property
    def split_words(self) -> str:
        """What the folds keep apart."""
        return f"by {self.predictions.split}, {self.folds} folds"

    @property
    def data_words(self) -> str:
        """Whose faces, how many."""
        found = self.predictions
        faces = {"both": "synthetic and real"}.get(found.origin, str(found.origin))
        return f"{faces}: {len(found):,} faces of {found.people:,} people ({found.source})"

    @property
    def caption(self) -> str:
        """What every picture of this run must say."""
        marks = "".join(f" {warning.upper()}." for warning in self.warnings)
        return (
            f"Run {self.name}: {self.backbone_words}, {self.task} task, {self.loss} loss. "
            f"Split {self.split_words}. Faces {self.data_words}.{marks}"
        )


def read_runs(folders: Sequence[Path]) -> list[Run]:
    """Read several runs; the thesis's order of backbones, then by name.

    Raises:
        DataError: one cannot be read.
    """
    runs: list[Run] = []
    for folder in dict.fromkeys(path.resolve() for path in folders):
        runs.append(read_run(folder, taken={run.slug for run in runs}))
    order: list[AnyBackbone] = list(BackboneName)

    def place(backbone: AnyBackbone) -> tuple[int, str]:
        return (order.index(backbone) if backbone in order else len(order), backbone.value)

    return sorted(runs, key=lambda run: (*place(run.backbone), run.task, run.slug))


def read_run(folder: Path, *, taken: AbstractSet[str] = frozenset()) -> Run:
    """Read one run.

    Args:
        folder: as ``painwatch train crossval`` wrote it.
        taken: slugs that are in use.

    Raises:
        DataError: absent, damaged or not finished.
    """
    facts = _facts(folder / RECORD_NAME)
    predictions = Predictions.read(folder / PREDICTIONS_NAME)
    try:
        backbone = backbone_of(facts["backbone"])
        name, loss, weights = str(facts["name"]), str(facts["loss"]), str(facts["weights"])
        plumbing_only, folds = bool(facts["plumbing_only"]), int(facts["folds"])
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{folder / RECORD_NAME} is not of this version of painwatch ({error}); run it again"
        ) from error
    return Run(
        slug=_free_slug(name, taken),
        name=name,
        backbone=backbone,
        loss=loss,
        weights=weights,
        plumbing_only=plumbing_only,
        folds=folds,
        facts=facts,
        predictions=predictions,
        history=_history(folder / HISTORY_NAME),
    )


def _facts(path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(
            f"{path.parent} is no run: {path.name} is absent. Give folders that "
            "'painwatch train crossval' wrote."
        ) from error
    except (OSError, ValueError) as error:
        raise DataError(f"{path} is damaged: {error}") from error
    if not isinstance(facts, dict) or not facts.get("finished", True):
        raise DataError(f"{path.parent} is not finished; the same command goes on where it stopped")
    return facts


def _history(path: Path) -> tuple[Epoch, ...]:
    if not path.exists():
        return ()
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return tuple(
                Epoch(
                    fold=int(row["fold"]),
                    number=int(row["epoch"]),
                    train_loss=float(row["train_loss"]),
                    validation_loss=float(row["validation_loss"]),
                )
                for row in csv.DictReader(file)
            )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} is damaged: {error}") from error


def _free_slug(name: str, taken: AbstractSet[str]) -> str:
    plain = "".join(c if c.isalnum() or c in "-_." else "-" for c in name).strip("-.") or "run"
    number, slug = 2, plain
    while slug in taken:
        slug, number = f"{plain}-{number}", number + 1
    return slug
