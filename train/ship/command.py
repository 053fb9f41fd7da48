"""``painwatch train ship``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from train.data.open import DatasetKind
from train.data.options import (
    KindOption,
    LevelFromPspiOption,
    OnePictureEachOption,
    OriginOption,
    RatingScaleOption,
    TestReadOption,
)
from train.data.reading import Reading
from train.protocol.options import SetOption, StartOption, WeightsOption


def ship(
    config: Annotated[
        Path,
        typer.Argument(
            help="Experiment (configs/train/...) or distillation (configs/distil/...).",
            metavar="CONFIG",
        ),
    ],
    *,
    data: Annotated[
        list[Path], typer.Option(help="Set to learn from; repeatable for a distillation.")
    ],
    test: Annotated[list[Path], typer.Option(help="Set of other people to judge on; repeatable.")],
    out: Annotated[
        Path, typer.Option(help="Folder of model, bundle, evaluation and card; made when absent.")
    ],
    cache: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the tracker's answers; OUT/cache when left out. It holds faces: guard "
            "it like the sets."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the bundle; that of the file when left out.")
    ] = None,
    version: Annotated[str, typer.Option(help="Version of the bundle.")] = "1.0.0",
    kind: KindOption = DatasetKind.AUTO,
    origin: OriginOption = None,
    rating_scale: RatingScaleOption = None,
    level_from_pspi: LevelFromPspiOption = False,
    one_picture_each: OnePictureEachOption = False,
    test_read: TestReadOption = None,
    changes: SetOption = None,
    weights: WeightsOption = None,
    start: StartOption = None,
) -> None:
    """Go from pictures to a verified bundle and its card, and say at each step what was done.

    Tracks every set, trains on DATA, exports, holds the graph against the checkpoint, judges the
    bundle on the people of TEST, and writes OUT/card.md. Each step is a command that is printed and
    could be typed by itself. Interrupted or failed, the same command goes on where it stopped; when
    the file, a set or an option has changed, what depends on it is done again. People of a test who
    are in DATA too are refused before anything is done.

    Example: painwatch train ship configs/train/fl-ordinal.yaml --data residents --test others
    --out shipped
    """
    from train.data.choices import Choices
    from train.protocol.show import console
    from train.ship.card import write_card
    from train.ship.plan import plan_of
    from train.ship.run import carry_out
    from train.ship.steps import digest_of, refuse_shared_people

    given = Choices(
        kind=kind,
        reading=Reading(
            origin=origin,
            rating_scale=rating_scale,
            level_from_pspi=level_from_pspi,
            one_picture_each=one_picture_each,
        ),
    )
    plan = plan_of(
        config,
        data=data,
        tests=test,
        out=out,
        cache=cache,
        name=name,
        version=version,
        read=given.pairs(),
        test_read=test_read or (),
        changes=changes or (),
        weights=weights,
        start=start,
    )
    learnt, judged = plan.open_sets()
    refuse_shared_people(learnt, judged)
    screen = console()

    def tell(sentence: str) -> None:
        screen.print(sentence, markup=False)

    steps = plan.steps()
    inputs = digest_of(plan.config, (*learnt, *judged))
    code = carry_out(steps, plan.out, inputs=inputs, tell=tell)
    if code != 0:
        raise typer.Exit(code)
    tell(f"bundle: {plan.out / 'bundle'}\ncard: {write_card(plan, steps)}")
