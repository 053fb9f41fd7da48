"""The summary at the end."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from edge.demo.judge import Judgement, SegmentResult
from edge.watch.words import CONDITION_WORDS, DISCLAIMER


def print_summary(judgement: Judgement, console: Console) -> None:
    """Truth beside alarms, and the verdict in one line."""
    table = Table(
        title="The clip and the alarms, in seconds of the clip", box=None, padding=(0, 2, 0, 0)
    )
    for title in (
        *("scene", "clip s", "truth", "peak"),
        *("alarm", "onset", "decided", "sent", "delay (max)"),
    ):
        left = title in ("scene", "alarm")
        table.add_column(title, justify="left" if left else "right", no_wrap=True)
    for result in judgement.results:
        _add(table, result)
    console.print(table)
    console.print(
        Text(
            "truth: the true level reaches the alarm's limit. peak: highest published level, 0 "
            "to 6. onset: the published level crossed the limit. delay: from truth to decided.",
            style="dim",
        )
    )
    for fault in judgement.faults:
        console.print(Text(f"✕ {fault}", style="bold red"))
    if not judgement.faults:
        console.print(
            Text(
                "✓ One moderate and one severe alarm, each in time; none while neutral, talking "
                "or smiling; every change of state on the wire once.",
                style="bold green",
            )
        )
    console.print(Text(f"The resident is synthetic. painwatch: {DISCLAIMER}", style="dim"))


def _add(table: Table, result: SegmentResult) -> None:
    segment = result.segment
    peak = "-" if result.peak_level is None else f"{result.peak_level:.1f}"
    span = f"{segment.start_s:.1f}-{segment.end_s:.1f}"
    truth = "" if result.onset_s is None else f"{result.onset_s:.1f}"
    row = [str(segment.scene), span, truth, peak]
    if not result.alarms:
        quiet = result.allowed_s is None
        table.add_row(*row, Text("none" if quiet else "MISSED", style="" if quiet else "bold red"))
        return
    for index, change in enumerate(result.alarms):
        delay = ""
        if index == 0 and result.delay_s is not None:
            delay = f"{result.delay_s:.1f} ({result.allowed_s:.1f})"
        table.add_row(
            *(row if index == 0 else [""] * len(row)),
            CONDITION_WORDS[change.condition].removesuffix(" pain"),
            f"{change.onset_s:.1f}",
            f"{change.decided_s:.1f}",
            f"{change.published_s:.1f}",
            delay,
        )
