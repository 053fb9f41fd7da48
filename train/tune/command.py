"""``painwatch train tune``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from train.protocol.options import (
    CacheOption,
    ConfigArgument,
    DataOption,
    SetOption,
    WeightsOption,
    experiment_from,
)


def tune(
    config: ConfigArgument,
    *,
    trials: Annotated[
        int, typer.Option(min=1, help="Trials of the study as a whole, all processes together.")
    ] = 50,
    storage: Annotated[
        str, typer.Option(help="Where the study is kept; several processes may share it.")
    ] = "sqlite:///painwatch-tune.db",
    study: Annotated[
        str | None, typer.Option(help="Name of the study; the experiment's when left out.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the best experiment to this YAML file.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Of the search; give each process that shares a study its own."),
    ] = None,
    data: DataOption = None,
    cache: CacheOption = None,
    weights: WeightsOption = None,
    changes: SetOption = None,
) -> None:
    """Search learning rate, weight decay, hidden layers, dropout, loss and SMOTE with Optuna.

    Each trial is a cross-validation by person; trials that lag behind are given up early. What
    counts is the mean absolute error of the level (binary: the AUROC), which losses cannot bend.
    Start the same command in several terminals, or on several machines with a common storage, and
    they share the work. A search goes on where it stopped.

    The best figure is the best of many on the same people: it flatters. Cross-validate the
    experiment that --out writes with another split.seed, or on people whom the search never saw.

    Example: painwatch train tune configs/train/fl-ordinal.yaml --data residents --cache cache
    --trials 100 --storage sqlite:///tune.db --out best.yaml
    """
    from pain.errors import ConfigError

    experiment = experiment_from(config, data=data, cache=cache, weights=weights, changes=changes)
    if experiment.temporal is not None:
        raise ConfigError("heads over time are not tuned; leave temporal out", key="temporal")
    import optuna

    from train.experiment.load import dump_experiment
    from train.protocol.engine import start_engine
    from train.protocol.gather import gather
    from train.protocol.show import console, progress_of
    from train.tune.space import suggest
    from train.tune.study import best_of, figure_name, open_study, search

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    name = study or str(experiment.name)
    opened = open_study(storage, name, task=experiment.task, seed=seed)
    fabric = start_engine(experiment.engine)
    with progress_of(name, folds=1, epochs=1) as watcher:
        examples, material = gather(experiment, fabric, watcher)

        def on_trial() -> None:
            watcher.on_trial(min(len(opened.get_trials(deepcopy=False)), trials), trials)

        on_trial()
        try:
            search(
                opened,
                examples,
                material,
                trials=trials,
                on_trial=on_trial,
                on_note=watcher.on_note,
            )
        except KeyboardInterrupt:
            watcher.on_note(
                f"stopped; {len(opened.get_trials(deepcopy=False))} trials are kept in {storage}, "
                "and the same command goes on with them"
            )
            raise
    best = best_of(opened)
    said = ", ".join(
        f"{key} {value:.3g}" if isinstance(value, float) else f"{key} {value}"
        for key, value in best.params.items()
    )
    console().print(
        f"{name}: best of {len(opened.trials)} trials: {best.value:.4f} "
        f"({figure_name(experiment.task)})\n{said}"
    )
    if out is not None:
        tuned = suggest(experiment, optuna.trial.FixedTrial(best.params))
        tuned = tuned.model_copy(update={"name": f"{experiment.name}-tuned"})
        out.write_text(dump_experiment(tuned), encoding="utf-8")
        console().print(f"best experiment: {out}")
