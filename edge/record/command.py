"""``painwatch edge log``: the record of what was decided, by whom, and with what."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

log_app = typer.Typer(
    name="log",
    help=(
        "The record of alarms, commands, settings, models and faults: verify, show, export.\n\n"
        "Every line carries the hash of the line before it, so that nothing can be changed or "
        "taken out unseen. See docs/records.md."
    ),
    no_args_is_help=True,
)

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="YAML file of the box whose record is meant."),
]
Folder = Annotated[
    Path | None, typer.Option(help="Folder of the record, e.g. a copy of it; instead of -c.")
]
Since = Annotated[
    str | None, typer.Option(help="Not before: 2026-11-25 or 2026-11-25T14:00, local time.")
]
Until = Annotated[str | None, typer.Option(help="Before this moment, in the same form.")]
Room = Annotated[str | None, typer.Option(help="One room alone, by its id.")]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", help="alarm, command, fault ...; may be repeated.")
]


@log_app.command("verify")
def verify(*, config: ConfigFile = None, folder: Folder = None) -> None:
    """Follow the chain through every file; ends with code 1 when anything is wrong.

    Prints where the chain ends. Keep that line elsewhere from time to time, e.g. in the ward's
    book: whoever may write the files could make a whole new chain, but not one with that end.

    Example: painwatch edge log verify -c /etc/painwatch/room.yaml
    """
    from rich.console import Console
    from rich.table import Table

    from edge.record.verify import verify as follow

    place = _place(config, folder)
    verdict = follow(place)
    console = Console(highlight=False)
    if verdict.flaws:
        table = Table("file", "line", "what is wrong", title=str(place))
        for flaw in verdict.flaws:
            table.add_row(flaw.file, "" if flaw.line is None else str(flaw.line), flaw.what)
        console.print(table)
        raise typer.Exit(1)
    first = verdict.first or 0
    console.print(
        f"{place}: whole. {verdict.entries} lines, from number {first} to {verdict.end.seq}.\n"
        f"End of the chain: {verdict.end.seq}:{verdict.end.hash}",
        markup=False,
        soft_wrap=True,
    )


@log_app.command("show")
def show(
    *,
    config: ConfigFile = None,
    folder: Folder = None,
    since: Since = None,
    until: Until = None,
    room: Room = None,
    kind: Kinds = None,
    last: Annotated[int, typer.Option(min=1, help="At most so many lines, the newest.")] = 50,
) -> None:
    """Print lines as a table, newest last.

    Example: painwatch edge log show -c room.yaml --since 2026-11-25 --kind alarm --kind command
    """
    import json
    from collections import deque

    from rich.console import Console
    from rich.table import Table

    from edge.record.read import Wanted, read

    wanted = Wanted(
        since=_moment(since, "--since"),
        until=_moment(until, "--until"),
        room=room,
        kinds=frozenset(kind or ()),
    )
    table = Table("nr", "when", "room", "what", "", title="Record")
    for fields in deque(read(_place(config, folder), wanted), maxlen=last):
        at = datetime.fromisoformat(fields["at"]).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        body = json.dumps(fields["body"], ensure_ascii=False)
        table.add_row(str(fields["seq"]), at, fields["room"] or "", fields["kind"], body)
    Console(highlight=False).print(table, markup=False)


@log_app.command("export")
def export(
    *,
    out: Annotated[Path, typer.Option(help="File to write: .jsonl or .csv.")],
    config: ConfigFile = None,
    folder: Folder = None,
    since: Since = None,
    until: Until = None,
    room: Room = None,
    kind: Kinds = None,
) -> None:
    """Write lines to a file, for an audit or for a table.

    Example: painwatch edge log export -c room.yaml --since 2026-11-01 --out november.csv
    """
    from rich.console import Console

    from edge.record.read import Wanted, read, write_csv, write_jsonl
    from pain.errors import UsageError

    writers = {".jsonl": write_jsonl, ".csv": write_csv}
    if out.suffix not in writers:
        raise UsageError(f"--out {out}: give a name that ends with .jsonl or .csv")
    wanted = Wanted(
        since=_moment(since, "--since"),
        until=_moment(until, "--until"),
        room=room,
        kinds=frozenset(kind or ()),
    )
    place = _place(config, folder)
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            count = writers[out.suffix](read(place, wanted), file)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}") from error
    Console().print(f"{out}: {count} lines", markup=False, highlight=False, soft_wrap=True)


def _place(config: Path | None, folder: Path | None) -> Path:
    from edge.config.load import load_config
    from edge.gateway.state import record_folder
    from pain.errors import UsageError

    if (config is None) == (folder is None):
        raise UsageError("say which record: -c FILE of the box, or --folder of a copy")
    if folder is not None:
        place = folder
    else:
        assert config is not None  # noqa: S101  (one of the two is given)
        loaded = load_config(config)
        place = record_folder(loaded.storage, loaded.site)
    if not place.is_dir():
        raise UsageError(f"{place}: no such folder; has this box ever run?")
    return place


def _moment(text: str | None, option: str) -> datetime | None:
    from pain.errors import UsageError

    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError as error:
        raise UsageError(
            f"{option} {text}: write a day or a moment, e.g. 2026-11-25 or 2026-11-25T14:00"
        ) from error
