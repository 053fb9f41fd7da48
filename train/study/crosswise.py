"""Does a network read the drawing: trained and tested with and without wrinkles, crosswise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np
import torch

from pain.scales import MODERATE, PSPI_MAX
from train.study.detect import NEGATIVES
from train.study.estimate import (
    Figure,
    Finding,
    Floats,
    Rows,
    auroc,
    difference,
    estimate,
    mean_absolute_error,
    pearson,
)
from train.study.network import Recipe, predict, train_network
from train.study.regress import folds_by_person, held_out_mean
from train.study.twins import WITH, WITHOUT, Twins

FOLDS: Final = 3
DRAWINGS: Final = (WITH, WITHOUT)

Cell = tuple[str, str]
"""How the pictures of training were drawn, and those of the test."""

_PSPI, _LEVEL = 0, 1


def cross(
    twins: Twins,
    recipe: Recipe,
    *,
    folds: int = FOLDS,
    device: torch.device,
    on_trained: Callable[[int], None] = lambda _done: None,
) -> dict[Cell, Floats]:
    """Train on each drawing and test on each, in folds by person.

    Networks of one fold start from the same weights and see the same people in the same order, so
    that they differ in the drawing alone.

    Args:
        twins: the pictures.
        recipe: of every network.
        folds: each person is tested once.
        device: where to train.
        on_trained: told how many networks are done, of ``2 * folds``.

    Returns:
        PSPI and level of every picture, float64 (n, 2), by cell; not bounded to the scales.

    Raises:
        DataError: fewer people than folds.
    """
    truth = np.column_stack([twins.pspi, twins.level])
    told = {(one, other): np.empty_like(truth) for one in DRAWINGS for other in DRAWINGS}
    done = 0
    for train, test in folds_by_person(twins.person, folds):
        mean, spread = truth[train].mean(axis=0), truth[train].std(axis=0).clip(min=1e-6)
        for trained_on in DRAWINGS:
            targets = (truth[train] - mean) / spread
            network = train_network(twins.crops[trained_on][train], targets, recipe, device=device)
            for tested_on in DRAWINGS:
                raw = predict(network, twins.crops[tested_on][test], device=device)
                told[trained_on, tested_on][test] = raw * spread + mean
            done += 1
            on_trained(done)
    return told


def crosswise_findings(twins: Twins, told: Mapping[Cell, Floats]) -> Iterator[Finding]:
    """Figures of the four cells, and for each training what changing the drawing does to them.

    A gap is the figure on the other drawing minus the figure on the drawing of training, for the
    same people: positive means worse for the error, negative means worse for r and AUROC. A network
    that reads the lines instead of the face would lose much when they are taken away.
    """
    everything, pain = np.arange(len(twins.person)), twins.level >= MODERATE
    subsets = {"all": everything, NEGATIVES: np.flatnonzero(pain | twins.other)}
    blind = mean_absolute_error(held_out_mean(twins.pspi[:, None], twins.person)[:, 0], twins.pspi)
    yield from _judged("PSPI mean absolute error", "mean predictor", blind, everything, twins)
    figures = {cell: _figures(twins, values) for cell, values in told.items()}
    for name, (subset, _) in figures[WITH, WITH].items():
        rows = subsets[subset]
        for cell, of_cell in figures.items():
            _, figure = of_cell[name]
            yield from _judged(name, "trained {}, tested {}".format(*cell), figure, rows, twins)
        for own, other in ((WITH, WITHOUT), (WITHOUT, WITH)):
            gap = difference(figures[own, other][name][1], figures[own, own][name][1])
            changed = f"trained {own}: tested {other} minus {own}"
            yield from _judged(f"gap in {name}", changed, gap, rows, twins)


def _figures(twins: Twins, told: Floats) -> dict[str, tuple[str, Figure]]:
    """Subset and figure by name."""
    pspi, level = np.clip(told[:, _PSPI], 0.0, PSPI_MAX), told[:, _LEVEL]
    return {
        "PSPI mean absolute error": ("all", mean_absolute_error(pspi, twins.pspi)),
        "PSPI r": ("all", pearson(pspi, twins.pspi)),
        f"AUROC of level, {NEGATIVES}": (NEGATIVES, auroc(level, twins.level >= MODERATE)),
    }


def _judged(what: str, subset: str, figure: Figure, rows: Rows, twins: Twins) -> Iterator[Finding]:
    value = estimate(figure, rows, twins.person)
    if value is not None:
        yield Finding(what=what, subset=subset, estimate=value)
