import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.residents.care_room import (
    MAX_SEEN_YAW_DEG,
    Circumstances,
    Light,
    Place,
    draw_circumstances,
)

EYES = np.array([0.0, 0.73, 0.13], np.float32)
seeds = st.integers(0, 2**32 - 1)


def drawn(seed: int) -> Circumstances:
    return draw_circumstances(EYES, 1.0, 288, np.random.default_rng(seed))


MANY = [drawn(seed) for seed in range(1500)]


@given(seeds)
def test_views_stay_within_a_half_profile_and_the_room(seed: int) -> None:
    taken = drawn(seed)
    seen = taken.camera.seen_pose(taken.pose)
    # Camera height and tilt add a little yaw to the one that is drawn.
    assert abs(seen.yaw_deg) <= MAX_SEEN_YAW_DEG + 25.0
    assert 1.0 <= taken.camera.distance_m <= 5.0
    assert taken.film.detail_px == 0 or 24 <= taken.film.detail_px < 288
    assert 0.0 < taken.film.exposure < 0.7


@given(seeds)
def test_same_seed_same_circumstances(seed: int) -> None:
    one, same = drawn(seed), drawn(seed)
    assert (one.place, one.light, one.film, one.pose) == (
        same.place,
        same.light,
        same.film,
        same.pose,
    )


def test_every_place_and_light_occurs() -> None:
    assert {taken.place for taken in MANY} == set(Place)
    shares = {light: np.mean([taken.light is light for taken in MANY]) for light in Light}
    assert shares[Light.INFRARED] == pytest.approx(0.20, abs=0.04)
    assert min(shares.values()) > 0.1


def test_night_cameras_see_grey_and_have_their_lamp_at_the_lens() -> None:
    for taken in MANY:
        assert taken.film.near_infrared == (taken.light is Light.INFRARED)
        if taken.light is Light.INFRARED:
            towards = taken.camera.position() - taken.camera.target
            towards /= np.linalg.norm(towards)
            assert float(towards @ taken.lights.lamps[0].direction) > 0.99


def test_ceiling_corners_look_down_from_afar() -> None:
    corners = [taken.camera for taken in MANY if taken.place is Place.CORNER]
    beside = [taken.camera for taken in MANY if taken.place is Place.BEDSIDE]
    assert min(camera.elevation_deg for camera in corners) >= 12.0
    assert min(camera.distance_m for camera in corners) >= max(c.distance_m for c in beside) - 1e-9
    # Who lies is seen tilted.
    assert np.std([c.roll_deg for c in beside]) > 1.5 * np.std([c.roll_deg for c in corners])


def test_far_faces_have_few_rows() -> None:
    rows = {
        near: [t.film.detail_px or 288 for t in MANY if (t.camera.distance_m < 1.5) is near]
        for near in (True, False)
    }
    assert np.median(rows[False]) < 0.7 * np.median(rows[True])


def test_motion_defocus_and_stream_artefacts_are_the_exception() -> None:
    assert np.mean([any(t.film.motion_px) for t in MANY]) == pytest.approx(0.10, abs=0.03)
    assert np.mean([t.film.crf > 0 for t in MANY]) == pytest.approx(0.5, abs=0.05)
