"""Runs as a table, and a run's progress, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich import box
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

from train.data.options import progress_bar
from train.loop.epoch import Epoch
from train.metrics import Evaluation, Predictions, Split
from train.protocol.watcher import Watcher

_COLUMNS: Final = (
    ("MAE", "mae"),
    ("accu-\nracy", "accuracy"),
    ("kappa", "quadratic_kappa"),
    ("r", "pcc"),
    ("AUROC\nnone", "auroc_any_pain_vs_no_pain"),
    ("AUROC\nothers", "auroc_any_pain_vs_hard_negatives"),
)


def results_table(
    results: Sequence[tuple[Predictions, Evaluation]], *, plumbing_only: Sequence[str]
) -> Table:
    """One row per run, with 95 % intervals by people.

    Args:
        results: of each run.
        plumbing_only: names of runs whose random weights did not learn.
    """
    table = Table(
        title="Faces that the network never saw, with 95 % intervals by person",
        title_justify="left",
        caption="AUROC: pain from no pain, and from other expressions. kappa: quadratic weights.",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("run", overflow="fold")
    for title, _ in _COLUMNS:
        table.add_column(title, justify="right", no_wrap=True)
    for predictions, evaluation in results:
        cells = (_cell(evaluation, metric) for _, metric in _COLUMNS)
        who = f"{len(predictions)} faces, {predictions.people} people, {predictions.origin}"
        name = f"{predictions.run}\n{who}"
        if predictions.split is Split.IMAGE:
            name += "\n[bold]split by image: flatters[/bold]"
        if predictions.run in plumbing_only:
            name += "\n[bold]random weights: plumbing only[/bold]"
        table.add_row(name, *cells)
    return table


@contextmanager
def progress_of(name: str, *, folds: int, epochs: int) -> Iterator[Watcher]:
    """Bars on standard error while a run lasts.

    Args:
        name: of the run.
        folds: how many.
        epochs: at most so many in each.
    """
    with progress_bar() as progress:
        bars: dict[str, TaskID] = {}

        def update(what: str, done: int, total: int) -> None:
            if what not in bars:
                bars[what] = progress.add_task(what, total=total)
            progress.update(bars[what], completed=done, total=total)

        def on_fold(done: int, total: int) -> None:
            update(f"{name}: folds", done, total)

        def on_epoch(fold: int, epoch: Epoch) -> None:
            update(f"{name}: epochs of fold {fold + 1}", epoch.number, epochs)
            _hide_others(progress, bars, keep=f"{name}: epochs of fold {fold + 1}")

        if folds > 1:
            on_fold(0, folds)
        yield Watcher(
            on_picture=lambda done, total: update("pictures", done, total),
            on_feature=lambda done, total: update(f"{name}: features", done, total),
            on_epoch=on_epoch,
            on_fold=on_fold,
            on_trial=lambda done, total: update(f"{name}: trials", done, total),
            on_note=lambda note: progress.console.print(f"{name}: {note}", highlight=False),
        )


def _hide_others(progress: Progress, bars: dict[str, TaskID], *, keep: str) -> None:
    """Only the fold at hand has a bar of its epochs."""
    for what, bar in bars.items():
        if ": epochs of " in what:
            progress.update(bar, visible=what == keep)


def _cell(evaluation: Evaluation, metric: str) -> str:
    try:
        figure = evaluation.figure(metric)
    except KeyError:
        return "-"
    if not figure.is_defined:
        return "-"
    return f"{figure.value:.3f}\n{_short(figure.low)}-{_short(figure.high)}"


def _short(number: float) -> str:
    """Two digits without the leading zero, so that six intervals fit on a line."""
    return f"{number:.2f}".removeprefix("0")


def console() -> Console:
    """Where results go."""
    return Console(highlight=False, soft_wrap=True)
