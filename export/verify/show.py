"""The verifier's tables, and the same as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from edge.simulate.judge import Standing
from export.clips.alarms import Change
from export.clips.judge import ClipComparison
from export.verify.bars import BARS, LEVEL, PSPI, Allowed, Bar
from export.verify.compare import Comparison
from export.verify.scored import Shipped
from pain.bundle import ROLES, Bundle, Difference, Precision
from pain.rows import Row


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


def show_readings(console: Console, found: Mapping[Precision, Comparison]) -> None:
    """Print how far each reading moved, and what became of the alarms where clips were watched."""
    console.print(readings_table(found))
    if any(comparison.clips for comparison in found.values()):
        console.print(alarms_table(found))


def readings_table(found: Mapping[Precision, Comparison]) -> Table:
    """Level, PSPI and the action unit nearest to its limit, on the faces and on each clip."""
    table = Table(
        title="How far readings moved: mean / 95th percentile / largest",
        title_justify="left",
        caption="of the action units the one that is nearest to its limit; CSV files have all",
        caption_justify="left",
    )
    for heading in ("graph", "on", "reading"):
        table.add_column(heading)
    for heading in ("faces", "moved", "allowed"):
        table.add_column(heading, justify="right")
    table.add_column("bar")
    for precision, comparison in found.items():
        for on, faces, moved in _places(comparison):
            for name, one in _shown(BARS[precision], moved).items():
                allowed = BARS[precision].of(name)
                too_much = any(allowed.exceeded(one))
                table.add_row(
                    precision,
                    on or "faces",
                    name,
                    f"{faces:,}",
                    " / ".join(f"{value:.2g}" for value in (one.mean, one.p95, one.largest)),
                    _allowed(allowed),
                    "[red]missed" if too_much else "[green]holds",
                )
    return table


def alarms_table(found: Mapping[Precision, Comparison]) -> Table:
    """Every alarm that clips give before or after."""
    table = Table(
        title="Alarms on clips, smoothing and limits as the daemon has them by default",
        title_justify="left",
    )
    for heading in ("graph", "clip", "condition", "before", "after", "bar"):
        table.add_column(heading)
    for precision, comparison in found.items():
        for clip in comparison.clips:
            if not clip.alarms:
                table.add_row(
                    precision, clip.name, "-", "", "", "[yellow]no alarm, so none could be lost"
                )
            for change in clip.alarms:
                words = BARS[precision].misses(change)
                table.add_row(
                    precision,
                    clip.name,
                    change.condition.value,
                    _standing(change.before),
                    _standing(change.after),
                    "[green]holds" if words is None else f"[red]{words}",
                )
    return table


def parity_rows(found: Mapping[Precision, Comparison], bundle: Bundle, *, on: str) -> list[Row]:
    """What moved and what became of alarms; a row for each reading and each alarm.

    Args:
        found: by precision.
        bundle: whose graphs they are.
        on: name of the set of faces.
    """
    rows: list[Row] = []
    for precision, comparison in found.items():
        graph = {
            "bundle": f"{bundle.name} {bundle.version}",
            "graph": precision,
            "graph_sha256": bundle.artefacts[ROLES[precision]].sha256,
        }
        for place, faces, moved in _places(comparison):
            for name, one in moved.items():
                allowed = BARS[precision].of(name)
                row = _row(place or on, name, holds=not any(allowed.exceeded(one)))
                row |= {"faces": faces, "mean": one.mean, "p95": one.p95, "largest": one.largest}
                rows.append({**graph, **row})
        for clip in comparison.clips:
            rows += [{**graph, **_alarm_row(clip, one, precision)} for one in clip.alarms]
    return rows


def _row(on: str, what: str, *, holds: bool) -> dict[str, str | float | None]:
    """A row in which nothing was measured yet."""
    values = ("faces", "mean", "p95", "largest", "onset_s", "onset_shift_s", "end_shift_s")
    return {"on": on, "what": what, **dict.fromkeys(values), "bar": "holds" if holds else "missed"}


def _alarm_row(
    clip: ClipComparison, change: Change, precision: Precision
) -> dict[str, str | float | None]:
    words = BARS[precision].misses(change)
    row = _row(clip.name, f"alarm {change.condition}", holds=words is None)
    first = change.before or change.after
    return row | {
        "faces": clip.faces,
        "onset_s": None if first is None else first.onset_s,
        "onset_shift_s": change.onset_shift_s,
        "end_shift_s": change.end_shift_s,
        "bar": words or row["bar"],
    }


def _shown(bar: Bar, moved: Mapping[str, Difference]) -> Mapping[str, Difference]:
    """Level, PSPI and the unit that suffers most."""
    units = {name: one for name, one in moved.items() if name not in {LEVEL, PSPI}}
    worst = max(units, key=lambda name: bar.unit.share(units[name]), default=None)
    return {name: one for name, one in moved.items() if name in {LEVEL, PSPI, worst}}


def _places(comparison: Comparison) -> Iterator[tuple[str, int, Mapping[str, Difference]]]:
    """Where readings were compared: on the faces, which have no name here, and on each clip."""
    yield "", comparison.faces, comparison.moved
    for clip in comparison.clips:
        yield clip.name, clip.faces, clip.moved


def _allowed(allowed: Allowed) -> str:
    limits = (allowed.mean, allowed.p95, allowed.largest)
    return " / ".join("-" if limit is None else f"{limit:g}" for limit in limits)


def _standing(one: Standing | None) -> str:
    return (
        "-"
        if one is None
        else f"from {one.onset_s:.1f} s, told {one.decided_s:.1f} s, to {one.ended_s:.1f} s"
    )


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
