"""The one command, ``painwatch``: gathers the rooms' commands, turns errors into exit codes."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer
from rich.console import Console

import edge.cli
import export.cli
import train.cli
from pain.errors import PainwatchError
from painwatch import __version__

INTERRUPTED_EXIT_CODE = 130
"""What shells report for a program ended by Ctrl-C (128 + SIGINT)."""

app = typer.Typer(
    name="painwatch",
    help=(
        "Watch a resident's face on the device, score pain 0..6, alert the nursing station over "
        "MQTT.\n\nA research aid, not a medical device: it adds to the nurse-call system and never "
        "replaces it.\n\nStart with 'painwatch demo'."
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.add_typer(edge.cli.app, name="edge")
app.add_typer(edge.cli.models_app, name="models")
app.add_typer(edge.cli.bench_app, name="bench")
app.add_typer(train.cli.app, name="train")
app.add_typer(export.cli.app, name="export")
app.command("demo")(edge.cli.demo)


def _show_version(wanted: bool) -> None:  # noqa: FBT001  (typer's callback signature)
    if wanted:
        typer.echo(f"painwatch {__version__}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: bool = typer.Option(
        False, "--version", help="Print the version.", callback=_show_version, is_eager=True
    ),
) -> None:
    """Options that stand before the subcommand."""


def main() -> NoReturn:
    """Run the command line; errors made on purpose are printed without a traceback."""
    try:
        app(standalone_mode=True)
    except PainwatchError as error:
        Console(stderr=True).print(f"[bold red]painwatch:[/] {error}", markup=True, highlight=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED_EXIT_CODE)
    sys.exit(0)
