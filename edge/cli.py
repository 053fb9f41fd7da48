"""Commands of the camera daemon; heavy libraries load when a command runs, not for --help."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.bench.command import bench_app
from edge.doctor.command import doctor
from edge.gateway.forget_command import forget
from edge.health.command import health
from edge.record.command import log_app
from edge.simulate.command import simulate
from edge.track.command import models_app
from edge.watch.command import watch

if TYPE_CHECKING:
    from edge.config import EdgeConfig

__all__ = ["app", "bench_app", "models_app"]

app = typer.Typer(
    help="The camera daemon: watch rooms, score faces, raise alarms.", no_args_is_help=True
)
app.command("watch")(watch)
app.command("doctor")(doctor)
app.command("simulate")(simulate)
app.command("health")(health)
app.command("forget")(forget)
app.add_typer(log_app, name="log")

ConfigFile = Annotated[
    Path,
    typer.Option(
        "--config", "-c", help="YAML file of this box; see docs/configuration.md for every key."
    ),
]


@app.command()
def run(
    config: ConfigFile,
    *,
    fast: Annotated[
        bool,
        typer.Option(
            "--fast", help="Read video files as fast as they decode; no frame is dropped."
        ),
    ] = False,
    wait_for_broker: Annotated[
        bool,
        typer.Option(
            "--wait-for-broker",
            help="Keep watching and retrying when the broker is absent at start (for services).",
        ),
    ] = False,
    log_level: Annotated[
        str, typer.Option(help="debug, info, warning or error; goes to standard error.")
    ] = "info",
    log_format: Annotated[
        str, typer.Option(help="human, or json: one object per line, for log collectors.")
    ] = "human",
) -> None:
    """Watch the rooms of a config file until stopped (Ctrl-C or SIGTERM).

    SIGHUP, and the MQTT command reload, read the file again; one with a mistake changes nothing.
    Ends by itself with code 0 when every room is a video file that has been played; with code 2
    when the config, a file, the model or the broker is wrong.
    """
    from edge.gateway.reload import ConfigSource
    from edge.gateway.run import run as run_gateway
    from pain.log import set_up_logging

    set_up_logging(log_level, log_format)
    loaded = _load(config)
    source = ConfigSource(path=config, read=_load)
    raise typer.Exit(run_gateway(loaded, fast=fast, wait_for_broker=wait_for_broker, source=source))


def _load(config: Path) -> EdgeConfig:
    """Read a config file and the models that it names."""
    from edge.config.load import load_config
    from edge.track.model_file import locate_landmarker
    from pain.bundle import load_bundle
    from pain.embedding import load_embedding
    from pain.log import hide
    from pain.settings.secrets import secrets_in

    loaded = load_config(config)
    hide(secrets_in(loaded))
    # A worker would find these out too, but a person at the terminal wants to know at once.
    locate_landmarker(loaded.tracking.landmarker)
    if loaded.scoring.bundle is not None:
        load_bundle(loaded.scoring.bundle)
    for room in loaded.rooms:
        if room.identity.enabled and room.identity.bundle is not None:
            load_embedding(room.identity.bundle)
    return loaded


@app.command("check-config")
def check_config(config: ConfigFile) -> None:
    """Read a config file, check every key and every file it names, and say what is wrong."""
    from rich.console import Console

    from edge.config.load import load_config
    from edge.config.room import NO_ZONE
    from edge.config.stable_name import better_uri

    loaded = load_config(config)
    rooms = ", ".join(room.display_name for room in loaded.rooms)
    Console().print(
        f"{config}: valid. Site {loaded.site}, {len(loaded.rooms)} room(s): {rooms}.",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    for room in loaded.rooms:
        if room.zone is None:
            typer.echo(f"{config}: {room.id}: {NO_ZONE}; see docs/placing.md", err=True)
        if (better := better_uri(room.camera)) is not None:
            typer.echo(
                f"{config}: {room.id}: {room.camera.uri} may be another camera once one was "
                f"plugged in again; better {better}",
                err=True,
            )
