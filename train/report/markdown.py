"""Markdown of tables and pictures."""

from __future__ import annotations

from collections.abc import Sequence

from train.report.tables import Table


def table_markdown(table: Table, *, heading: str = "##") -> str:
    """A table with its heading and notes; what has no cell of its own is escaped."""
    lines = [f"{heading} {table.title}", "", _row(table.head), _row(["---"] * len(table.head))]
    lines += [_row(row) for row in table.rows]
    lines += ["", *(f"- {note}" for note in table.notes)]
    return "\n".join(lines).rstrip() + "\n"


def picture_markdown(name: str, words: str) -> str:
    """A picture beside the report; the link is relative."""
    return f"![{words}]({name})\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
