"""Findings as a table for people or JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from edge.doctor.finding import Finding, Verdict

CHECK_COLUMNS: Final = 24

_MARKS: Final = {
    Verdict.OK: ("ok", "green"),
    Verdict.WARN: ("warn", "bold yellow"),
    Verdict.FAIL: ("FAIL", "bold red"),
}

_ENDINGS: Final = {
    Verdict.OK: "All is well.",
    Verdict.WARN: "It will run; look at the warnings.",
    Verdict.FAIL: "It will not run as it is: mend what failed, from the top.",
}


def worst(findings: Sequence[Finding]) -> Verdict:
    """Verdict on the whole box."""
    order = list(Verdict)
    return max((f.verdict for f in findings), key=order.index, default=Verdict.OK)


def as_json(findings: Sequence[Finding]) -> str:
    """One object with the overall verdict and all findings."""
    document = {"verdict": worst(findings), "findings": [asdict(f) for f in findings]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def print_table(findings: Sequence[Finding], console: Console) -> None:
    """Check, verdict, what was found, what to do."""
    table = Table(show_lines=any(finding.remedy for finding in findings))
    table.add_column("check", overflow="fold", max_width=CHECK_COLUMNS)
    table.add_column("", no_wrap=True)
    table.add_column("what was found, and what to do", overflow="fold")
    for finding in findings:
        mark, style = _MARKS[finding.verdict]
        told = Text(finding.found)
        if finding.remedy:
            # Below and not beside it: two columns of prose cannot be read in 80 columns.
            told.append(f"\n→ {finding.remedy}", style="bold")
        table.add_row(Text(finding.check), Text(mark, style=style), told)
    console.print(table)
    verdict = worst(findings)
    console.print(Text(_ENDINGS[verdict], style=_MARKS[verdict][1]))
    console.print(Text("research aid, not a medical device", style="dim"))
