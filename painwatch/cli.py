"""The one command, ``painwatch``: gathers the rooms' commands, turns errors into exit codes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import NoReturn

import typer
from rich.console import Console
from rich.text import Text

import edge.cli
from edge.batch.command import score
from pain.errors import PainwatchError, UsageError
from pain.terminal import say_it_plainly
from painwatch import __version__
from painwatch.demo import demo

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
app.command("demo")(demo)
app.command("score")(score)


_FORWARDED = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command("train", context_settings=_FORWARDED, add_help_option=False)
def train(context: typer.Context) -> None:
    """Make training data and train pain models (needs the extra 'train')."""
    _enter("train", context.args)


@app.command("export", context_settings=_FORWARDED, add_help_option=False)
def export(context: typer.Context) -> None:
    """Turn a checkpoint into a verified model bundle (needs the extra 'train')."""
    _enter("export", context.args)


@app.command("station", context_settings=_FORWARDED, add_help_option=False)
def station(context: typer.Context) -> None:
    """Show all rooms of a site in the browser (needs the extra 'station')."""
    _enter("station", context.args, extra="station", more={"demo": "painwatch.ward.command"})


@edge.cli.bench_app.command("models", context_settings=_FORWARDED, add_help_option=False)
def bench_models(context: typer.Context) -> None:
    """Time bundles against PyTorch on this machine (needs the extra 'train')."""
    _enter("bench models", context.args, commands="export.bench.cli")


@edge.cli.bench_app.command("fit", context_settings=_FORWARDED, add_help_option=False)
def bench_fit(context: typer.Context) -> None:
    """Time training against a bare PyTorch loop on this machine (needs the extra 'train')."""
    _enter("bench fit", context.args, commands="train.bench.command")


def _enter(
    name: str,
    arguments: list[str],
    *,
    commands: str | None = None,
    extra: str = "train",
    more: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Run the commands of a room that a camera box does not install.

    Args:
        name: the room, as on the command line.
        arguments: what follows it there.
        commands: module of its commands; the room's own when absent.
        extra: what installs its libraries.
        more: commands that need another room as well, by name: the module that has them.

    Raises:
        UsageError: its libraries are not installed.
    """
    try:
        module = import_module(commands or f"{name}.cli")
        for command, place in more.items():
            module.app.command(command)(getattr(import_module(place), command))
        # Commands import what they need when they run, so that --help is quick.
        module.app(args=arguments, prog_name=f"painwatch {name}")
    except ModuleNotFoundError as error:
        raise UsageError(
            f"'painwatch {name}' needs {error.name}, which a camera box does not install; on a "
            f"workstation: pip install 'painwatch[{extra}]'"
        ) from error


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
    say_it_plainly()
    try:
        app(standalone_mode=True)
    except PainwatchError as error:
        said = Text.assemble(("painwatch: ", "bold red"), str(error))
        Console(stderr=True).print(said, soft_wrap=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED_EXIT_CODE)
    sys.exit(0)
