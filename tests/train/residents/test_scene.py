from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pain.values import HeadPose
from train.residents.care_room import Light, Place
from train.residents.figure import FACING
from train.residents.film import Film
from train.residents.identity import draw_resident
from train.residents.scene import HEAD_AT, Scene, demo_scene, draw_scene
from train.residents.scene_room import scene_room
from train.residents.scene_stage import Grain, developed

seeds = st.integers(0, 2**32 - 1)
LABELS = ("l-eye-bag-incr", "r-eye-bag-incr")
RESIDENT = draw_resident(seed=1, index=0, local_labels=LABELS)
SIZE = (64, 48)


def scene(seed: int, light: Light | None = None) -> Scene:
    return draw_scene(RESIDENT, np.random.default_rng(seed), light=light)


def film(**changes: Any) -> Film:
    plain: dict[str, Any] = {"exposure": 0.2, "blur_px": 0.0, "noise": 0.0, "saturation": 1.0}
    return Film(jpeg_quality=0, **(plain | changes))


@given(seeds, st.sampled_from(Light))
@settings(max_examples=40)
def test_a_camera_hangs_in_the_room_and_looks_at_the_face(seed: int, light: Light) -> None:
    drawn = scene(seed, light)
    assert drawn.light is light
    x, y, z = drawn.camera.position()
    assert abs(x) < 2.6
    assert -0.2 < y - HEAD_AT[1] < 2.3
    assert z > 0.8
    assert np.linalg.norm(drawn.camera.target - HEAD_AT) < drawn.camera.height_m / 3.0
    seen = drawn.seen_pose(FACING)
    assert abs(seen.yaw_deg) <= 45.0
    assert abs(seen.pitch_deg) <= 30.0


@given(seeds)
@settings(max_examples=40)
def test_light_comes_from_where_the_room_has_it(seed: int) -> None:
    assert scene(seed, Light.WINDOW).lights.lamps[0].direction[0] <= 0.0
    assert scene(seed, Light.NIGHT_LAMP).lights.lamps[0].direction[0] >= 0.0
    night = scene(seed, Light.INFRARED)
    towards = (night.camera.position() - night.camera.target) / night.camera.distance_m
    assert night.lights.lamps[0].direction @ towards > 0.95
    assert night.film
    assert night.film.near_infrared


def test_the_same_chance_draws_the_same_scene_and_all_places_and_lights_come() -> None:
    first, again = scene(3), scene(3)
    assert (first.place, first.light, first.film) == (again.place, again.light, again.film)
    assert np.array_equal(first.camera.target, again.camera.target)
    drawn = [scene(seed) for seed in range(60)]
    assert {one.place for one in drawn} == set(Place)
    assert {one.light for one in drawn} == set(Light)


def test_the_picture_s_pose_is_camera_and_head_together() -> None:
    demo = demo_scene(1)
    turned = HeadPose(yaw_deg=-6.0, pitch_deg=12.0, roll_deg=0.0)
    seen = demo.seen_pose(turned)
    # Looking into the lens from below is looking straight ahead in the picture.
    assert abs(seen.yaw_deg) < 1.5
    assert abs(seen.pitch_deg) < 1.5


def test_the_demo_keeps_its_room_and_others_have_walls() -> None:
    assert not scene_room(demo_scene(1)).walls
    drawn = scene_room(scene(3, Light.NIGHT_LAMP))
    assert len(drawn.walls) > 3
    by_day, by_night = (
        {part.material.key: part.material.tint for part in scene_room(scene(3, light)).walls}
        for light in (Light.WINDOW, Light.INFRARED)
    )
    assert by_day["room/daylight"][0] > 10.0 * by_night["room/daylight"][0]


def test_an_armchair_has_no_pillow() -> None:
    chair, bed = (
        scene_room(next(one for one in map(scene, range(60)) if (one.place is Place.CHAIR) is sits))
        for sits in (True, False)
    )
    keys = [{part.material.key for part in room.furniture} for room in (chair, bed)]
    assert "room/sheet" not in keys[0]
    assert "room/chair" in keys[0]
    assert "room/sheet" in keys[1]
    assert "room/chair" not in keys[1]


@pytest.mark.parametrize(("infrared", "channels"), [(False, 3), (True, 1)])
def test_noise_is_as_strong_as_asked_new_in_every_frame_and_repeatable(
    *, infrared: bool, channels: int
) -> None:
    grey = np.full((SIZE[1], SIZE[0], 3), 128, dtype=np.uint8)
    noisy = film(noise=0.03, near_infrared=infrared)
    grain = Grain(noisy, SIZE, (1, 2))
    frames = [grain.over(grey, number).astype(float) for number in range(3)]
    assert np.std(frames[0]) == pytest.approx(0.03 * 255.0, rel=0.1)
    assert np.abs(np.corrcoef([frame.ravel() for frame in frames]) - np.eye(3)).max() < 0.3
    assert np.array_equal(Grain(noisy, SIZE, (1, 2)).over(grey, 2), frames[2])
    assert len(np.unique(frames[0] - frames[0][..., :1])) > 1 or channels == 1


def test_no_film_no_noise() -> None:
    picture = np.full((SIZE[1], SIZE[0], 3), 7, dtype=np.uint8)
    assert np.array_equal(Grain(None, SIZE, (1,)).over(picture, 0), picture)


def test_a_night_camera_sees_grey_and_any_camera_sees_brighter_light_brighter() -> None:
    light = np.random.default_rng(0).random((8, 8, 3), dtype=np.float32)
    grey = developed(light, film(near_infrared=True))
    assert np.array_equal(grey[..., 0], grey[..., 2])
    plain = developed(light, film())
    assert np.array_equal(np.argsort(plain[..., 1].ravel(), kind="stable")[-1:],
                          np.argsort(light[..., 1].ravel(), kind="stable")[-1:])  # fmt: skip
    assert developed(light, film(blur_px=1.0)).std() < plain.std()
