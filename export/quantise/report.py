"""What was tried and what layers cost: the costliest for the console, all of them as CSV."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

from rich.table import Table

from export.quantise.search import Found, Trial
from export.verify.bars import Bar

_COSTLIEST: Final = 5


def trials_table(found: Found, bar: Bar) -> Table:
    """Every graph that was judged, one row each."""
    table = Table(title=f"INT8 on people who did not calibrate it; bar: {bar}")
    for name in ("ranges", "layers in float", "error fp32", "error int8", "same class", "bar"):
        table.add_column(name, justify="left" if name in {"ranges", "bar"} else "right")
    for trial in found.trials:
        table.add_row(*_row(trial, bar))
    return table


def costs_table(found: Found) -> Table:
    """The costliest layers and all that went back to float, by what each costs alone."""
    kept = set(found.chosen.kept_float)
    shown = [cost for at, cost in enumerate(found.costs) if at < _COSTLIEST or cost.layer in kept]
    table = Table(
        title="One layer alone in 8 bits, calibration people: mean change of the level, and of the "
        "reading that suffers most in shares of what it may",
        caption=(
            f"{len(shown)} of {len(found.costs)} layers; --report FILE.csv has all"
            if len(shown) < len(found.costs)
            else None
        ),
    )
    table.add_column("layer", overflow="fold")
    table.add_column("operator")
    table.add_column("levels", justify="right")
    table.add_column("of the bar", justify="right")
    table.add_column("stays")
    for cost in shown:
        stays = "float" if cost.layer in kept else "int8"
        figures = (f"{cost.levels:.4f}", f"{cost.burden:.2f}")
        table.add_row(cost.layer.name, cost.layer.operator, *figures, stays)
    return table


def write_report(path: Path, found: Found) -> None:
    """Write layer, operator, cost in levels and in shares of the bar, and precision as CSV."""
    kept = set(found.chosen.kept_float)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("layer", "operator", "cost_levels", "cost_of_bar", "precision"))
        for cost in found.costs:
            precision = "fp32" if cost.layer in kept else "int8"
            costs = (f"{cost.levels:.6f}", f"{cost.burden:.6f}")
            rows.writerow((cost.layer.name, cost.layer.operator, *costs, precision))


def _row(trial: Trial, bar: Bar) -> tuple[str, ...]:
    said = trial.comparison
    before, after = (
        "unknown" if error is None else f"{error:.3f}"
        for error in (said.mae_before, said.mae_after)
    )
    return (
        trial.method.value,
        str(len(trial.kept_float)),
        before,
        after,
        f"{said.class_agreement:.1%}",
        _first(bar.missed(said)),
    )


def _first(missed: tuple[str, ...]) -> str:
    if not missed:
        return "holds"
    return missed[0] + (f" (and {len(missed) - 1} more)" if len(missed) > 1 else "")
