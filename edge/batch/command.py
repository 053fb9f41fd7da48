"""``painwatch score``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

INCOMPLETE_EXIT_CODE = 2


def score(
    paths: Annotated[list[Path], typer.Argument(help="Pictures, folders of pictures, videos.")],
    *,
    out: Annotated[
        Path | None,
        typer.Option(help="Table of one row a face or frame: .csv, or .parquet (needs pyarrow)."),
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(help="Folder of a model bundle; the built-in one when absent.")
    ] = None,
    every_s: Annotated[
        float,
        typer.Option(min=0, help="Least time between two frames of a video, s; 0 for every frame."),
    ] = 0.0,
    crops: Annotated[
        bool | None,
        typer.Option(
            "--crops/--no-crops",
            help="Whether pictures are aligned crops of ours (256 px); each is asked when absent.",
        ),
    ] = None,
    annotate: Annotated[
        Path | None,
        typer.Option(
            help="Folder for copies of the pictures with boxes and levels on them. They show "
            "faces: keep them as you keep the originals."
        ),
    ] = None,
) -> None:
    """Score the pain in faces of pictures and videos, without any room or broker.

    Every face of a picture has a row: level 0 to 6, PSPI, action units, head pose; in a video the
    face that the daemon would follow has one in every frame. Where there is no level the row says
    why, and never 0. Nothing leaves this machine, and no picture is kept unless --annotate asks.

    Exit code 2: a file could not be read or shows no face that may be scored; the rest was scored.

    Examples: 'painwatch score photos/', 'painwatch score visit.mp4 --every-s 0.2 --out visit.csv'.
    """
    from edge.batch.run import run_score

    complete = run_score(
        paths, out=out, bundle=bundle, every_s=every_s, crops=crops, annotate_to=annotate
    )
    raise typer.Exit(0 if complete else INCOMPLETE_EXIT_CODE)
