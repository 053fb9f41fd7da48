from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from edge.doctor.finding import Finding, Verdict, fail, ok, warn
from edge.doctor.report import as_json, print_table, worst

FINE = ok("clock", "synchronised")
DOUBTFUL = warn("camera", "black", "uncover the lens")
BROKEN = fail("broker", "nothing listens [there]", "start it")


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ([], Verdict.OK),
        ([FINE], Verdict.OK),
        ([DOUBTFUL, FINE], Verdict.WARN),
        ([FINE, BROKEN, DOUBTFUL], Verdict.FAIL),
    ],
)
def test_the_worst_finding_decides(findings: list[Finding], verdict: Verdict) -> None:
    assert worst(findings) is verdict
    assert json.loads(as_json(findings))["verdict"] == verdict


def test_the_table_tells_what_was_found_and_what_to_do() -> None:
    out = io.StringIO()
    print_table([FINE, DOUBTFUL, BROKEN], Console(file=out, width=80))
    text = out.getvalue()
    for word in ("synchronised", "→ uncover the lens", "FAIL", "nothing listens [there]"):
        assert word in text
    assert text.rstrip().endswith("research aid, not a medical device")
    assert max(map(len, text.splitlines())) <= 80
