"""Runs the yardstick and shows what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, get_args

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from edge.batch.media import Media, Problem, find_media
from edge.bench.faces.clip import clip_rows
from edge.bench.faces.features import read_features, read_with, stored_readers
from edge.bench.faces.judge import Reader, Subject, rows, worst_expression
from edge.bench.faces.labels import match, read_labels
from edge.bench.faces.look import look_at
from edge.bench.faces.others import read_others
from edge.bench.faces.plot import plot_clip, plot_faces
from edge.bench.range_plot import matplotlib_here
from edge.bench.rows import Row, write_rows
from edge.config import ScoringConfig
from edge.config.scoring import BuiltinName, removed_builtin
from edge.score import Scorer
from edge.score.builtin import builtin_bundle_dir
from edge.track.landmarker import Landmarker
from edge.track.model_file import locate_landmarker
from pain.errors import SourceError, UsageError

INCOMPLETE_EXIT_CODE: Final = 2
"""Something that was named could not be used; the rest was measured."""

_SHOWN: Final = ("all", "pain_like", "age")


def bundle_folders(named: Sequence[str]) -> list[Path]:
    """Folders of the bundles that were named: a built-in one by its name, others by their path.

    The one that runs by default stands beside them in any case.

    Raises:
        UsageError: neither.
    """
    default = builtin_bundle_dir()
    folders = []
    for name in named:
        builtin = next((one for one in get_args(BuiltinName) if one == name), None)
        folder = (
            Path(name) if builtin is None or Path(name).is_dir() else builtin_bundle_dir(builtin)
        )
        if not folder.is_dir():
            if (told := removed_builtin(name)) is not None:
                raise UsageError(f"--bundle {name}: {told}")
            raise UsageError(
                f"--bundle {name}: no such folder, and no built-in bundle of that name "
                f"({', '.join(get_args(BuiltinName))})"
            )
        folders.append(folder)
    return list(dict.fromkeys([*folders, default]))


def run_faces_bench(
    paths: Sequence[Path],
    *,
    features: Path | None,
    labels: Path | None,
    bundles: Sequence[str],
    levels: Path | None,
    crops: bool | None,
    out: Path,
) -> int:
    """Measure, print a table, write rows and a picture beside them.

    Args:
        paths: pictures, folders of pictures, videos.
        features: faces as numbers, instead.
        labels: CSV of what is known of the pictures.
        bundles: folders, or names of built-in ones.
        levels: CSV of levels that other models gave.
        crops: whether the pictures are our own aligned crops; None asks each of them.
        out: CSV for the rows; the picture stands beside it.

    Returns:
        Exit code: 2 when something that was named could not be used.

    Raises:
        UsageError: nothing can be measured.
    """
    if bool(paths) == (features is not None):
        raise UsageError("name pictures or videos, or --features FILE; one of the two")
    console = Console()
    folders = bundle_folders(bundles)
    if features is not None:
        subjects, readers, problems = _from_features(features, folders)
        problems += _judge(subjects, readers, levels, on=features.stem, out=out, console=console)
        return _end(problems)
    media, problems = find_media(paths)
    pictures = [one for one in media if not one.is_video]
    videos = [one for one in media if one.is_video]
    if not media:
        raise SourceError("nothing to look at: " + "; ".join(map(str, problems)))
    known = read_labels(labels) if labels else {}
    found, unmatched = match([one.name for one in pictures], known)
    problems += [Problem(name=str(labels), words=f"{name} names no picture") for name in unmatched]
    with Landmarker(model=locate_landmarker(None)) as landmarker:
        if pictures:
            scorers = _scorers(folders)
            with _progress("pictures", len(pictures), console) as tell:
                subjects, readers, unread = look_at(
                    pictures, found, scorers, landmarker, crops=crops, on_picture=tell
                )
            problems += unread
            if not subjects:
                raise SourceError("no picture can be read: " + "; ".join(map(str, problems)))
            name = paths[0].name or str(paths[0])
            problems += _judge(subjects, readers, levels, on=name, out=out, console=console)
        problems += _clips(videos, folders, landmarker, out=out, console=console)
    return _end(problems)


def _from_features(
    path: Path, folders: Sequence[Path]
) -> tuple[Sequence[Subject], list[Reader], list[Problem]]:
    file = read_features(path)
    readers: list[Reader] = []
    problems: list[Problem] = []
    for name, folder in _named(folders).items():
        said = read_with(file, name, folder)
        if isinstance(said, Problem):
            problems.append(said)
        else:
            readers.append(said)
    stored = stored_readers(file)
    if len(folders) == 1 and not readers and stored:
        problems = []  # nobody named the default bundle; the file may hold its levels
    return file.subjects, readers + stored, problems


def _judge(
    subjects: Sequence[Subject],
    readers: Sequence[Reader],
    levels: Path | None,
    *,
    on: str,
    out: Path,
    console: Console,
) -> list[Problem]:
    """Make rows of what was said, write and show them."""
    others, problems = read_others(levels, subjects) if levels else ([], [])
    found = rows(subjects, [*others, *readers], on=on)
    if not found:
        raise UsageError("nobody read these faces: name a --bundle that can, or --levels")
    write_rows(out, found)
    console.print(_table(found, on))
    for sentence in _sentences(found):
        console.print(sentence, highlight=False)
    _draw(partial(plot_faces, found), out, console)
    return list(problems)


def _clips(
    videos: Sequence[Media],
    folders: Sequence[Path],
    landmarker: Landmarker,
    *,
    out: Path,
    console: Console,
) -> list[Problem]:
    problems: list[Problem] = []
    for video in videos:
        try:
            with _progress(video.name, None, console) as tell:
                seconds = clip_rows(video.path, list(folders), landmarker, on_frame=tell)
        except SourceError as error:
            problems.append(Problem(name=video.name, words=str(error)))
            continue
        own = out.with_name(f"{out.stem}-{video.path.stem}.csv") if len(videos) > 1 else out
        write_rows(own, seconds)
        console.print(_clip_table(seconds, video.name))
        _draw(partial(plot_clip, seconds), own, console)
    return problems


def _named(folders: Sequence[Path]) -> dict[str, Path]:
    """Folders by the names that tables use: the folder's, longer where two share it."""
    names = [folder.resolve().name for folder in folders]
    return {
        name if names.count(name) == 1 else str(folder): folder
        for name, folder in zip(names, folders, strict=True)
    }


def _scorers(folders: Sequence[Path]) -> dict[str, Scorer]:
    return {
        name: Scorer(bundle_dir=folder, scoring=ScoringConfig())
        for name, folder in _named(folders).items()
    }


def _end(problems: Sequence[Problem]) -> int:
    console = Console(stderr=True)
    for problem in problems:
        console.print(f"! {problem}", style="yellow", highlight=False, markup=False, soft_wrap=True)
    return INCOMPLETE_EXIT_CODE if problems else 0


def _draw(draw: Callable[[Path], None], out: Path, console: Console) -> None:
    console.print(f"rows: {out}", highlight=False)
    if matplotlib_here():
        draw(out.with_suffix(".png"))
        console.print(f"picture: {out.with_suffix('.png')}", highlight=False)
    else:
        console.print("No picture: matplotlib is not installed (pip install matplotlib).")


@contextmanager
def _progress(words: str, total: int | None, console: Console) -> Iterator[Callable[[int], None]]:
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        task = progress.add_task(words, total=total)
        yield lambda done: progress.update(task, completed=done)


def _table(found: Sequence[Row], on: str) -> Table:
    table = Table(title=f"{on}: read on faces that nobody rendered; 95 % intervals")
    for title in ("reader", "faces", "found", "level", ">= 3, %", ">= 5, %", "AUROC"):
        table.add_column(title, justify="left" if title == "reader" else "right", overflow="fold")
    for reader in dict.fromkeys(str(row["reader"]) for row in found):
        for row in found:
            if row["reader"] == reader and row["by"] in _SHOWN and row["group"] != "unsure":
                table.add_row(
                    reader if row["by"] == "all" else f"  {row['by']} {row['group']}",
                    str(row["faces"]),
                    str(row["found"]),
                    "-" if row["level"] is None else f"{row['level']:.2f}",
                    _shown(row, "at_3", times=100, digits=1),
                    _shown(row, "at_5", times=100, digits=1),
                    _shown(row, "auroc", times=1, digits=2),
                )
        table.add_section()
    return table


def _sentences(found: Sequence[Row]) -> Iterator[str]:
    """What the table has no room for."""
    whole = [row for row in found if row["by"] == "all"]
    if whole and whole[0]["refused"]:
        yield f"refused: {whole[0]['refused']}"
    for row in whole:
        if row["of_pain_faces"]:
            yield (
                f"{row['reader']}: {row['above_own_calm']} of {row['of_pain_faces']} pain-like "
                "faces above the same person's others"
            )
        worst = worst_expression(found, str(row["reader"]))
        if worst is not None:
            yield (
                f"{row['reader']}: worst expression {worst['group']} ({worst['no_pain']} faces), "
                f"AUROC {worst['auroc']:.2f}"
            )


def _shown(row: Row, key: str, *, times: float, digits: int) -> str:
    if row[key] is None:
        return "-"
    value, low, high = (times * float(row[k] or 0.0) for k in (key, f"{key}_low", f"{key}_high"))
    return f"{value:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def _clip_table(seconds: Sequence[Row], on: str) -> Table:
    table = Table(title=f"{on}: mean level by second")
    table.add_column("second", justify="right")
    readers = list(dict.fromkeys(str(row["reader"]) for row in seconds))
    for reader in readers:
        table.add_column(reader, justify="right")
    by = {(row["reader"], row["second"]): row for row in seconds}
    for at_s in dict.fromkeys(row["second"] for row in seconds):
        cells = []
        for reader in readers:
            row = by[reader, at_s]
            mean = "-" if row["mean"] is None else f"{row['mean']:.2f}"
            cells.append(f"{mean} ALARM" if row["alarm_share"] else mean)
        table.add_row(str(at_s), *cells)
    return table
