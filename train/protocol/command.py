"""``painwatch train fit``, ``crossval`` and ``features``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from train.protocol.options import (
    CacheOption,
    ConfigArgument,
    ConfigsArgument,
    DataOption,
    SetOption,
    StartOption,
    WeightsOption,
    experiment_from,
)

if TYPE_CHECKING:
    from train.experiment import Experiment


def fit(
    config: ConfigArgument,
    *,
    out: Annotated[Path, typer.Option(help="Folder of the run; made when absent.")],
    data: DataOption = None,
    cache: CacheOption = None,
    weights: WeightsOption = None,
    start: StartOption = None,
    changes: SetOption = None,
) -> None:
    """Train one network on the whole set, for use.

    A share of the people is kept from the weights: it stops the training and fits temperature and
    thresholds. Nobody is left to test on; 'crossval' gives the figures. Writes OUT/checkpoint
    (safetensors and JSON), OUT/history.csv and curves for TensorBoard. Ctrl-C keeps the best
    weights so far.

    Example: painwatch train fit configs/train/fl-ordinal.yaml --data residents --cache cache
    --out runs/fl

    Going on from a model that ships: painwatch train fit mine.yaml --start shipped:mobilenetv3s-v1
    --data SET --cache CACHE --out fitted
    """
    from train.protocol.engine import start_engine
    from train.protocol.fit import fit as fit_network
    from train.protocol.show import console, progress_of

    experiment = experiment_from(
        config, data=data, cache=cache, weights=weights, changes=changes, start=start
    )
    fabric = start_engine(experiment.engine)
    with progress_of(str(experiment.name), folds=1, epochs=experiment.optimiser.epochs) as watcher:
        record = fit_network(experiment, out, fabric=fabric, watcher=watcher)
    if fabric.is_global_zero:
        console().print(
            f"{experiment.name}: epoch {record.best_epoch} of {record.epochs} kept, validation "
            f"loss {record.validation_loss:.4f}, {record.duration_s:.1f} s\n"
            f"checkpoint: {out / 'checkpoint'}"
        )


def crossval(
    configs: ConfigsArgument,
    *,
    out: Annotated[Path, typer.Option(help="Folder of the runs, one subfolder for each.")],
    data: DataOption = None,
    cache: CacheOption = None,
    weights: WeightsOption = None,
    start: StartOption = None,
    changes: SetOption = None,
) -> None:
    """Cross-validate experiments by person, one after the other, and print their figures.

    Every face is scored by a network that never saw its person. Each run's folder holds
    predictions.parquet, history.csv, run.json, a checkpoint per fold and curves for TensorBoard;
    'painwatch train report' makes tables and pictures of it. Folds that are finished are not done
    again, so an interrupted command can simply be repeated. An experiment with a head over time is
    followed by NAME-per-frame: the same clips and features without memory, to show what time is
    worth.

    Example: painwatch train crossval configs/train/fl-*.yaml --data residents --cache cache
    --out runs
    """
    from train.metrics import evaluate
    from train.protocol.crossval import cross_validate
    from train.protocol.engine import start_engine
    from train.protocol.show import console, progress_of, results_table

    experiments = [
        experiment
        for config in configs
        for experiment in experiment_from(
            config, data=data, cache=cache, weights=weights, changes=changes, start=start
        ).with_comparison
    ]
    _refuse_repeated(experiments)
    results = []
    for experiment in experiments:
        fabric = start_engine(experiment.engine)
        bars = progress_of(
            str(experiment.name),
            folds=experiment.split.folds,
            epochs=experiment.optimiser.epochs,
        )
        with bars as watcher:
            run = out / str(experiment.name)
            predictions = cross_validate(experiment, run, fabric=fabric, watcher=watcher)
        if fabric.is_global_zero:
            results.append((predictions, evaluate(predictions)))
    if results:
        plumbing = [str(e.name) for e in experiments if e.plumbing_only]
        console().print(results_table(results, plumbing_only=plumbing))
        console().print(f"runs: {out}")


def features(
    configs: ConfigsArgument,
    *,
    data: DataOption = None,
    cache: CacheOption = None,
    weights: WeightsOption = None,
    changes: SetOption = None,
) -> None:
    """Compute the features of frozen backbones ahead, for all folds, losses and heads.

    Training does this by itself; here it can be done on another machine, or overnight. Features
    are kept in the cache under the picture's content and the backbone's weights; what is there is
    not computed again, and an interrupted command can simply be repeated.

    Example: painwatch train features configs/train/dinov2-s-ordinal.yaml --data residents
    --cache cache
    """
    from train.protocol.engine import start_engine
    from train.protocol.gather import gather
    from train.protocol.show import console, progress_of

    for config in configs:
        experiment = experiment_from(
            config, data=data, cache=cache, weights=weights, changes=changes
        )
        name = str(experiment.name)
        if not experiment.frozen or experiment.backbone.name.sees_landmarks:
            why = "landmarks are features" if experiment.frozen else "its backbone learns"
            console().print(f"{name}: nothing to compute ahead, {why}")
            continue
        fabric = start_engine(experiment.engine)
        with progress_of(name, folds=1, epochs=1) as watcher:
            examples, material = gather(experiment, fabric, watcher)
        found = material.features
        if found is not None:
            console().print(
                f"{name}: {len(examples)} faces, {found.plain.shape[1]} features each, "
                f"{found.computed} vectors computed now"
            )


def _refuse_repeated(experiments: list[Experiment]) -> None:
    """Two runs of one name would share a folder.

    Raises:
        ConfigError: a name stands twice.
    """
    from pain.errors import ConfigError

    names = [str(experiment.name) for experiment in experiments]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ConfigError(
            "two experiments have this name; give one of them a key name", value=twice
        )
