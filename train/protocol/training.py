"""One training with everything around it: history, curves, notes, checkpoint, Ctrl-C."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

import numpy as np

from train.ctrl_c import ctrl_c_waits
from train.features.examples import Examples
from train.loop.epoch import Epoch
from train.loop.resume import Resume
from train.protocol.checkpoint import Saved, library_versions, save_checkpoint
from train.protocol.curves import Curves
from train.protocol.fold import NetworkT, Outcome, Scores, Trained, score, train_network
from train.protocol.material import Material, Rows
from train.protocol.network import PainNet
from train.protocol.run import (
    RESUME_FOLDER,
    FoldRecord,
    RunFolder,
    describe_data,
    fingerprint,
)
from train.protocol.watcher import Watcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench(ABC, Generic[NetworkT]):
    """What all trainings of a run share, whatever the network is fed.

    Attributes:
        material: faces, backbone, engine.
        examples: where the faces come from.
        folder: of the run.
        curves: None on all devices but the first.
        watcher: told how it gets on.
    """

    material: Material
    examples: Examples
    folder: RunFolder
    curves: Curves | None
    watcher: Watcher

    @abstractmethod
    def learn(
        self,
        train: Rows,
        validation: Rows,
        *,
        seed: int,
        resume: Resume,
        on_epoch: Callable[[Epoch], None],
    ) -> Trained[NetworkT]:
        """Fit everything that is fitted, on these rows and no others."""

    @abstractmethod
    def score(self, outcome: Trained[NetworkT], rows: Rows) -> Scores:
        """What the trained network says of these rows."""

    def train(
        self, train: Rows, validation: Rows, *, number: int, into: Path
    ) -> tuple[Trained[NetworkT], FoldRecord]:
        """Train on these rows and write the checkpoint.

        A training that was killed goes on after the last epoch whose state was kept, and its result
        is that of one that was not.

        Args:
            train: rows to learn from.
            validation: rows to stop by and to calibrate on.
            number: of the fold.
            into: folder of the checkpoint.

        Raises:
            KeyboardInterrupt: Ctrl-C, after the best weights so far were written.
        """
        begun_s = time.monotonic()
        seed = seed_of(self.material.experiment.seed, number)
        first = self.material.fabric.is_global_zero

        def on_epoch(epoch: Epoch) -> None:
            with ctrl_c_waits():
                if first:
                    self.folder.add_epoch(number, epoch)
                if self.curves is not None:
                    self.curves.epoch(f"fold-{number}", epoch)
            self.watcher.on_epoch(number, epoch)

        resume = Resume(
            folder=into.parent / RESUME_FOLDER,
            mark=f"{fingerprint(self.material.experiment, self.examples)} fold {number}",
        )
        outcome = self.learn(train, validation, seed=seed, resume=resume, on_epoch=on_epoch)
        for note in outcome.notes:
            self.watcher.on_note(f"fold {number}: {note}")
        if first:
            with ctrl_c_waits():
                self._save(outcome, into)
        if outcome.interrupted:
            best = outcome.training.best.number
            self.watcher.on_note(f"stopped; the weights of epoch {best} are in {into}")
            raise KeyboardInterrupt
        if first:
            resume.forget()
        return outcome, FoldRecord(
            number=number,
            best_epoch=outcome.training.best.number,
            epochs=outcome.training.epochs,
            validation_loss=outcome.training.best.validation_loss,
            duration_s=round(time.monotonic() - begun_s, 2),
            notes=outcome.notes,
        )

    def _save(self, outcome: Trained[NetworkT], into: Path) -> None:
        best, start = outcome.training.best, self.material.start
        others = self.folder.path.glob("fold-*/checkpoint")
        save_checkpoint(
            Saved(
                network=outcome.network,
                experiment=self.material.experiment,
                calibration=outcome.calibration,
                data=describe_data(self.examples)
                | ({"start": start.learnt_from} if start is not None else {}),
                metrics={
                    "validation_loss": best.validation_loss,
                    "train_loss": best.train_loss,
                    "best_epoch": float(best.number),
                },
                libraries=library_versions(),
                finished=not outcome.interrupted,
            ),
            into,
            share=next((other for other in sorted(others) if other != into), None),
        )


class FaceBench(Bench[PainNet]):
    """Trainings whose network is fed single faces."""

    def learn(
        self,
        train: Rows,
        validation: Rows,
        *,
        seed: int,
        resume: Resume,
        on_epoch: Callable[[Epoch], None],
    ) -> Outcome:
        """See ``train_network``."""
        return train_network(
            self.material, train, validation, seed=seed, resume=resume, on_epoch=on_epoch
        )

    def score(self, outcome: Outcome, rows: Rows) -> Scores:
        """See ``train.protocol.fold.score``."""
        return score(self.material, outcome.network, outcome.calibration, rows)


def make_bench(
    material: Material,
    examples: Examples,
    *,
    folder: RunFolder,
    curves: Curves | None,
    watcher: Watcher,
) -> Bench[Any]:
    """The bench that the experiment asks for: of single faces, or of clips.

    Raises:
        DataError: clips are asked for, and the faces are not frames of clips.
    """
    if material.experiment.temporal is None:
        return FaceBench(
            material=material, examples=examples, folder=folder, curves=curves, watcher=watcher
        )
    # It builds on this module.
    from train.temporal.bench import ClipBench
    from train.temporal.clips import clips_of

    return ClipBench(
        material=material,
        examples=examples,
        folder=folder,
        curves=curves,
        watcher=watcher,
        clips=clips_of(examples),
    )


def seed_of(seed: int, number: int) -> int:
    """A seed of its own for every fold, below 2^31."""
    return int(np.random.SeedSequence((seed, number)).generate_state(1)[0]) & 0x7FFFFFFF
