"""The report: report.md, its pictures, and every figure as CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from pain.errors import DataError
from train.metrics import write_figures
from train.objectives.task import Task
from train.report.beside import Published
from train.report.confusion import draw_confusion
from train.report.curves import draw_curves
from train.report.errors import draw_errors
from train.report.groups import subgroup_table
from train.report.levels import draw_levels
from train.report.markdown import picture_markdown, table_markdown
from train.report.opening import opening
from train.report.overview import draw_overview
from train.report.reliability import draw_reliability
from train.report.runs import Run
from train.report.tables import thesis_tables

REPORT_NAME: Final = "report.md"


def write_report(
    runs: Sequence[Run],
    out: Path,
    *,
    published: Sequence[Published] = (),
    on_run: Callable[[], None] = lambda: None,
) -> Path:
    """Write the report of several runs; the same runs give the same bytes.

    Args:
        runs: at least one.
        out: folder; made when absent.
        published: figures to print beside ours.
        on_run: called when the pictures of a run are done.

    Returns:
        The Markdown file.

    Raises:
        DataError: a file cannot be written.
    """
    parts = [opening(runs, published)]
    try:
        out.mkdir(parents=True, exist_ok=True)
        for task in Task:
            some = [run for run in runs if run.task is task]
            if some:
                name = f"overview-{task}.png"
                draw_overview(some, out / name)
                parts.append(picture_markdown(name, f"All runs of the {task} task"))
        parts += [table_markdown(table) for table in thesis_tables(runs, published)]
        parts.append("## Run by run\n")
        for run in runs:
            parts.append(_run_section(run, out))
            on_run()
        report = out / REPORT_NAME
        report.write_text("\n".join(parts), encoding="utf-8")
    except OSError as error:
        raise DataError(f"{out} cannot be written: {error.strerror}.") from error
    return report


def _run_section(run: Run, out: Path) -> str:
    pictures: list[tuple[str, str]] = []

    def draw(what: str, words: str, function: Callable[[Run, Path], object]) -> None:
        name = f"{run.slug}-{what}.png"
        if function(run, out / name) is not False:
            pictures.append((name, f"{words}, {run.caption}"))

    draw("levels", "Prediction by true level", draw_levels)
    draw("confusion", "Confusion matrices", draw_confusion)
    draw("reliability", "Reliability diagram", draw_reliability)
    draw("errors", "Error by size and turn of the face", draw_errors)
    if run.history:
        draw("curves", "Learning curves", draw_curves)
    figures = f"{run.slug}-figures.csv"
    write_figures(run.evaluation.figures, out / figures, data=run.data_words)
    groups = subgroup_table(run)
    lines = [f"### {run.name}", "", *(f"**{warning}.**\n" for warning in run.warnings)]
    lines += [f"- {name}: {value}" for name, value in _facts(run).items()]
    lines += [f"- all figures, groups included: [{figures}]({figures})", ""]
    lines += [picture_markdown(name, words) for name, words in pictures]
    if groups is not None:
        lines.append(table_markdown(groups, heading="####"))
    return "\n".join(lines)


def _facts(run: Run) -> dict[str, str]:
    facts = run.facts
    libraries: dict[str, Any] = facts.get("libraries") or {}
    known = {
        "what": f"{run.backbone_words}, {run.task} task, `{run.loss}` loss, "
        f"{facts.get('view', 'unknown')} view, {facts.get('train', 'unknown')} backbone",
        "split": run.split_words,
        "faces": run.data_words,
        "seed": facts.get("seed"),
        "started": facts.get("started"),
        "took": _with_unit(facts.get("duration_s"), "s"),
        "peak memory": _with_unit(facts.get("peak_memory_mb"), "MiB"),
        "commit": facts.get("commit"),
        "libraries": ", ".join(f"{name} {version}" for name, version in libraries.items()),
    }
    return {name: str(value) for name, value in known.items() if value not in (None, "")}


def _with_unit(value: Any, unit: str) -> str | None:
    return None if value is None else f"{float(value):,.0f} {unit}"
