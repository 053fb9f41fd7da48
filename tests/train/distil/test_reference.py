from __future__ import annotations

from pathlib import Path

from train.distil.schema import Distillation
from train.experiment.reference import with_reference

PAGE = Path(__file__).parents[3] / "docs" / "distillation.md"


def test_the_page_lists_the_keys_of_today():
    page = PAGE.read_text(encoding="utf-8")
    again = "python -m train.distil.reference docs/distillation.md"
    assert with_reference(page, Distillation) == page, again
    assert "| `teaching.temperature` | `2.0` |" in page
