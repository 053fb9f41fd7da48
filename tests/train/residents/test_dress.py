"""What people wear and what lies near them: how often, and on real renders what it hides."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from pain.values import HeadPose
from train.residents.dress import BARE, Dress, draw_dress, draw_glasses
from train.residents.everyday import Traits
from train.residents.expression import NEUTRAL
from train.residents.figure import FACING, Figure
from train.residents.identity import draw_resident
from train.residents.nearby import Hand, Nearby, draw_nearby
from train.residents.sitting import figure_with
from train.residents.studio import Studio, portrait_camera
from train.residents.view import draw_lights

SIZE = 160
LABELS = ("head-age-incr", "l-eye-bag-incr", "r-eye-bag-incr")
NOTHING = Nearby(
    pillow=False,
    blanket_m=None,
    hand=None,
    left=True,
    linen=(0.7, 0.7, 0.7),
    wool=(0.3, 0.05, 0.05),
    seed=1,
)


def test_shares_of_what_is_worn() -> None:
    rng = np.random.default_rng(3)
    worn: dict[str, list[bool]] = {"male": [], "female": []}
    glasses = []
    for index in range(2000):
        person = draw_resident(seed=1, index=index, local_labels=LABELS)
        dress = draw_dress(person, rng)
        glasses.append(dress.glasses is not None)
        assert dress.beard_m == 0.0 or person.sex == "male"
        assert dress.scarf is None or person.sex == "female"
        worn[person.sex].append(bool(dress.beard_m) or dress.scarf is not None)
    assert np.mean(glasses) == pytest.approx(0.35, abs=0.04)
    assert np.mean(worn["male"]) == pytest.approx(0.30, abs=0.05)
    assert np.mean(worn["female"]) == pytest.approx(0.10, abs=0.03)


def test_shares_of_what_is_near() -> None:
    rng = np.random.default_rng(4)
    drawn = [draw_nearby(rng) for _ in range(2000)]
    assert np.mean([n.pillow for n in drawn]) == pytest.approx(0.6, abs=0.04)
    assert np.mean([n.hand is not None for n in drawn]) == pytest.approx(0.10, abs=0.03)
    # A blanket is drawn up over somebody in bed only.
    assert all(n.pillow for n in drawn if n.blanket_m is not None)
    assert {n.hand for n in drawn} == {None, *Hand}


def test_names_say_what_is_there() -> None:
    pair = draw_glasses(np.random.default_rng(1))
    assert BARE.names == ()
    assert Dress(glasses=pair, beard_m=0.01).names == ("glasses", "beard")
    lying = Nearby(
        pillow=True, blanket_m=0.12, hand=Hand.CHIN, left=False, linen=(1, 1, 1), wool=(1, 0, 0),
        seed=2,
    )  # fmt: skip
    assert lying.names == ("pillow", "blanket", "hand-chin")


def drawn(
    studio: Studio,
    figure: Figure,
    *,
    nearby: Nearby | None = None,
    pose: HeadPose = FACING,
) -> npt.NDArray[np.float32]:
    """Linear light times alpha, and alpha, (H, W, 4)."""
    layer = studio.renderer.draw(
        figure.parts(NEUTRAL, pose=pose, nearby=nearby),
        camera=portrait_camera(figure),
        lights=draw_lights(0.0, np.random.default_rng(1)),
        size=(SIZE, SIZE),
    )
    return np.concatenate([layer.colour, layer.alpha[..., None]], axis=2)


def changed(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    return np.asarray(np.abs(one - other).max(axis=2) > 0.03)


def rows_of(mask: npt.NDArray[np.bool_]) -> float:
    """Mean row of a mask, 0 top to 1 bottom."""
    return float(np.nonzero(mask)[0].mean() / SIZE)


@pytest.fixture(scope="module")
def man(studio: Studio) -> Figure:
    return studio.figure(studio.resident(seed=3, index=3))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_each_thing_changes_its_own_place(studio: Studio, man: Figure) -> None:
    bare = drawn(studio, man)
    person = man.resident
    pair = draw_glasses(np.random.default_rng(1))
    masks = {
        name: changed(bare, drawn(studio, studio.figure(person, dress=dress)))
        for name, dress in (
            ("glasses", Dress(glasses=pair)),
            ("cannula", Dress(cannula=True)),
            ("beard", Dress(beard_m=0.012)),
            ("scarf", Dress(scarf=(0.05, 0.2, 0.4))),
        )
    }
    for name, mask in masks.items():
        assert 0.002 < mask.mean() < 0.5, name
    assert rows_of(masks["glasses"]) < rows_of(masks["cannula"]) < rows_of(masks["beard"])
    # A beard hides the lower face and no eye; a scarf hides neither.
    middle = np.s_[int(0.40 * SIZE) : int(0.52 * SIZE), int(0.42 * SIZE) : int(0.58 * SIZE)]
    assert masks["scarf"][middle].mean() < 0.1
    assert masks["beard"].mean() > masks["cannula"].mean()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_mouth_without_teeth_is_sunken(studio: Studio, man: Figure) -> None:
    toothless = figure_with(studio, man.resident, Traits(toothless=True), BARE)
    assert len(toothless.parts(NEUTRAL)) < len(man.parts(NEUTRAL))
    mask = changed(drawn(studio, man), drawn(studio, toothless))
    assert rows_of(mask) > 0.5


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_bedding_and_hands_hide_what_they_lie_on(studio: Studio, man: Figure) -> None:
    bare = drawn(studio, man)

    def shown(**there: object) -> npt.NDArray[np.bool_]:
        fields = {name: getattr(NOTHING, name) for name in NOTHING.__slots__}
        return changed(bare, drawn(studio, man, nearby=Nearby(**(fields | there))))

    assert not shown().any()
    corners = bare[:20, :20, 3]
    assert not corners.any()
    pillow, blanket = shown(pillow=True), shown(blanket_m=0.14)
    assert pillow[:, :15].mean() > 0.2
    assert blanket[-20:].mean() > 0.6
    brow, chin = shown(hand=Hand.BROW), shown(hand=Hand.CHIN)
    assert brow[: SIZE // 2].mean() > 3 * chin[: SIZE // 2].mean()
    # The left hand comes from the picture's right.
    left, right = (shown(hand=Hand.CHEEK, left=side) for side in (True, False))
    half = SIZE // 2
    assert left[:, half:].sum() > left[:, :half].sum()
    assert right[:, :half].sum() > right[:, half:].sum()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_wrinkles_can_be_left_out_and_nothing_else_changes(studio: Studio, man: Figure) -> None:
    smooth = studio.figure(man.resident, wrinkles=False)
    bare, without = drawn(studio, man), drawn(studio, smooth)
    assert (bare[..., 3] == without[..., 3]).all()
    assert np.abs(bare - without)[..., :3].max() > 0.02
    assert set(smooth.skin.gains.values()) == {0.0}
    assert set(man.skin.groups) == set(smooth.skin.groups)
