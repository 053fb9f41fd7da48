"""The simulated rooms' stories."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.load import load_config
from painwatch.ward.boxes import settings
from painwatch.ward.storyboard import LOOP_S, PLANS, RISE_S, Fault


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.id)
def test_a_story_has_no_gap_and_ends_with_the_loop(plan):
    ends = [scene.until_s for scene in plan.scenes]
    assert ends == sorted(set(ends))
    assert ends[-1] == LOOP_S
    assert "simulated" in plan.name


@given(st.sampled_from(PLANS), st.floats(0, 5 * LOOP_S))
def test_a_face_never_jumps_and_nothing_leaves_its_scale(plan, seconds):
    now, soon = plan.at(seconds), plan.at(seconds + 0.1)
    assert 0 <= now.level <= 6
    assert all(0 <= intensity <= 5 for intensity in now.units.values())
    seen = [scene.reason is None and scene.fault is None for scene in (now, soon)]
    if all(seen) and (seconds % LOOP_S) + 0.1 < LOOP_S:
        assert abs(soon.level - now.level) <= 6 * 0.1 / RISE_S * 2


def test_the_ward_shows_all_that_a_nurse_must_learn_to_read():
    scenes = [scene for plan in PLANS for scene in plan.scenes]
    assert {scene.fault for scene in scenes} >= set(Fault)
    assert max(scene.level for scene in scenes) > 5
    assert len({scene.reason for scene in scenes} - {None}) >= 3
    assert len(PLANS) == 12


def test_the_boxes_settings_are_valid(tmp_path: Path):
    file = tmp_path / "boxes.yaml"
    file.write_text(settings(1883, "5", tmp_path))
    assert len(load_config(file).rooms) == 12
