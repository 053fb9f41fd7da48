from __future__ import annotations

from pathlib import Path

import pytest

from edge.config.quality import QualityConfig
from edge.config.tracking import TrackingConfig
from train.track import TrackerSettings
from train.track.settings import essence


@pytest.mark.parametrize(
    "other",
    [
        TrackerSettings(quality=QualityConfig(max_yaw_deg=30)),
        TrackerSettings(tracking=TrackingConfig(roi_scale=3.0)),
        TrackerSettings(tracking=TrackingConfig(tile_sizes_px=(448, 224))),
        TrackerSettings(tracking=TrackingConfig(lost_after_s=1.0)),
        TrackerSettings(crops=False),
    ],
)
def test_what_changes_answers_changes_the_version(other: TrackerSettings):
    assert other.version != TrackerSettings().version


@pytest.mark.parametrize(
    "tracking", [TrackingConfig(landmarker=Path("/x.task")), TrackingConfig(acquire_budget_ms=99)]
)
def test_what_does_not_change_answers_leaves_the_version(tracking: TrackingConfig):
    assert TrackerSettings(tracking=tracking).version == TrackerSettings().version


def test_the_model_and_the_libraries_are_part_of_it():
    described = TrackerSettings().description()
    assert len(described["landmarker_sha256"]) == 64
    assert "mediapipe" in described["libraries"]


CODE = '"""Words."""\ndef f(x):\n    """More words."""\n    return x + 1\n'


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ("# a remark\ndef f(x):\n\n    return x+1  # so\n", True),
        ('"""Other words."""\ndef f(x):\n    return x + 1\n', True),
        ("def f(x):\n    return x + 2\n", False),
        ("def f(x):\n    x\n    return x + 1\n", False),
    ],
)
def test_words_in_the_code_do_not_count_but_code_does(changed: str, *, same: bool):
    assert (essence(changed) == essence(CODE)) is same
