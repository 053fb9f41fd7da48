"""``painwatch export evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from train.data.options import ReadOption


def evaluate(
    bundles: Annotated[
        list[str],
        typer.Argument(
            help="Folders of bundles; ':fp16' or ':int8' behind one judges that graph.",
            metavar="BUNDLE...",
        ),
    ],
    *,
    data: Annotated[
        list[Path], typer.Option(help="Set of people that were not trained on; repeatable.")
    ],
    cache: Annotated[
        list[Path],
        typer.Option(help="Folder that 'painwatch train track' filled for it; one for each."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for evaluation.csv, evaluation.md and PNGs.")],
    trained_on: Annotated[
        list[Path] | None,
        typer.Option(help="Set of the training; refuses when a test person is in it; repeatable."),
    ] = None,
    read: ReadOption = None,
) -> None:
    """Judge bundles on held-out people, with the tracker in the loop.

    Errors and order of PSPI, level and action units, pain told from neutral faces and from
    expressions that resemble it, and gaps between groups, with 95 % intervals over people. The
    textbook PSPI formula on blendshapes and the mean of other people stand beside them.
    """
    from rich.console import Console

    from export.evaluate.plot import plot_all
    from export.evaluate.run import evaluate_bundles
    from export.evaluate.show import summary_table
    from export.evaluate.table import rows_of, write_page
    from export.evaluate.target import open_target
    from pain.errors import UsageError
    from train.data.choices import choices_of
    from train.data.options import progress_bar
    from train.study.table import write_rows

    if len(data) != len(cache):
        raise UsageError(
            f"--data is given {len(data)} times and --cache {len(cache)} times; give one --cache "
            "for each --data, in the same order"
        )
    targets = [open_target(text) for text in bundles]
    checked = trained_on or []
    with progress_bar() as progress:
        task = progress.add_task("", total=None)
        judged = evaluate_bundles(
            targets,
            list(zip(data, cache, strict=True)),
            trained_on=checked,
            choices=choices_of(read),
            on_done=lambda what, done, total: progress.update(
                task, description=what, completed=done, total=total
            ),
        )
    write_rows(out / "evaluation.csv", rows_of(judged))
    write_page(out / "evaluation.md", judged, checked=checked)
    plot_all(out, judged)
    console = Console(highlight=False, soft_wrap=True)
    for name in dict.fromkeys(one.faces.name for one in judged):
        console.print(summary_table([one for one in judged if one.faces.name == name]))
    if not checked:
        console.print(
            "[bold yellow]The people of the test were not compared with those of the training; "
            "give its sets with --trained-on.[/bold yellow]"
        )
    console.print(f"{out}: evaluation.csv, evaluation.md, pictures")
