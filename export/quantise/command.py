"""``painwatch export int8``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from export.options import ClipOption
from export.quantise.target import Method, Target
from train.data.options import ReadOption


def int8(
    bundle: Annotated[Path, typer.Argument(help="Folder of a bundle that has an fp32 graph.")],
    *,
    data: Annotated[Path, typer.Option(help="Set that the bundle learnt from.", metavar="SET")],
    cache: Annotated[Path, typer.Option(help="Folder that 'painwatch train track' filled for it.")],
    calibration: Annotated[
        int, typer.Option(help="Faces that calibrate; their people do not judge.", min=1)
    ] = 200,
    judging: Annotated[int, typer.Option(help="Faces that judge, at most.", min=1)] = 1000,
    clip: ClipOption = None,
    bar_mae: Annotated[
        float | None,
        typer.Option(
            help="By how much the level's error may grow, in levels (default: 0.05).", min=0.0
        ),
    ] = None,
    bar_agreement: Annotated[
        float | None,
        typer.Option(
            help="Share of faces that must keep their nearest level (default: 0.97).",
            min=0.0,
            max=1.0,
        ),
    ] = None,
    target: Annotated[
        Target,
        typer.Option(help="cpu: ONNX Runtime's own kernels; tensorrt: int8 around zero alone."),
    ] = Target.CPU,
    method: Annotated[
        list[Method] | None,
        typer.Option(help="How ranges are chosen; repeatable. All are tried when left out."),
    ] = None,
    prefer: Annotated[
        bool, typer.Option("--prefer", help="The daemon runs INT8 when it may choose.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="CSV of every layer's cost, e.g. quantisation.csv.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of who calibrates and who judges.")] = 0,
    read: ReadOption = None,
) -> None:
    """Add a verified INT8 graph to a bundle.

    Ranges of activations are calibrated on some people and the result is judged on others: on what
    level, PSPI and every action unit say, and on the alarms that clips give. Where one of them
    moves too far, the layers that cost most go back to float until the bar holds; if it never does,
    nothing is written. Give the set that the bundle learnt from: a set
    that it shall be tested on must stay unseen here too.
    """
    from rich.console import Console

    from export.clips.read import read_clips
    from export.faces import load_faces
    from export.quantise.report import costs_table, trials_table, write_report
    from export.quantise.run import quantise_bundle, refuse
    from export.verify.bars import BARS
    from export.verify.show import show_readings
    from pain.bundle import load_bundle
    from train.data.choices import choices_of
    from train.data.options import progress_bar

    bar = BARS["int8"]
    if bar_mae is not None:
        bar = replace(bar, max_worsening=bar_mae)
    if bar_agreement is not None:
        bar = replace(bar, min_agreement=bar_agreement)
    needs = load_bundle(bundle).inputs
    faces = load_faces(
        data, cache, limit=calibration + judging, seed=seed, needs=needs, choices=choices_of(read)
    )
    with progress_bar() as progress:
        task = progress.add_task("", total=None)
        watched = read_clips(
            clip or (),
            needs,
            on_done=lambda what: progress.update(task, description=what),
        )
        result = quantise_bundle(
            bundle,
            faces,
            clips=watched,
            calibration=calibration,
            bar=bar,
            target=target,
            methods=tuple(method or Method),
            preferred=prefer,
            need_costs=report is not None,
            seed=seed,
            on_step=lambda what, done, total: progress.update(
                task, description=what, completed=done, total=total
            ),
        )
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{faces.data}: {result.people}")
    console.print(trials_table(result.found, bar))
    show_readings(console, {"int8": result.found.chosen.comparison})
    if result.found.costs:
        console.print(costs_table(result.found))
    if report is not None:
        write_report(report, result.found)
    refuse(result, bundle, bar)
    kept = len(result.found.chosen.kept_float)
    console.print(
        f"{bundle}: INT8 for {target}, ranges by {result.found.chosen.method}, "
        f"{result.layers - kept} of {result.layers} layers in 8 bits"
    )
    if result.speed is not None:
        console.print(
            f"one face here, by turns: fp32 {result.speed.fp32_ms:.1f} ms, INT8 "
            f"{result.speed.int8_ms:.1f} ms, {result.speed.ratio:.2f} times as fast"
        )
