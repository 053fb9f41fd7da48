"""``painwatch train distil``."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from train.data.options import ReadOption, TestReadOption
from train.shipped import checkpoint_folder, checkpoint_name

if TYPE_CHECKING:
    from rich.table import Table

    from train.data.choices import Choices
    from train.distil.compare import Compared
    from train.distil.run import Outcome

_FIGURES = (
    ("level MAE", "level_mae"),
    ("level r", "level_pcc"),
    ("PSPI MAE", "pspi_mae"),
    ("PSPI r", "pspi_pcc"),
    ("AUROC others", "level_auroc_moderate_pain_vs_hard_negatives"),
)


def distil(
    config: Annotated[
        Path, typer.Argument(help="E.g. configs/distil/mobilenetv3s.yaml.", metavar="CONFIG")
    ],
    *,
    data: Annotated[
        list[Path], typer.Option(help="Folder of a data set to learn from. Repeatable.")
    ],
    cache: Annotated[
        Path,
        typer.Option(
            help="Folder that 'painwatch train track' filled for all sets; teachers' answers are "
            "kept there too. It holds faces: guard it like the sets."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the student; an older one is replaced.")],
    test: Annotated[
        list[Path] | None,
        typer.Option(help="Set of other people to judge student and teachers on. Repeatable."),
    ] = None,
    teacher: Annotated[
        list[Path] | None,
        typer.Option(
            parser=checkpoint_folder,
            metavar="FOLDER",
            help="Checkpoint folder or shipped:NAME ('painwatch train shipped'); instead of those "
            "in the file. Repeatable.",
        ),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(
            parser=checkpoint_folder,
            metavar="FOLDER",
            help="Student to go on from, or shipped:NAME, instead of that in the file; same "
            "layers.",
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1, mps.")] = "cpu",
    read: ReadOption = None,
    test_read: TestReadOption = None,
) -> None:
    """Let large networks teach a small one that the daemon can afford.

    The student learns level, PSPI and action units at once: from labels where there are any, and
    from what its teachers say of every face, labelled or not. Teachers are asked once; their
    answers are kept. Without teachers it learns from labels alone, which is how a first teacher is
    made, and the comparison that says what a teacher was worth. Writes OUT (safetensors and JSON,
    for 'painwatch export onnx'), history.csv and figures.csv. Ctrl-C keeps what was learnt so far.

    Example: painwatch train distil configs/distil/mobilenetv3s.yaml --data residents
    --cache cache --test other-residents --teacher runs/teacher --out runs/mobilenetv3s
    """
    import torch

    from pain.errors import ConfigError
    from train.data.choices import choices_of
    from train.distil.faces import load_faces
    from train.distil.load import load_distillation
    from train.distil.run import distil as run_distillation
    from train.distil.show import progress_of
    from train.protocol.show import console

    plan = load_distillation(config, teachers=teacher or (), start=start)
    try:
        chosen = torch.device(device)
        torch.empty(1, device=chosen)
    except (RuntimeError, AssertionError) as error:
        raise ConfigError(
            f"cannot be used here ({str(error).splitlines()[0]}); cpu always can",
            key="--device",
            value=device,
        ) from error
    given = choices_of(read)
    asked = given.changed(test_read or (), option="--test-read")
    training = load_faces(data, cache=cache, to_learn=True, choices=given)
    tests = [
        load_faces([folder], cache=cache, to_learn=False, choices=asked) for folder in test or ()
    ]
    with progress_of(plan.name) as watcher:
        outcome = run_distillation(
            plan,
            training,
            tests,
            out,
            cache=cache,
            device=chosen,
            command=_command(config, data, teacher or (), start, given),
            watcher=watcher,
        )
    screen = console()
    for table in _tables(outcome):
        screen.print(table)
    screen.print(f"student: {out}")


def _command(
    config: Path,
    data: list[Path],
    teachers: Sequence[Path],
    start: Path | None,
    choices: Choices,
) -> str:
    """What makes the student again; folders by name, since paths are this machine's own."""
    words = ["painwatch", "train", "distil", f"configs/distil/{config.name}"]
    for folder in data:
        words += ["--data", folder.name]
    for pair in choices.pairs():
        words += ["--read", pair]
    for folder in teachers:
        words += ["--teacher", checkpoint_name(folder)]
    if start is not None:
        words += ["--start", checkpoint_name(start)]
    return shlex.join([*words, "--cache", "CACHE", "--out", "STUDENT"])


def _tables(outcome: Outcome) -> Iterator[Table]:
    """Student and teachers, a table for every test set, with 95 % intervals by person."""
    from rich import box
    from rich.table import Table

    for on in dict.fromkeys(one.judgement.on for one in outcome.compared):
        table = Table(
            title=on,
            title_justify="left",
            caption="With 95 % intervals by person. AUROC others: moderate pain from other "
            "expressions. Agreement: same level as the first teacher. ms: one face in PyTorch.",
            caption_justify="left",
            box=box.SIMPLE_HEAD,
        )
        table.add_column("reader", overflow="fold")
        for title in (*(title for title, _ in _FIGURES), "agreement", "weights", "ms"):
            table.add_column(title, justify="right")
        for one in outcome.compared:
            if one.judgement.on == on:
                table.add_row(*_cells(one))
        yield table


def _cells(one: Compared) -> list[str]:
    cells = [one.judgement.reader]
    for _, name in _FIGURES:
        metric = one.judgement.metric(name)
        if metric is None:
            cells.append("-")
        elif metric.low is None or metric.high is None:
            cells.append(f"{metric.value:.3f}")
        else:
            cells.append(f"{metric.value:.3f}\n{metric.low:.2f}-{metric.high:.2f}")
    agreed = "-" if one.agreement is None else f"{one.agreement.same_level:.1%}"
    return [*cells, agreed, f"{one.parameters / 1e6:.2f} M", f"{one.eager_ms:.1f}"]
