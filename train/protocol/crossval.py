"""Cross-validation: every face is scored by a network that never saw it, nor its person."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from lightning_fabric import Fabric

from train.experiment.schema import Experiment, SplitBy
from train.metrics import Predictions
from train.protocol.curves import open_curves
from train.protocol.folds import make_folds
from train.protocol.gather import gather
from train.protocol.predictions import out_of_fold
from train.protocol.run import PREDICTIONS_FILE, RunFolder, describe_run
from train.protocol.training import make_bench
from train.protocol.watcher import Watcher

FLATTERS = "split by image: people are in training and in the test, and the figures flatter"
"""Said wherever such a figure appears."""


def cross_validate(
    experiment: Experiment, run: Path, *, fabric: Fabric, watcher: Watcher
) -> Predictions:
    """Train and test every fold, and keep all of it in the run's folder.

    A fold that is finished there is not done again. Ctrl-C keeps the best weights of the fold at
    hand, marked as unfinished, and everything of the finished ones.

    Args:
        experiment: with data and cache.
        run: folder of the run.
        fabric: where to train.
        watcher: told how it gets on.

    Raises:
        DataError: data that cannot be used, or a folder that holds another run.
        ConfigError: the experiment cannot be carried out.
        KeyboardInterrupt: Ctrl-C.
    """
    begun_s, started = time.monotonic(), datetime.now(UTC)
    examples, material = gather(experiment, fabric, watcher)
    if material.start is not None:
        material.start.refuse_to_test(examples.dataset.name)
        watcher.on_note(
            f"{material.start.name} learnt from {material.start.learnt_from}; figures count only "
            "if nobody of these is among them, which names cannot tell"
        )
    prepared_s = time.monotonic() - begun_s
    folds = make_folds(examples.levels, examples.subjects, split=experiment.split)
    folder = RunFolder(run)
    if fabric.is_global_zero:
        folder.begin(experiment, examples, started)
    fabric.barrier()
    if experiment.split.by is SplitBy.IMAGE:
        watcher.on_note(FLATTERS)
    waiting = [fold for fold in folds if not folder.is_done(fold.number)]
    with open_curves(experiment, run, wanted=fabric.is_global_zero) as curves:
        bench = make_bench(material, examples, folder=folder, curves=curves, watcher=watcher)
        for fold in waiting:
            watcher.on_fold(fold.number, len(folds))
            outcome, record = bench.train(
                fold.train, fold.validation, number=fold.number, into=folder.checkpoint(fold.number)
            )
            scores = bench.score(outcome, fold.test)
            if fabric.is_global_zero:
                folder.finish_fold(record, scores)
            fabric.barrier()
        watcher.on_fold(len(folds), len(folds))
    kept = [folder.read_fold(fold.number) for fold in folds]
    predictions = out_of_fold(experiment, examples, folds, [scores for _, scores in kept])
    if fabric.is_global_zero:
        predictions.write(run / PREDICTIONS_FILE)
        records = [record for record, _ in kept]
        folder.finish(
            {
                **describe_run(experiment, examples),
                "split": experiment.split.by.value,
                "folds": len(folds),
                "fold_records": [asdict(record) for record in records],
                "duration_s": round(prepared_s + sum(r.duration_s for r in records), 1),
            }
        )
    return predictions
