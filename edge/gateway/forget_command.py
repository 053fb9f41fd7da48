"""``painwatch edge forget``: take back what a room has left at the broker and Home Assistant."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def forget(
    room: Annotated[str, typer.Argument(help="Id of a room that is no longer in the config.")],
    config: Annotated[
        Path, typer.Option("--config", "-c", help="YAML file of the box that had the room.")
    ],
    *,
    site: Annotated[
        str | None, typer.Option(help="The site as it was called; as in the config if absent.")
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Also where a box still says that the room is online."),
    ] = False,
) -> None:
    """Clear a room's retained messages and its Home Assistant discovery.

    The daemon does so itself for a room that it watched, at a reload or at its next start. This is
    for a box that is gone, or was set up anew. The user of the config needs the rights that the
    room had; take them out of the access list afterwards.

    Example: painwatch edge forget room-14 -c /etc/painwatch/edge.yaml
    """
    from edge.config.load import load_config
    from edge.gateway.ledger import left_by, strike
    from edge.mqtt.departed import Abandoned, take_back
    from pain.errors import BrokerError, UsageError

    loaded = load_config(config)
    place = site or loaded.site
    if place == loaded.site and room in {one.id for one in loaded.rooms}:
        raise UsageError(f"{room} is in {config}: take it out there first, and reload the service")
    try:
        left = left_by(loaded, site=place, room=room)
    except ValueError as error:
        raise UsageError(str(error)) from error
    try:
        take_back(loaded.mqtt, left, although_online=force)
    except Abandoned as error:
        raise BrokerError(str(error)) from error
    strike(loaded, site=place, room=room)
    typer.echo(f"{place}/{room}: {len(left.retained)} retained topics are cleared")
