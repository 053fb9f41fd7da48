from __future__ import annotations

import io
import sys

import pytest
from rich.console import Console
from rich.table import Table

from pain.terminal import plain, say_it_plainly


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("looking …", "looking ..."),
        ("Zoë", "Zoe"),
        ("a → b", "a -> b"),
        ("≤ 3", "<= 3"),
        ("部", "?"),
    ],
)
def test_the_nearest_ascii(text: str, said: str) -> None:
    assert plain(text) == said


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp437", "utf-8"])
def test_a_table_is_printed_whatever_the_terminal_takes(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    say_it_plainly()
    table = Table("was …", title="Zoë → ≥ 部屋")
    table.add_row("✓ é")
    Console().print(table)
    print("…")  # noqa: T201
    sys.stdout.flush()
    said = raw.getvalue().decode(encoding)
    assert "was" in said
    assert "…" in said if encoding == "utf-8" else said.endswith("...\n")
