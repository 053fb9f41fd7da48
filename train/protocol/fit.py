"""One network from all faces, a share of them kept aside to stop training and to calibrate."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from lightning_fabric import Fabric

from train.experiment.schema import Experiment
from train.protocol.curves import open_curves
from train.protocol.folds import split_validation
from train.protocol.gather import gather
from train.protocol.run import CHECKPOINT_FOLDER, FoldRecord, RunFolder, describe_run
from train.protocol.training import make_bench
from train.protocol.watcher import Watcher


def fit(experiment: Experiment, run: Path, *, fabric: Fabric, watcher: Watcher) -> FoldRecord:
    """Train on the whole set; nobody is left to test on, ``cross_validate`` is for that.

    Args:
        experiment: with data and cache.
        run: folder of the run; the checkpoint is ``checkpoint`` in it.
        fabric: where to train.
        watcher: told how it gets on.

    Raises:
        DataError: data that cannot be used, or a folder that holds another run.
        ConfigError: the experiment cannot be carried out.
        KeyboardInterrupt: Ctrl-C; the best weights so far are kept.
    """
    started = datetime.now(UTC)
    examples, material = gather(experiment, fabric, watcher)
    train, validation = split_validation(
        examples.all_rows, examples.levels, examples.subjects, split=experiment.split
    )
    folder = RunFolder(run)
    if fabric.is_global_zero:
        folder.begin(experiment, examples, started)
    fabric.barrier()
    with open_curves(experiment, run, wanted=fabric.is_global_zero) as curves:
        bench = make_bench(material, examples, folder=folder, curves=curves, watcher=watcher)
        _, record = bench.train(train, validation, number=0, into=run / CHECKPOINT_FOLDER)
    if fabric.is_global_zero:
        folder.finish(
            {
                **describe_run(experiment, examples),
                "split": experiment.split.by.value,
                "folds": None,
                "fold_records": [asdict(record)],
                "duration_s": record.duration_s,
            }
        )
    return record
