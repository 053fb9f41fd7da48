"""One training with everything around it: history, curves, notes, checkpoint, Ctrl-C."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from train.features.examples import Examples
from train.protocol.checkpoint import Checkpoint, library_versions, save_checkpoint
from train.protocol.curves import Curves
from train.protocol.fold import Outcome, train_network
from train.protocol.learner import Epoch
from train.protocol.material import Material, Rows
from train.protocol.run import FoldRecord, RunFolder, describe_data
from train.protocol.watcher import Watcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What all trainings of a run share.

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

    def train(
        self, train: Rows, validation: Rows, *, number: int, into: Path
    ) -> tuple[Outcome, FoldRecord]:
        """Train on these rows and write the checkpoint.

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
            if first:
                self.folder.add_epoch(number, epoch)
            if self.curves is not None:
                self.curves.epoch(f"fold-{number}", epoch)
            self.watcher.on_epoch(number, epoch)

        outcome = train_network(self.material, train, validation, seed=seed, on_epoch=on_epoch)
        for note in outcome.notes:
            self.watcher.on_note(f"fold {number}: {note}")
        if first:
            self._save(outcome, into)
        if outcome.interrupted:
            best = outcome.training.best.number
            self.watcher.on_note(f"stopped; the weights of epoch {best} are in {into}")
            raise KeyboardInterrupt
        return outcome, FoldRecord(
            number=number,
            best_epoch=outcome.training.best.number,
            epochs=outcome.training.epochs,
            validation_loss=outcome.training.best.validation_loss,
            duration_s=round(time.monotonic() - begun_s, 2),
            notes=outcome.notes,
        )

    def _save(self, outcome: Outcome, into: Path) -> None:
        best = outcome.training.best
        others = self.folder.path.glob("fold-*/checkpoint")
        save_checkpoint(
            Checkpoint(
                network=outcome.network,
                experiment=self.material.experiment,
                calibration=outcome.calibration,
                data=describe_data(self.examples),
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


def seed_of(seed: int, number: int) -> int:
    """A seed of its own for every fold, below 2^31."""
    return int(np.random.SeedSequence((seed, number)).generate_state(1)[0]) & 0x7FFFFFFF
