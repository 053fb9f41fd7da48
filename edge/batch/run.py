"""Runs ``painwatch score``: progress, table, files."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from edge.batch.annotate import WARNING, annotate
from edge.batch.media import Media, Problem, find_media, read_picture
from edge.batch.scored import FaceScorer, ScoredFace, score_sources
from edge.batch.table import check_out, shown_table, write_table


def run_score(
    paths: Sequence[Path],
    *,
    out: Path | None,
    bundle: Path | None,
    every_s: float,
    crops: bool | None,
    annotate_to: Path | None,
) -> bool:
    """Score, show and write.

    Args:
        paths: pictures, folders, videos.
        out: CSV or Parquet file; none when absent.
        bundle: folder of the bundle; None for the built-in one.
        every_s: least time between two frames of a video, seconds.
        crops: whether pictures are aligned crops; None asks each of them.
        annotate_to: folder of annotated pictures; none when absent.

    Returns:
        Whether everything that was named could be scored.

    Raises:
        UsageError: a file cannot be written, or the models cannot be used.
    """
    if out is not None:
        check_out(out)
    console = Console()
    problems: list[Problem] = []
    with (
        FaceScorer(bundle_dir=bundle, crops=crops) as scorer,
        Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console
        ) as progress,
    ):
        task = progress.add_task("", total=None)
        done = 0

        def on_media(media: Media) -> None:
            progress.update(task, description=f"{media.name}: {done} faces and frames so far")

        def on_scored(one: ScoredFace) -> None:
            nonlocal done
            done += 1
            if one.at_s is not None:
                progress.update(task, description=f"{one.file}: {one.at_s:.1f} s")

        scored = score_sources(
            paths,
            scorer,
            every_s=every_s,
            on_problem=problems.append,
            on_media=on_media,
            on_scored=on_scored,
        )
        progress.update(task, visible=False)
        model = scorer.scorer.bundle.name
    if scored:
        console.print(shown_table(scored, model=model))
    if out is not None and scored:
        write_table(out, scored)
        console.print(f"rows: {out}", highlight=False)
    aside = Console(stderr=True)
    if annotate_to is not None:
        _annotate(paths, scored, annotate_to)
        aside.print(f"{annotate_to}: {WARNING}", style="bold yellow", highlight=False)
    for problem in problems:
        aside.print(f"! {problem}", style="yellow", highlight=False, markup=False, soft_wrap=True)
    return not problems


def _annotate(paths: Sequence[Path], scored: Sequence[ScoredFace], folder: Path) -> None:
    """Pictures alone: a video would need as many files as it has frames."""
    pictures = {one.name: one.path for one in find_media(paths)[0] if not one.is_video}
    for file, faces in groupby(scored, key=lambda one: one.file):
        if file in pictures:
            annotate(read_picture(pictures[file]), list(faces), folder / f"{file}.png")
