"""Options that every command with real faces or clips has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DataOption = Annotated[
    Path, typer.Option(help="Folder of a data set whose faces the graphs are tried on.")
]
CacheOption = Annotated[
    Path, typer.Option(help="Folder that 'painwatch train track' filled for that set.")
]
FacesOption = Annotated[
    int | None,
    typer.Option(
        help="At most so many faces, evenly over levels and people; all when left out.", min=8
    ),
]
ClipOption = Annotated[
    list[Path] | None,
    typer.Option(
        help="Video whose alarms must stay the same; repeatable. The clip inside the package when "
        "left out. No picture of it is kept."
    ),
]
