"""``painwatch station``: the nursing station."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from station.access.command import app as users_app
from station.share.command import app as export_app

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
app.add_typer(users_app, name="users")
app.add_typer(export_app, name="export")


@app.callback()
def station() -> None:
    """Gather the commands; each has its own help."""


ConfigFile = Annotated[
    Path,
    typer.Option(
        "--config",
        "-c",
        help="YAML file of this station; see docs/station-configuration.md for every key.",
    ),
]


@app.command()
def run(
    config: ConfigFile,
    *,
    board: Annotated[
        bool,
        typer.Option(help="Serve the board; without it the station hears, keeps and judges only."),
    ] = True,
    log_level: Annotated[
        str, typer.Option(help="debug, info, warning or error; goes to standard error.")
    ] = "info",
    log_format: Annotated[
        str, typer.Option(help="human, or json: one object per line, for log collectors.")
    ] = "human",
) -> None:
    """Hear the rooms of a site until stopped (Ctrl-C or SIGTERM).

    The broker may come later. Ends with code 2 when the config or the database is wrong.
    """
    import asyncio

    from pain.log import hide, set_up_logging
    from pain.settings.secrets import secrets_in
    from station.config.load import load_config
    from station.run import board_server
    from station.run import run as run_station

    set_up_logging(log_level, log_format)
    loaded = load_config(config)
    hide(secrets_in(loaded))
    asyncio.run(run_station(loaded, board_server() if board else None))


@app.command("check-config")
def check_config(config: ConfigFile) -> None:
    """Read a config file, check every key and every file it names, and say what is wrong."""
    from rich.console import Console

    from station.config.load import load_config

    loaded = load_config(config)
    Console().print(
        f"{config}: valid. Station {loaded.station} of site {loaded.site}, "
        f"{len(loaded.rooms)} room(s) expected.",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


@app.command()
def bench(
    *,
    rooms: Annotated[
        int, typer.Option(min=1, max=1000, help="Rooms; each says a reading a second.")
    ] = 200,
    seconds: Annotated[float, typer.Option(min=2, max=3600, help="Length.")] = 20.0,
    burst: Annotated[
        int, typer.Option(min=1, max=1000, help="Alarms at once, half-way; one a room at most.")
    ] = 50,
    board: Annotated[
        bool,
        typer.Option(
            "--board",
            help="Measure to the tiles in a browser, with the real station between. Needs the "
            "packages of the extra 'dev' and Chromium.",
        ),
    ] = False,
    browsers: Annotated[
        int, typer.Option(min=1, max=32, help="With --board: pages that show all rooms.")
    ] = 1,
    out: Annotated[
        Path | None, typer.Option(help="CSV file for the rows; on the screen alone if absent.")
    ] = None,
) -> None:
    """Measure the station under the load of a large site, with a mosquitto of its own.

    Ends with code 1 when anything was lost.
    """
    from station.bench import command

    burst = min(burst, rooms)
    if board:
        code = command.bench_board(
            rooms=rooms, seconds=seconds, burst=burst, browsers=browsers, out=out
        )
    else:
        code = command.bench(rooms=rooms, seconds=seconds, burst=burst, out=out)
    raise typer.Exit(code)
