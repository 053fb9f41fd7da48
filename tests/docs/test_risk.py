"""The hazard table names only what exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "risk.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TABLE.splitlines()
    if re.match(r"\| \d+ \|", line)
]


def test_the_table_has_its_rows_in_order():
    assert len(ROWS) >= 25
    assert [int(row[0]) for row in ROWS] == list(range(1, len(ROWS) + 1))
    assert all(len(row) == 6 and all(row) for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]))
def test_control_and_test_of_each_hazard_exist(row: list[str]):
    item, test = row[4].strip("`"), row[5].strip("`")
    assert (ROOT / item).is_file(), item
    file, _, name = test.partition("::")
    path = ROOT / file
    assert path.is_file(), file
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tests = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.name.startswith("test_")
    }
    assert tests, f"{file} holds no test"
    assert not name or name in tests, test
