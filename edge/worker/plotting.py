"""Keep matplotlib out of processes that see pictures."""

from __future__ import annotations

import sys
from types import ModuleType


def without_plotting() -> None:
    """Have MediaPipe do without matplotlib; call it before MediaPipe is imported.

    MediaPipe imports matplotlib for drawing helpers that are never called here. Matplotlib would
    write a font cache to the home folder, and a process that sees pictures writes nothing to
    disk; it also costs memory and a second at the start.
    """
    pyplot = ModuleType("matplotlib.pyplot")
    matplotlib = ModuleType("matplotlib")
    matplotlib.__dict__["pyplot"] = pyplot
    sys.modules.setdefault("matplotlib", matplotlib)
    sys.modules.setdefault("matplotlib.pyplot", pyplot)
