"""The verifier's table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.table import Table

from export.verify.bars import BARS
from export.verify.compare import Comparison
from export.verify.scored import Shipped
from pain.bundle import Precision


def parity_table(found: Mapping[Precision, Comparison], *, title: str) -> Table:
    """One row for every precision."""
    table = Table(title=title, title_justify="left")
    table.add_column("graph")
    for heading in (
        "faces",
        "level max",
        "level mean",
        "probability max",
        "PSPI max",
        "AU max",
        "same class",
        "level MAE before",
        "after",
    ):
        table.add_column(heading, justify="right")
    table.add_column("bar")
    for precision, comparison in found.items():
        missed = BARS[precision].missed(comparison)
        most = comparison.max_difference
        table.add_row(
            precision,
            f"{comparison.faces}",
            f"{comparison.max_level:.1e}",
            f"{comparison.mean_level:.1e}",
            *(_number(most.get(name)) for name in ("probabilities", "pspi", "action_units")),
            f"{comparison.class_agreement:.1%}",
            _number(comparison.mae_before, "{:.4f}"),
            _number(comparison.mae_after, "{:.4f}"),
            f"[red]missed: {'; '.join(missed)}" if missed else f"[green]holds: {BARS[precision]}",
        )
    return table


def _number(value: float | None, form: str = "{:.1e}") -> str:
    return "-" if value is None else form.format(value)


def scored_table(found: Sequence[Shipped]) -> Table:
    """Printed against shipped, one row for every run."""
    table = Table(title="What was printed and what would ship", title_justify="left")
    for heading in ("run", "task", "loss"):
        table.add_column(heading)
    for heading in (
        "faces",
        "level MAE printed",
        "shipped",
        "no pain printed",
        "shipped",
        "level max",
        "probability max",
    ):
        table.add_column(heading, justify="right")
    table.add_column("the same")
    for one in found:
        table.add_row(
            one.run,
            one.task,
            one.loss,
            f"{one.faces:,}",
            *(
                f"{value:.3f}"
                for value in (
                    one.printed_mae,
                    one.shipped_mae,
                    one.printed_no_pain,
                    one.shipped_no_pain,
                )
            ),
            f"{one.max_level:.1e}",
            f"{one.max_probability:.1e}",
            "[green]yes" if one.is_what_was_scored else "[red]no",
        )
    return table
