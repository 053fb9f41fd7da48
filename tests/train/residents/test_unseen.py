from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from train.residents.care_room import Circumstances, Light, Place
from train.residents.identity import ANCESTRIES, Resident, draw_resident
from train.residents.manifest import FILES
from train.residents.sitting import Style, sit
from train.residents.studio import Studio
from train.residents.unseen import UnseenLight, UnseenPlace, draw_unseen, in_unseen_skin
from train.residents.view import Lamp
from train.residents.wardrobe import Wardrobe

EYES = np.array([0.0, 0.73, 0.13], np.float32)
LABELS = ("l-eye-bag-incr", "r-eye-bag-incr")


def drawn(seed: int) -> Circumstances:
    return draw_unseen(EYES, 1.0, 288, np.random.default_rng(seed))


MANY = [drawn(seed) for seed in range(800)]


def rise_deg(lamp: Lamp) -> float:
    return float(np.degrees(np.arcsin(lamp.direction[1])))


def turn_deg(lamp: Lamp) -> float:
    return abs(float(np.degrees(np.arctan2(lamp.direction[0], lamp.direction[2]))))


def contrast(taken: Circumstances) -> float:
    return max(taken.lights.lamps[0].colour) / max(taken.lights.ambient)


def test_every_place_and_light_occurs_and_none_is_of_the_styles_to_train_on() -> None:
    assert {taken.place for taken in MANY} == set(UnseenPlace)
    assert {taken.light for taken in MANY} == set(UnseenLight)
    assert not {place.value for place in UnseenPlace} & {place.value for place in Place}
    assert not {light.value for light in UnseenLight} & {light.value for light in Light}


@pytest.mark.parametrize(
    ("place", "beyond"),
    [
        (UnseenPlace.ON_THE_SIDE, lambda t: abs(t.camera.roll_deg) > 30.0),
        (UnseenPlace.SHELF, lambda t: t.camera.elevation_deg > 38.0),
        (UnseenPlace.LAP, lambda t: t.camera.elevation_deg < -8.0 and t.camera.distance_m < 1.0),
        (UnseenPlace.BESIDE, lambda t: 45.0 <= abs(t.pose.yaw_deg - t.camera.azimuth_deg) <= 54.0),
    ],
)
def test_every_view_goes_beyond_those_of_a_care_room(
    place: UnseenPlace, beyond: Callable[[Circumstances], bool]
) -> None:
    assert all(beyond(taken) for taken in MANY if taken.place is place)


@pytest.mark.parametrize(
    ("light", "beyond"),
    [
        # A care room's lamps stand 4 degrees or more above the eyes.
        (UnseenLight.TELEVISION, lambda t: rise_deg(t.lights.lamps[0]) < 0.0),
        (UnseenLight.LAMP_BELOW, lambda t: rise_deg(t.lights.lamps[0]) < 0.0),
        # Its night lamp, the hardest, stands 80 degrees from in front of the face or nearer.
        (UnseenLight.LOW_SUN, lambda t: turn_deg(t.lights.lamps[0]) > 80.0 and contrast(t) > 20.0),
        # Its fill lamp never has a third of the key lamp's strength.
        (
            UnseenLight.TWO_WINDOWS,
            lambda t: t.lights.lamps[1].colour[0] > 0.5 * t.lights.lamps[0].colour[0],
        ),
        (
            UnseenLight.FLUORESCENT,
            lambda t: all(g > r for r, g, _ in (t.lights.ambient, t.lights.lamps[0].colour)),
        ),
    ],
)
def test_every_light_goes_beyond_those_of_a_care_room(
    light: UnseenLight, beyond: Callable[[Circumstances], bool]
) -> None:
    assert all(beyond(taken) for taken in MANY if taken.light is light)


@given(st.integers(0, 2**32 - 1))
def test_same_seed_same_circumstances(seed: int) -> None:
    one, same = drawn(seed), drawn(seed)
    assert (one.place, one.light, one.film, one.pose) == (
        same.place,
        same.light,
        same.film,
        same.pose,
    )


def person(ancestry: str, sex: str) -> Resident:
    drawn_person = draw_resident(seed=3, index=0, local_labels=LABELS)
    return replace(drawn_person, ancestry=ancestry, sex=sex)


@pytest.mark.parametrize("sex", ["female", "male"])
@pytest.mark.parametrize("ancestry", ANCESTRIES)
def test_everybody_gets_a_verified_texture_that_other_styles_never_use(
    tmp_path: Path, ancestry: str, sex: str
) -> None:
    for name in FILES:
        if name.startswith("skins/"):
            (tmp_path / name).parent.mkdir(parents=True)
            Image.new("RGB", (2, 2)).save(tmp_path / name)
    wardrobe, usual = Wardrobe(tmp_path), person(ancestry, sex)
    name, _ = wardrobe.skin(in_unseen_skin(usual))
    assert name in FILES
    assert f"skins/middleage_{ancestry}_{sex}/" in name
    assert f"skins/old_{ancestry}_{sex}/" in wardrobe.skin(usual)[0]


def test_only_skin_and_tone_of_a_person_change() -> None:
    usual = person("african", "female")
    other = in_unseen_skin(usual)
    assert replace(other, skin=usual.skin, tone=usual.tone) == usual
    assert other.skin != usual.skin


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("assets_obtained")
def test_faces_and_labels_are_those_of_full_and_places_and_lights_are_not() -> None:
    # Its own: the shared one cannot draw again once another studio was closed in this process.
    with Studio() as studio:
        full, unseen = (
            list(sit(studio, style=style, seed=5, index=1, count=4, size_px=64))
            for style in (Style.FULL, Style.UNSEEN)
        )
    for usual, taken in zip(full, unseen, strict=True):
        assert taken.shot.expression == usual.shot.expression
        assert taken.details.keys() == usual.details.keys()
        assert taken.details["worn"] == usual.details["worn"]
        assert taken.details["place"] in set(UnseenPlace)
        assert taken.details["light"] in set(UnseenLight)
        assert not np.array_equal(taken.picture, usual.picture)
