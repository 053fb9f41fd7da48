"""The thesis's Tables 5.1 to 5.4 for the runs at hand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from train.metrics import Figure
from train.objectives import objective_names
from train.objectives.task import Task
from train.report.beside import Published
from train.report.runs import Run, words_of

AUROC: Final = {
    "auroc_any_pain_vs_no_pain": "AUROC, pain vs none",
    "auroc_any_pain_vs_hard_negatives": "AUROC, pain vs hard negatives",
}
_ORDINAL: Final = {
    "accuracy": "Accuracy",
    "precision_macro": "Precision, macro",
    "precision_weighted": "Precision, weighted",
    "recall_macro": "Recall, macro",
    "recall_weighted": "Recall, weighted",
    "f1_macro": "F1, macro",
    "f1_weighted": "F1, weighted",
    "mae": "MAE",
    "mse": "MSE",
    "quadratic_kappa": "QWK",
    **AUROC,
}
_REGRESSION: Final = {"mse": "MSE", "mae": "MAE", "pcc": "PCC", "icc_3_1": "ICC(3,1)"}
_BINARY: Final = {
    "accuracy": "Accuracy",
    "precision_1": "Precision",
    "recall_1": "Recall",
    "f1_1": "F1",
    **AUROC,
}
_OF_TASK: Final = {Task.ORDINAL: _ORDINAL, Task.REGRESSION: _REGRESSION, Task.BINARY: _BINARY}

METRICS: Final[dict[str, tuple[str, ...]]] = {
    "5.1": tuple(_ORDINAL),
    "5.2": tuple(_REGRESSION),
    "5.3": tuple(_BINARY),
    "5.4": tuple(dict.fromkeys((*_ORDINAL, *_REGRESSION, *_BINARY))),
}
"""What ``--beside`` may give for each table."""

LOWER_IS_BETTER: Final = frozenset({"mae", "mse", "ece"})
_MEANINGLESS_WITHOUT_LOOKING: Final = ("auroc", "pcc", "icc", "quadratic_kappa")
"""A constant ranks nothing and agrees with nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table ready to be written.

    Attributes:
        title: number and what it compares.
        head: names of the columns.
        rows: cells, Markdown.
        notes: what must be known beside it.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def thesis_tables(runs: Sequence[Run], published: Sequence[Published]) -> list[Table]:
    """Tables 5.1 to 5.4, as far as runs or published figures fill them."""
    titles = {
        Task.ORDINAL: ("5.1", "Seven-class ordinal classification by backbone"),
        Task.REGRESSION: ("5.2", "Regression of the level by backbone"),
        Task.BINARY: ("5.3", "Binary classification, level 0 against 1 to 6, by backbone"),
    }
    tables = [
        _table(number, title, task, _with_one_loss(runs, task), published)
        for task, (number, title) in titles.items()
    ]
    for group in _by_losses(runs):
        first = group[0]
        title = f"Losses compared on {first.network_words}, {first.task} task"
        tables.append(_table("5.4", title, first.task, group, published, losses=True))
    shown = {table.title[6:9] for table in tables}
    if "5.4" not in shown and any(one.table == "5.4" for one in published):
        tables.append(_table("5.4", "Losses compared", Task.ORDINAL, [], published, losses=True))
    return [table for table in tables if table.rows]


def _with_one_loss(runs: Sequence[Run], task: Task) -> list[Run]:
    """Of runs that differ in the loss alone the thesis's choice; taking the best would cheat."""
    chosen = [run for run in runs if run.task is task]
    default = objective_names(task)[0]
    compared = {id(run) for group in _by_losses(runs) for run in group}
    defaults = {_setting(run) for run in chosen if run.loss == default}
    return [
        run
        for run in chosen
        if id(run) not in compared or run.loss == default or _setting(run) not in defaults
    ]


def _by_losses(runs: Sequence[Run]) -> list[list[Run]]:
    groups: dict[object, list[Run]] = {}
    for run in runs:
        groups.setdefault(_setting(run), []).append(run)
    return [
        sorted(group, key=_place_of_loss)
        for group in groups.values()
        if len({run.loss for run in group}) > 1
    ]


def _place_of_loss(run: Run) -> int:
    """The thesis's choice first."""
    names = objective_names(run.task)
    return names.index(run.loss) if run.loss in names else len(names)


def _setting(run: Run) -> tuple[object, ...]:
    """What runs must share to be compared by loss."""
    asked = tuple(run.facts.get(key) for key in ("view", "train", "temporal", "data_sha256"))
    return (run.task, run.backbone, run.weights, run.predictions.split, run.folds, *asked)


def _table(
    number: str,
    title: str,
    task: Task,
    runs: Sequence[Run],
    published: Sequence[Published],
    *,
    losses: bool = False,
) -> Table:
    metrics = _OF_TASK[task]
    best = _best(runs, metrics)
    rows = []
    given = [one for one in published if one.table == number and one.metric in metrics]
    for run in runs:
        label = f"`{run.loss}`" if losses else run.network_words
        rows.append(
            (
                label + "".join(f"<br>**{warning}**" for warning in run.warnings),
                f"{run.name}<br>{run.backbone_words}" if losses else f"{run.name}<br>`{run.loss}`",
                f"split {run.split_words}<br>{run.data_words}",
                *(
                    cell(run.evaluation.figure(metric), best=best.get(metric) is run)
                    for metric in metrics
                ),
            )
        )
        names = {run.loss} if losses else {run.backbone.value, words_of(run.backbone)}
        mine = [one for one in given if one.row in names]
        given = [one for one in given if one not in mine]
        rows += _given_rows(mine, metrics)
    rows += [_baseline_row(run, metrics) for run in _one_of_each_data(runs)]
    rows += _given_rows(given, metrics)
    head = ("Loss" if losses else "Backbone", "Run", "Split and faces")
    return Table(
        title=f"Table {number}: {title}",
        head=(*head, *metrics.values()),
        rows=tuple(rows),
        notes=_notes(task, runs),
    )


def _notes(task: Task, runs: Sequence[Run]) -> tuple[str, ...]:
    notes = ["In brackets: 95 % interval, bootstrap over people."]
    if task is Task.ORDINAL:
        notes.append(
            "MAE and MSE are of the calibrated level, classes are that level rounded: in every "
            "table and picture, and in the exported bundle."
        )
    if task is not Task.REGRESSION:
        notes.append(
            "The thesis has no hard negatives (smiles, yawns, disgust ...): that column is ours."
        )
    if any(run.flatters for run in runs):
        notes.append(
            "**Rows with an image-wise split flatter:** other pictures of the test's people were "
            "trained on. Such rows are never marked best."
        )
    if any(run.plumbing_only for run in runs):
        notes.append(
            "**Plumbing only:** a frozen backbone with random weights; the row shows that the "
            "pieces run, not what the backbone can do."
        )
    return tuple(notes)


def _best(runs: Sequence[Run], metrics: Iterable[str]) -> dict[str, Run]:
    """The best fair run by metric, where at least two compare on the same faces."""
    fair = [run for run in runs if not run.warnings]
    if len(fair) < 2 or len({_faces(run) for run in fair}) > 1:  # noqa: PLR2004
        return {}
    found = {}
    for metric in metrics:
        sign = -1.0 if metric in LOWER_IS_BETTER else 1.0
        defined = [run for run in fair if run.evaluation.figure(metric).is_defined]
        if defined:
            values = [sign * run.evaluation.figure(metric).value for run in defined]
            found[metric] = defined[values.index(max(values))]
    return found


def _one_of_each_data(runs: Sequence[Run]) -> list[Run]:
    return list({(_faces(run), run.predictions.split): run for run in reversed(runs)}.values())[
        ::-1
    ]


def _faces(run: Run) -> tuple[object, ...]:
    return (run.data_words, run.facts.get("data_sha256"))


def _baseline_row(run: Run, metrics: dict[str, str]) -> tuple[str, ...]:
    cells = (
        "n/a"
        if metric.startswith(_MEANINGLESS_WITHOUT_LOOKING)
        else cell(run.without_looking.figure(metric))
        for metric in metrics
    )
    said = "*without looking*<br>*(median of the other folds; classes: their commonest)*"
    return (said, "", f"split {run.split_words}<br>{run.data_words}", *cells)


def _given_rows(given: Sequence[Published], metrics: dict[str, str]) -> list[tuple[str, ...]]:
    keys = list(dict.fromkeys((one.row, one.source) for one in given))
    return [
        (
            f"*{row}, as published*",
            f"*{source}*",
            "other data, see source",
            *(
                ", ".join(
                    one.value
                    for one in given
                    if (one.row, one.source, one.metric) == (row, source, metric)
                )
                or "n/a"
                for metric in metrics
            ),
        )
        for row, source in keys
    ]


def cell(figure: Figure, *, best: bool = False) -> str:
    """Value and interval as a table's cell."""
    if not figure.is_defined:
        return "n/a"
    value = f"**{figure.value:.3f}**" if best else f"{figure.value:.3f}"
    if math.isnan(figure.low):
        return value
    return f"{value}<br>[{figure.low:.3f}, {figure.high:.3f}]"
