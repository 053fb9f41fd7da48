"""Where the shipped files are."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SHIPPED: Final = Path(__file__).parents[2] / "systemd"
UNITS: Final = ("painwatch-edge.service", "painwatch-edge@.service", "painwatch-station.service")
