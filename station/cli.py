"""``painwatch station``: the nursing station."""

from __future__ import annotations

import typer

app = typer.Typer(
    name="station",
    help=(
        "Show all rooms of a site in the browser, take acknowledgements, tell who must come.\n\n"
        "A research aid, not a medical device: it adds to the nurse-call system and never "
        "replaces it."
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.callback()
def station() -> None:
    """Gather the commands; each has its own help."""
