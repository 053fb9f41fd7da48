"""Trials of a study: each a cross-validation whose figure does not depend on the loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Literal

import numpy as np
import optuna
from optuna.trial import TrialState
from sklearn.metrics import roc_auc_score
from sqlalchemy.exc import ArgumentError, OperationalError

from pain.errors import ConfigError
from train.ctrl_c import ctrl_c_waits
from train.experiment.schema import Experiment
from train.features.examples import Examples
from train.objectives import Task
from train.protocol.calibrate import classes_of
from train.protocol.fold import Scores, score, train_network
from train.protocol.folds import Fold, make_folds
from train.protocol.material import Material
from train.protocol.training import seed_of
from train.tune.space import suggest

_PRUNER_WARM_UP: Final = 1
_ENDED: Final = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


def open_study(storage: str, name: str, *, task: Task, seed: int | None) -> optuna.Study:
    """Open a study, or begin it.

    Args:
        storage: e.g. ``sqlite:///tune.db``; several processes may name the same.
        name: of the study.
        task: decides what is minimised or maximised.
        seed: of the sampler. Processes that share a study need different ones, or none.

    Raises:
        ConfigError: the storage cannot be opened, or holds a study of another kind.
    """
    direction: Literal["maximize", "minimize"] = "maximize" if task is Task.BINARY else "minimize"
    try:
        study = optuna.create_study(
            storage=storage,
            study_name=name,
            direction=direction,
            sampler=optuna.samplers.TPESampler(seed=seed),
            pruner=optuna.pruners.MedianPruner(n_warmup_steps=_PRUNER_WARM_UP),
            load_if_exists=True,
        )
    except (ArgumentError, OperationalError, ImportError, ValueError) as error:
        raise ConfigError(
            f"the storage cannot be opened ({error}); a file is named like sqlite:///tune.db",
            key="--storage",
            value=storage,
        ) from error
    if study.direction.name.lower() != direction:
        raise ConfigError("this study belongs to another task; name another --study", value=name)
    return study


def search(
    study: optuna.Study,
    examples: Examples,
    material: Material,
    *,
    trials: int,
    on_trial: Callable[[], None],
    on_note: Callable[[str], None],
) -> None:
    """Run trials until the study has so many finished ones, by whichever process.

    Ctrl-C loses the trial at hand and nothing else, and never comes while the storage is written.

    Args:
        study: open.
        examples: faces.
        material: what trainings have in common.
        trials: ended trials of the study as a whole.
        on_trial: told after each trial of this process.
        on_note: told why a trial failed.

    Raises:
        KeyboardInterrupt: Ctrl-C; the trial at hand counts as failed.
    """
    experiment = material.experiment
    folds = make_folds(examples.levels, examples.subjects, split=experiment.split)
    while len(study.get_trials(deepcopy=False, states=_ENDED)) < trials:
        with ctrl_c_waits():
            trial = study.ask()
        _run(study, trial, material, folds, on_note)
        on_trial()


def _run(
    study: optuna.Study,
    trial: optuna.Trial,
    material: Material,
    folds: tuple[Fold, ...],
    on_note: Callable[[str], None],
) -> None:
    """One trial and its end in the storage, whichever it is."""
    figure, state = None, TrialState.FAIL
    try:
        found = _figure_of(trial, material, folds)
        if np.isfinite(found):
            figure, state = found, TrialState.COMPLETE
        else:
            on_note(f"trial {trial.number} failed: its figure is no number")
    except optuna.TrialPruned:
        state = TrialState.PRUNED
    except ConfigError as error:
        on_note(f"trial {trial.number} failed: {error}")
    finally:
        with ctrl_c_waits():
            study.tell(trial, figure, state)


def best_of(study: optuna.Study) -> optuna.trial.FrozenTrial:
    """The best trial.

    Raises:
        ConfigError: none was finished.
    """
    try:
        return study.best_trial
    except ValueError as error:
        raise ConfigError(
            "no trial of the study was finished; see its warnings, or give more --trials",
            value=study.study_name,
        ) from error


def figure_name(task: Task) -> str:
    """What is searched for, in words."""
    return "AUROC of pain, higher is better" if task is Task.BINARY else "MAE, lower is better"


def _figure_of(trial: optuna.Trial, material: Material, folds: tuple[Fold, ...]) -> float:
    """Figure of merit over the folds so far; a trial that lags behind is given up."""
    with ctrl_c_waits():
        tried: Experiment = suggest(material.experiment, trial)
    own = replace(material, experiment=tried)
    scored: list[tuple[Fold, Scores]] = []
    figure = float("nan")
    for fold in folds:
        outcome = train_network(
            own, fold.train, fold.validation, seed=seed_of(tried.seed, fold.number)
        )
        if outcome.interrupted:
            raise KeyboardInterrupt
        scored.append((fold, score(own, outcome.network, outcome.calibration, fold.test)))
        figure = _figure(tried.task, material, scored)
        with ctrl_c_waits():
            trial.report(figure, fold.number)
            lags = trial.should_prune()
        if lags:
            raise optuna.TrialPruned
    return figure


def _figure(task: Task, material: Material, scored: list[tuple[Fold, Scores]]) -> float:
    truth = np.concatenate([material.levels[fold.test] for fold, _ in scored])
    level = np.concatenate([scores.level for _, scores in scored])
    if task is not Task.BINARY:
        return float(np.abs(level - truth).mean())
    pain = classes_of(truth, binary=True)
    return float(roc_auc_score(pain, level)) if 0 < pain.sum() < len(pain) else 0.5
