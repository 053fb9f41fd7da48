"""A run's folder: what was asked, what came out, and what an interrupted run may go on from."""

from __future__ import annotations

import csv
import hashlib
import json
import resource
import sys
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from pain.errors import DataError
from pain.provenance import commit
from train.data.pictures import content_hash
from train.experiment.load import dump_experiment
from train.experiment.schema import Experiment, OptimiserSection
from train.features.examples import Examples
from train.loop.epoch import Epoch
from train.protocol.checkpoint import library_versions
from train.protocol.fold import Scores
from train.protocol.network import loss_name
from train.protocol.start import start_files

RECORD_FILE: Final = "run.json"
CONFIG_FILE: Final = "config.yaml"
HISTORY_FILE: Final = "history.csv"
PREDICTIONS_FILE: Final = "predictions.parquet"
SCORES_FILE: Final = "scores.npz"
FOLD_FILE: Final = "fold.json"
CHECKPOINT_FOLDER: Final = "checkpoint"
RESUME_FOLDER: Final = "resume"
HISTORY_COLUMNS: Final = ("fold", "epoch", "train_loss", "validation_loss", "learning_rate")

_KIB_PER_MIB: Final = 1024
_LATER: Final = ("temporal", "augment", "start")
"""Sections that experiments of earlier runs had not."""

_LATER_OF_THE_BACKBONE: Final = ("taps", "input_px")
_LATER_OF_THE_OPTIMISER: Final = (
    *("backbone_lr", "schedule", "warm_up", "clip", "average", "min_epochs"),
)
"""Keys of their sections that they had not."""

_NOT_OF_THE_RESULT: Final = {"name", "engine", "logging", "data"}
"""Keys that say where a run works, not what comes out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldRecord:
    """What is kept of a finished fold beside its checkpoint.

    Attributes:
        number: from 0.
        best_epoch: whose weights were kept.
        epochs: rounds over the data.
        validation_loss: of the kept epoch.
        duration_s: time it took.
        notes: what could not be done as asked.
    """

    number: int
    best_epoch: int
    epochs: int
    validation_loss: float
    duration_s: float
    notes: tuple[str, ...] = ()


class RunFolder:
    """One run's folder.

    Args:
        path: made when absent.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, experiment: Experiment, examples: Examples, started: datetime) -> None:
        """Start, or go on with, a run.

        Rows of the history that belong to unfinished folds are dropped.

        Raises:
            DataError: the folder holds another experiment, or the same on other data.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        mark = fingerprint(experiment, examples)
        record = self._record()
        if record is None and any(self.path.glob("fold-*")):
            raise DataError(f"{self.path} holds folds but no {RECORD_FILE}; name another --out")
        if record is not None and record.get("fingerprint") != mark:
            raise DataError(
                f"{self.path} holds a run of another experiment or of other data. Name another "
                "--out or delete it; an interrupted run goes on only under the same settings."
            )
        (self.path / CONFIG_FILE).write_text(dump_experiment(experiment), encoding="utf-8")
        if record is None:
            self._write_record(
                {"finished": False, "fingerprint": mark, "started": started.isoformat()}
            )
        self._keep_history_of({number for number in self._numbers() if self.is_done(number)})

    def fold(self, number: int) -> Path:
        """Folder of one fold."""
        return self.path / f"fold-{number}"

    def checkpoint(self, number: int) -> Path:
        """Folder of one fold's checkpoint."""
        return self.fold(number) / CHECKPOINT_FOLDER

    def is_done(self, number: int) -> bool:
        """Whether a fold is finished."""
        return (self.fold(number) / FOLD_FILE).exists()

    def finish_fold(self, record: FoldRecord, scores: Scores) -> None:
        """Keep a fold's scores; it is finished when this returns."""
        folder = self.fold(record.number)
        np.savez(
            folder / SCORES_FILE,
            probabilities=scores.probabilities,
            level=scores.level,
            raw_level=scores.raw_level,
        )
        described = {name: getattr(record, name) for name in FoldRecord.__dataclass_fields__}
        _write_whole(folder / FOLD_FILE, json.dumps(described, indent=2) + "\n")

    def read_fold(self, number: int) -> tuple[FoldRecord, Scores]:
        """What a finished fold left.

        Raises:
            DataError: it is damaged.
        """
        folder = self.fold(number)
        try:
            described = json.loads((folder / FOLD_FILE).read_text(encoding="utf-8"))
            record = FoldRecord(**{**described, "notes": tuple(described["notes"])})
            with (folder / SCORES_FILE).open("rb") as raw, np.load(raw, allow_pickle=False) as kept:
                scores = Scores(
                    probabilities=kept["probabilities"],
                    level=kept["level"],
                    raw_level=kept["raw_level"],
                )
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise DataError(
                f"{folder} is damaged ({error}); delete it and run again, the other folds stay"
            ) from error
        return record, scores

    def add_epoch(self, fold: int, epoch: Epoch) -> None:
        """Append one row to the history."""
        path = self.path / HISTORY_FILE
        new = not path.exists()
        with path.open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            if new:
                writer.writerow(HISTORY_COLUMNS)
            losses = (f"{epoch.train_loss:.6g}", f"{epoch.validation_loss:.6g}")
            writer.writerow((fold, epoch.number, *losses, f"{epoch.learning_rate:.6g}"))

    def finish(self, described: dict[str, Any]) -> None:
        """Complete ``run.json``."""
        self._write_record({**(self._record() or {}), **described, "finished": True})

    def _write_record(self, record: dict[str, Any]) -> None:
        _write_whole(self.path / RECORD_FILE, json.dumps(record, indent=2) + "\n")

    def _record(self) -> dict[str, Any] | None:
        path = self.path / RECORD_FILE
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise DataError(
                f"{path} is damaged: {error}. Delete it, or name another --out."
            ) from error
        return record if isinstance(record, dict) else {}

    def _numbers(self) -> list[int]:
        return [int(path.name.removeprefix("fold-")) for path in self.path.glob("fold-*")]

    def _keep_history_of(self, done: set[int]) -> None:
        path = self.path / HISTORY_FILE
        if not path.exists():
            return
        head, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [row for row in rows if row.split(",")[0] in {str(number) for number in done}]
        _write_whole(path, "".join([head, *kept])) if kept else path.unlink()


def fingerprint(experiment: Experiment, examples: Examples) -> str:
    """SHA-256 over everything that decides a run's numbers, libraries and devices aside."""
    # Runs that were begun before there was such a key go on.
    absent = {key for key in _LATER if getattr(experiment, key) is None}
    asked = experiment.model_dump(mode="json", exclude=_NOT_OF_THE_RESULT | absent)
    for key in _LATER_OF_THE_BACKBONE:
        if getattr(experiment.backbone, key) is None:
            del asked["backbone"][key]
    usual = OptimiserSection()
    for key in _LATER_OF_THE_OPTIMISER:
        if getattr(experiment.optimiser, key) == getattr(usual, key):
            del asked["optimiser"][key]
    if experiment.start is not None:
        # By content: a folder may hold other weights tomorrow.
        asked["start"] = [content_hash(file) for file in start_files(experiment.start)]
    written = json.dumps(asked, sort_keys=True) + examples.digest
    return hashlib.sha256(written.encode()).hexdigest()


def describe_run(experiment: Experiment, examples: Examples) -> dict[str, Any]:
    """What a reader of figures must know of a run, as plain JSON values."""
    return {
        "name": experiment.name,
        "task": experiment.task.value,
        "backbone": experiment.backbone.name.value,
        "weights": experiment.start or experiment.backbone.weights,
        "train": experiment.backbone.train.value,
        "view": experiment.view.value,
        "temporal": experiment.temporal.head.value if experiment.temporal else None,
        "loss": loss_name(experiment),
        "seed": experiment.seed,
        "plumbing_only": experiment.plumbing_only,
        **describe_data(examples),
        "libraries": library_versions(),
        "commit": commit(),
        "peak_memory_mb": round(peak_memory_mb(), 1),
    }


def describe_data(examples: Examples) -> dict[str, Any]:
    """What was learnt from, as plain JSON values."""
    return {
        "data": examples.dataset.name,
        "origin": examples.origin,
        "licence": examples.dataset.licence,
        "samples": len(examples),
        "people": len(set(examples.subjects.tolist())),
        "data_sha256": examples.digest,
    }


def peak_memory_mb() -> float:
    """Largest memory that this process has had, MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts KiB, macOS bytes.
    return peak / _KIB_PER_MIB if sys.platform != "darwin" else peak / _KIB_PER_MIB**2


def _write_whole(path: Path, text: str) -> None:
    staging = path.with_name(f".{path.name}")
    staging.write_text(text, encoding="utf-8")
    staging.replace(path)
