"""The page of what was shown names only tests that there are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "robustness.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)


def test_every_demand_names_a_test():
    rows = [line for line in PAGE.splitlines() if re.match(r"\| (?!demanded|---)", line)]
    assert len(rows) >= 20
    assert all(re.search(r"`tests/[\w/]+\.py::test_\w+`", row) for row in rows)
    assert all(len(row.strip("|").split("|")) == 3 for row in rows)


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_the_test_is_there(file: str, name: str):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
