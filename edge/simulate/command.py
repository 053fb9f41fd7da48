"""``painwatch edge simulate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def simulate(
    *,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="Limits and smoothing of a box's YAML file."),
    ] = None,
    errors: Annotated[
        Path | None,
        typer.Option(help="How the model errs, YAML; the built-in model in a room when absent."),
    ] = None,
    days_file: Annotated[
        Path | None, typer.Option("--days-file", help="How days go, YAML; a care home when absent.")
    ] = None,
    residents: Annotated[int, typer.Option(min=1, help="Residents to simulate.")] = 20,
    days: Annotated[int, typer.Option(min=1, help="Days of each.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same figures.")] = 1,
    sweep: Annotated[
        list[str] | None,
        typer.Option(help="Limits to try, like on_delay_s=2,4,8; may be repeated."),
    ] = None,
    cusum: Annotated[
        list[str] | None,
        typer.Option(
            help="Cumulative sums to try on the same readings: reference=2.5,3 (levels) and "
            "threshold=1,4 (levels times seconds); give it twice."
        ),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(help="Recorded readings, JSON lines, instead of simulated ones."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    out: Annotated[Path, typer.Option(help="CSV file for the figures; a PNG beside it.")] = Path(
        "alarm-burden.csv"
    ),
) -> None:
    """Count alarms over days of readings: pain found, delay, false alarms, time unseen.

    Readings pass through the daemon's own smoothing and alarms on a clock turned by hand. They are
    drawn from how a model errs and how days go (both files can be replaced), or recorded. The
    figures are worth what those assumptions are worth: see docs/alarm-burden.md.

    Examples: 'painwatch edge simulate --sweep on_delay_s=2,4,8 --sweep moderate=2.5,3,3.5',
    'painwatch edge simulate -c box.yaml --replay readings.jsonl'.
    """
    from rich.console import Console

    from edge.config import AlarmsConfig, SmoothingConfig
    from edge.config.load import load_config
    from edge.simulate.cells import cells
    from edge.simulate.days import load_days
    from edge.simulate.documents import shipped
    from edge.simulate.errors import load_errors
    from edge.simulate.recording import read_recording
    from edge.simulate.run import Simulation, report, rows_of
    from edge.simulate.run import replay as run_replay
    from edge.simulate.run import simulate as run_simulation

    console = Console()
    loaded = None if config is None else load_config(config)
    tried = cells(
        loaded.smoothing if loaded else SmoothingConfig(),
        loaded.alarms if loaded else AlarmsConfig(),
        sweep or [],
        cusum=cusum or [],
    )
    if replay is not None:
        tallies = run_replay(read_recording(replay), tried)
        source = f"recording {replay.name}"
    else:
        model = load_errors(errors or shipped("mobilenetv3s-full.yaml"))
        simulation = Simulation(
            errors=model,
            plan=load_days(days_file or shipped("care-home.yaml"), model),
            residents=residents,
            days=days,
            seed=seed,
        )
        tallies = run_simulation(simulation, tried, workers=workers, console=console)
        source = f"simulated, errors of {model.model}"
    report(rows_of(tried, tallies, source=source, seed=seed), out=out, console=console)
