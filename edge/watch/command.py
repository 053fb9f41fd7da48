"""``painwatch edge watch``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from edge.config import MqttConfig

TLS_PORT = 8883
PLAINTEXT_PORT = 1883


def watch(
    *,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="Take site, broker and limits from a box's YAML file."),
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="Broker, instead of a config file; needs --site.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Its port: 8883, or 1883 in plain text.")
    ] = None,
    site: Annotated[str | None, typer.Option(help="Site whose rooms to show.")] = None,
    plaintext: Annotated[
        bool, typer.Option("--plaintext", help="Connect without TLS (loopback and tests only).")
    ] = False,
    person: Annotated[
        str | None, typer.Option(help="Your id, to sign commands with; asked for when absent.")
    ] = None,
    plain: Annotated[
        bool,
        typer.Option("--plain", help="One line per change; also used when not in a terminal."),
    ] = False,
) -> None:
    """Show all rooms of a site live, as a nursing station would see them, over MQTT.

    Every room shows its pain level 0..6 with the last ten minutes, what is seen in the face, and
    its alarms. A room that sends nothing fresh is shown as unavailable, never with an old level.
    Rooms that need somebody stand first.

    Keys: up/down choose a room, a acknowledges its alarms, p pauses its signals for ten minutes,
    r ends the pause, i changes your id, q quits.

    Examples: 'painwatch edge watch -c box.yaml', or
    'painwatch edge watch --host mqtt.home.example --site elm-court'.

    A research aid, not a medical device.
    """
    from edge.config import AlarmsConfig
    from edge.config.load import load_config
    from edge.watch.run import run_board
    from pain.errors import UsageError

    if config is not None:
        if host or port or site or plaintext:
            raise UsageError("give -c FILE, or --host with --site, not both")
        loaded = load_config(config)
        where, mqtt, alarms = loaded.site, loaded.mqtt, loaded.alarms
    elif host is not None and site is not None:
        where, alarms = _checked_site(site), AlarmsConfig()
        mqtt = _broker(host, port, plaintext=plaintext)
    else:
        raise UsageError("say which broker: -c FILE, or --host HOST --site SITE")
    code = run_board(
        mqtt=mqtt, site=where, alarms=alarms, person=_checked_person(person), plain=plain
    )
    raise typer.Exit(code)


def _broker(host: str, port: int | None, *, plaintext: bool) -> MqttConfig:
    from pydantic import ValidationError

    from edge.config import MqttConfig
    from pain.errors import UsageError

    usual = PLAINTEXT_PORT if plaintext else TLS_PORT
    try:
        return MqttConfig(host=host, port=port or usual, plaintext=plaintext)
    except ValidationError as error:
        raise UsageError(f"--host {host!r}: {error.errors()[0]['msg']}") from error


def _checked_site(site: str) -> str:
    import re

    from pain.errors import UsageError
    from pain.topics import NAME_PATTERN

    if not re.fullmatch(NAME_PATTERN, site):
        raise UsageError(f"--site {site!r}: lower case letters, digits, '-' and '_' only")
    return site


def _checked_person(person: str | None) -> str | None:
    from pydantic import TypeAdapter, ValidationError

    from pain.errors import UsageError
    from pain.wire import PersonId

    try:
        return None if person is None else TypeAdapter(PersonId).validate_python(person)
    except ValidationError as error:
        raise UsageError(f"--person {person!r}: 1 to 64 printable characters") from error
