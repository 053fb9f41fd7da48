from __future__ import annotations

from pathlib import Path

from train.experiment.reference import with_reference

PAGE = Path(__file__).parents[3] / "docs" / "training.md"


def test_the_page_lists_the_keys_of_today():
    page = PAGE.read_text(encoding="utf-8")
    assert with_reference(page) == page, "python -m train.experiment.reference docs/training.md"
    assert "| `optimiser.epochs` | `100` |" in page
