"""Figures of groups of people and of views, with the worst gap named."""

from __future__ import annotations

from train.objectives.task import Task
from train.report.runs import Run
from train.report.tables import AUROC, Table, cell


def subgroup_table(run: Run) -> Table | None:
    """Every group of people and views of one run; None when nothing is known of anybody."""
    metrics = (
        {"accuracy": "Accuracy", **AUROC} if run.task is Task.BINARY else {"mae": "MAE", **AUROC}
    )
    found = run.evaluation
    subsets = list(dict.fromkeys(figure.subset for figure in found.figures))
    rows = []
    for subset in subsets:
        figures = [found.figure(metric, subset) for metric in metrics]
        dimension, _, group = subset.partition("=")
        name = dimension.replace("_", " ") if group else "all faces"
        rows.append(
            (
                name,
                group.replace("_", " "),
                f"{figures[0].samples:,}",
                f"{figures[0].people:,}",
                *(cell(figure) for figure in figures),
            )
        )
    if len(rows) < 2:  # noqa: PLR2004  (all faces alone)
        return None
    return Table(
        title=f"Groups, {run.name}",
        head=("Group by", "Group", "Faces", "People", *metrics.values()),
        rows=tuple(rows),
        notes=tuple(_gap_words(run, metric, words) for metric, words in metrics.items()),
    )


def _gap_words(run: Run, metric: str, words: str) -> str:
    gap = run.evaluation.worst_gap(metric)
    if gap is None:
        return f"{words}: no two groups of at least five people can be compared."
    sure = gap.low > 0.0
    return (
        f"**Worst gap in {words}: {gap.value:.3f}** [{gap.low:.3f}, {gap.high:.3f}] between "
        f"{gap.dimension.replace('_', ' ')} {gap.worst.replace('_', ' ')} (worst) and "
        f"{gap.best.replace('_', ' ')} (best); "
        + (
            "the interval lies above 0, but this pair was picked as the largest of many."
            if sure
            else "the interval reaches 0, so it may be chance."
        )
    )
