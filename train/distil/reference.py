"""Every key of a distillation as a Markdown table, for docs/distillation.md.

``python -m train.distil.reference docs/distillation.md`` writes it anew.
"""

from __future__ import annotations

import sys
from pathlib import Path

from train.distil.schema import Distillation
from train.experiment.reference import with_reference

if __name__ == "__main__":
    target = Path(sys.argv[1])
    page = with_reference(target.read_text(encoding="utf-8"), Distillation)
    target.write_text(page, encoding="utf-8")
