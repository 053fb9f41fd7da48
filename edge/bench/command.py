"""``painwatch bench``: measure this machine and write rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

bench_app = typer.Typer(
    help="Measure this machine; rows carry commit and device.", no_args_is_help=True
)


@bench_app.command()
def edge(
    *,
    out: Annotated[Path, typer.Option(help="CSV file for the rows.")] = Path("edge.csv"),
    clip: Annotated[
        Path | None, typer.Option(help="Video with one face; the bundled clip when absent.")
    ] = None,
    frames: Annotated[int, typer.Option(min=30, help="Frames timed for the overhead ratio.")] = 200,
    seconds: Annotated[
        float, typer.Option(min=5, help="Time to watch the whole daemon at each frame rate.")
    ] = 20.0,
) -> None:
    """Compare the daemon's path with bare MediaPipe and ONNX Runtime, then watch the whole daemon.

    The first table is a ratio within one run on the same pictures. The second is the daemon as
    installed, on a 1080p camera of 10 and 25 frames a second: latency, CPU and dropped frames.
    """
    from edge.bench.edge_run import run_edge_bench

    run_edge_bench(out=out, clip=clip, frames=frames, duration_s=seconds)


@bench_app.command("range")
def range_command(
    faces: Annotated[
        list[Path],
        typer.Argument(
            help="Portraits (an oval is cut around the face), PNG cut-outs with alpha, or folders."
        ),
    ],
    *,
    clip: Annotated[
        list[Path] | None,
        typer.Option(help="Video of one face, to measure how well it is kept; may be repeated."),
    ] = None,
    height_px: Annotated[
        list[int] | None, typer.Option(help="Face height; may be repeated; ten heights if absent.")
    ] = None,
    positions: Annotated[int, typer.Option(min=1, help="Positions per size and height.")] = 40,
    out: Annotated[
        Path, typer.Option(help="Folder for range.csv, range.png and follow.csv.")
    ] = Path("docs/results"),
) -> None:
    """Measure at which distance faces are found, how soon, and how well they are kept.

    Faces of 40 to 240 px are put into drawn rooms of 1280x720 and 1920x1080 at random places; the
    tracker and bare MediaPipe look at the same pictures. Takes about ten minutes per face.
    """
    from edge.bench.range import range_bench

    range_bench(faces, clips=clip or [], heights_px=height_px, positions=positions, out=out)


@bench_app.command()
def calm(
    videos: Annotated[list[Path], typer.Argument(help="Videos of people who are not in pain.")],
    *,
    bundle: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of a model bundle; may be repeated; the built-in one if absent."),
    ] = None,
    out: Annotated[Path, typer.Option(help="CSV file for the rows.")] = Path("calm.csv"),
) -> None:
    """Count the seconds of pain alarm in videos where there should be none.

    The daemon's own tracker, smoothing and alarms look at every frame, with every bundle in turn.
    """
    from edge.bench.calm_run import run_calm_bench

    run_calm_bench(videos, bundles=bundle or [None], out=out)


@bench_app.command()
def faces(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Pictures, folders of pictures, videos.")
    ] = None,
    *,
    features: Annotated[
        Path | None,
        typer.Option(
            help="Faces as numbers instead of pictures: an .npz with blendshapes and stages of the "
            "face mesh network."
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            help="CSV with the column file and any of pain_like (yes, no, unsure), expression, "
            "age, sex, person, set."
        ),
    ] = None,
    bundle: Annotated[
        list[str] | None,
        typer.Option(
            help="Folder of a model bundle, or the name of a built-in one; may be repeated. The "
            "default bundle stands beside them."
        ),
    ] = None,
    levels: Annotated[
        Path | None,
        typer.Option(
            help="CSV with the column file and one of levels for each model that is no bundle yet."
        ),
    ] = None,
    crops: Annotated[
        bool | None,
        typer.Option(
            "--crops/--no-crops",
            help="Whether the pictures are aligned crops of ours (256 px), whose pixels are given "
            "to the model as they are; each is asked when absent.",
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option(help="CSV file for the rows; the picture stands beside it.")
    ] = Path("faces.csv"),
) -> None:
    """Read real faces and say how often a model is wrong: the yardstick that chooses the default.

    Each picture is looked at once by the daemon's own tracker; what it refuses is counted by its
    reason. The table shows levels, the shares read as 3 and more and as 5 and more, and, where
    labels say which faces are pain-like, how well they are told from the others (AUROC), beside
    the textbook formula on blendshapes. Videos are shown second by second.

    Exit code 2: something that was named could not be used; the rest was measured.
    """
    from edge.bench.faces.run import run_faces_bench

    code = run_faces_bench(
        paths or [],
        features=features,
        labels=labels,
        bundles=bundle or [],
        levels=levels,
        crops=crops,
        out=out,
    )
    raise typer.Exit(code)


@bench_app.command()
def soak(
    *,
    minutes: Annotated[float, typer.Option(min=0.1, help="Time to watch the daemon.")] = 30.0,
    every_s: Annotated[float, typer.Option(min=1, help="Time between two looks, seconds.")] = 60.0,
    clip: Annotated[
        Path | None, typer.Option(help="Video with one face; the bundled clip when absent.")
    ] = None,
    out: Annotated[Path, typer.Option(help="CSV file; the picture stands beside it.")] = Path(
        "soak.csv"
    ),
) -> None:
    """Watch memory and open files of the daemon on a clip that is played again and again.

    The whole daemon as installed, at 25 frames a second in real time. Rows are written at every
    look; the slopes at the end leave out the first fifth of the run.
    """
    from edge.bench.soak_run import run_soak_bench

    run_soak_bench(out=out, clip=clip, duration_s=60 * minutes, every_s=every_s)
