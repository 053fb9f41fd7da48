"""An inspection on the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from train.data.inspect import Gravity, Inspection

_BAR_CELLS = 30


def print_inspection(inspection: Inspection, console: Console) -> None:
    """Print tables of counts, then findings with what to do."""
    dataset = inspection.dataset
    origins = " and ".join(sorted(dataset.origins)) or "no"
    summary = f"{dataset.name}: {len(dataset)} samples of {len(inspection.per_person)} people, "
    console.print(Text.assemble(summary, (f"{origins} faces", "bold")))
    console.print(Text(f"licence: {dataset.licence}", style="dim"))
    for note in dataset.notes:
        console.print(Text(f"note: {note}", style="dim"))
    console.print(_tables(inspection))
    for finding in inspection.findings:
        style = "bold red" if finding.gravity is Gravity.ERROR else "yellow"
        console.print(Text.assemble((f"{finding.gravity}: ", style), finding.what))
        for example in finding.examples:
            console.print(Text(f"    {example}"), soft_wrap=True)
        console.print(Text(f"    -> {finding.advice}", style="italic"))
    verdict = Text("fit to use", style="green") if inspection.fit else Text("unfit", style="red")
    console.print(verdict)


def _tables(inspection: Inspection) -> RenderableType:
    tables: list[RenderableType] = [
        _counts("samples by level", inspection.levels),
        _counts("samples by kind", inspection.kinds),
    ]
    tables += [
        _counts(f"people by {trait.replace('_', ' ')}", counts)
        for trait, counts in inspection.demographics.items()
        if set(counts) != {"unknown"}
    ]
    summary = inspection.as_json()
    spread = summary["samples_per_person"]
    if spread:
        tables.append(
            Text(
                f"samples a person: {spread['least']:g} to {spread['most']:g}, "
                f"median {spread['median']:g}"
            )
        )
    sizes = summary["sizes_px"]
    if sizes:
        shown = ", ".join(f"{size} ({count})" for size, count in list(sizes.items())[:5])
        more = f" and {len(sizes) - 5} more" if len(sizes) > 5 else ""  # noqa: PLR2004
        tables.append(Text(f"picture sizes: {shown}{more}"))
    if inspection.faces is not None:
        tables.append(Text(f"faces found: {inspection.faces.found} of {len(inspection.dataset)}"))
    return Group(*tables)


def _counts(title: str, counts: Mapping[str, int]) -> Table:
    table = Table(title=title, title_justify="left", box=None, show_header=False, padding=(0, 1))
    table.add_column(justify="right")
    table.add_column(justify="right")
    table.add_column()
    most = max(counts.values(), default=0)
    for name, count in counts.items():
        table.add_row(name, str(count), "█" * round(_BAR_CELLS * count / max(most, 1)))
    return table
