from __future__ import annotations

from tests.train.engine import fabric, one_thread  # noqa: F401  (fixtures)
