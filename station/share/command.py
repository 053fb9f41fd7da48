"""``painwatch station export``: what was kept, for other programs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from station.share.kinds import Table

if TYPE_CHECKING:
    from station.live.values import RoomKey
    from station.share.opening import Opened
    from station.share.post import FhirServer

app = typer.Typer(
    name="export",
    help=(
        "Give what the station kept to other programs.\n\nFiles are written whole or not at all, "
        "readable by their owner alone; each export stands in the station's audit. They concern "
        "residents' health: guard them."
    ),
    no_args_is_help=True,
)

_DAY = ["%Y-%m-%d"]

ConfigFile = Annotated[
    Path, typer.Option("--config", "-c", help="YAML file of the station whose database is meant.")
]
Since = Annotated[datetime, typer.Option(formats=_DAY, help="First day, local time.")]
Until = Annotated[
    datetime | None, typer.Option(formats=_DAY, help="First day left out; until now if absent.")
]
Room = Annotated[
    str | None, typer.Option(help="One room, ROOM or SITE/ROOM; all of them if absent.")
]
Out = Annotated[Path, typer.Option(help="File to write.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")]


@app.command("fhir")
def as_fhir(
    config: ConfigFile,
    since: Since,
    *,
    until: Until = None,
    room: Room = None,
    out: Annotated[
        Path | None, typer.Option(help="File for one Bundle of type collection.")
    ] = None,
    post: Annotated[
        str | None, typer.Option(help="Base URL of a FHIR server, which gets transactions.")
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(help="File with the server's bearer token; else $PAINWATCH_FHIR_TOKEN."),
    ] = None,
    ca: Annotated[
        Path | None, typer.Option(help="PEM file of the authority of the server's certificate.")
    ] = None,
    timeout_s: Annotated[float, typer.Option(min=1, max=600, help="Patience, seconds.")] = 30.0,
    plaintext: Annotated[
        bool, typer.Option("--plaintext", help="Allow http to another machine.")
    ] = False,
    patient: Annotated[
        list[str] | None,
        typer.Option(help="ROOM=Patient/ID: who lived there all this time. May be repeated."),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            help="URL or URN before the names of codes and identifiers; see docs/fhir.md."
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Write minutes, silences and alarms as FHIR R4, or POST them; nothing is created twice."""
    from pain.errors import UsageError
    from station.share.fhir import collection, resources, transactions
    from station.share.files import refuse_overwrite, write_whole
    from station.share.opening import opened
    from station.share.places import Places, patients_of
    from station.share.progress import counted
    from station.share.terms import terms_of

    if (out is None) == (post is None):
        raise UsageError("give --out FILE or --post URL, one of them")
    if out is not None:
        refuse_overwrite(out, force=force)
    terms = terms_of(base)
    server = _server(post, token_file, ca, timeout_s=timeout_s, plaintext=plaintext)
    with opened(config, since=since, until=until, room=room) as work:
        residents = patients_of(patient or (), site=work.config.site, known=work.keys)
        places = Places(terms, names=_names(work), patients=residents)
        found = resources(
            work.source, work.keys, work.span, now=work.now, terms=terms, places=places
        )
        with counted(found, "resources") as passing:
            if server is not None:
                work.audit("fhir", server.shown)
                server.send(transactions(passing, terms=terms, places=places))
                _say(f"{server.shown}: {passing.number} resources sent")
            elif out is not None:
                work.audit("fhir", str(out))
                pieces = collection(passing, work.keys, now=work.now, terms=terms, places=places)
                write_whole(out, pieces)
                _say(f"{out}: {passing.number} resources")


@app.command("csv")
def as_csv(
    table: Annotated[Table, typer.Argument(help="What to write.")],
    config: ConfigFile,
    since: Since,
    out: Out,
    *,
    until: Until = None,
    room: Room = None,
    force: Force = False,
) -> None:
    """Write events, minutes, silences or notes as CSV; moments are ISO 8601 in UTC."""
    from station.share.files import refuse_overwrite, write_whole
    from station.share.opening import opened
    from station.share.progress import counted
    from station.share.table import lines

    refuse_overwrite(out, force=force)
    with opened(config, since=since, until=until, room=room) as work:
        work.audit(f"csv {table.value}", str(out))
        rows = lines(table, work.source, work.keys, work.span, now=work.now)
        with counted(rows, "lines") as passing:
            write_whole(out, passing)
            _say(f"{out}: {passing.number - 1} {table.value}")


@app.command()
def feedback(
    config: ConfigFile,
    since: Since,
    out: Out,
    *,
    until: Until = None,
    room: Room = None,
    force: Force = False,
) -> None:
    """Write the alarms that nurses judged as JSON lines, with the minutes around them."""
    from station.share.feedback import Tally, lines
    from station.share.files import refuse_overwrite, write_whole
    from station.share.opening import opened
    from station.share.progress import counted

    refuse_overwrite(out, force=force)
    tally = Tally()
    with opened(config, since=since, until=until, room=room) as work:
        work.audit("feedback", str(out))
        rows = lines(work.source, work.keys, work.span, tally, now=work.now)
        with counted(rows, "lines") as passing:
            write_whole(out, passing)
    share = tally.confirmed_share
    ratio = "none confirmed or dismissed" if share is None else f"{share:.0%} confirmed"
    _say(f"{out}: {tally.judged} of {tally.alarms} alarms judged; of the decided ones {ratio}")


def _server(
    url: str | None, token_file: Path | None, ca: Path | None, *, timeout_s: float, plaintext: bool
) -> FhirServer | None:
    from station.share.post import FhirServer, token_from

    if url is None:
        return None
    token = token_from(token_file)
    return FhirServer(url, token=token, authority=ca, timeout_s=timeout_s, plaintext=plaintext)


def _names(work: Opened) -> dict[RoomKey, str]:
    """Names for people, where the settings tell them."""
    from station.live.values import RoomKey

    site = work.config.site
    return {RoomKey(site=site, room=one.id): one.name for one in work.config.rooms if one.name}


def _say(text: str) -> None:
    from rich.console import Console

    Console().print(text, highlight=False, markup=False, soft_wrap=True)
