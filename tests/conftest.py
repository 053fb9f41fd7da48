"""Settings for every test."""

from __future__ import annotations

from hypothesis import settings

# A deadline would be an assertion on wall-clock speed, and fails on a busy machine.
settings.register_profile("painwatch", deadline=None)
settings.load_profile("painwatch")
