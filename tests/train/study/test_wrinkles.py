from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pain.errors import DataError
from tests.train.study.planted import Planted, fill_cache, planted, write_set
from train.data import open_dataset
from train.study.crosswise import cross, crosswise_findings
from train.study.detect import NEGATIVES
from train.study.network import Recipe, SmallNetwork, predict, train_network
from train.study.twins import CROP_PX, WITH, WITHOUT, Twins, pair, shrunk
from train.track import TrackedSet, load_tracked

CPU = torch.device("cpu")
SIDE_PX = 48
"""Smaller than real crops, which the network does not mind and the clock likes."""
QUICK = Recipe(epochs=10, learning_rate=5e-3)


def twins(*, drawn: bool, people: int = 16, per_person: int = 10) -> Twins:
    """PSPI is how long a bar is: drawn, the bar is in one drawing alone, else it is in both.

    The one drawing also has lines that say nothing.
    """
    rng = np.random.default_rng(1)
    count = people * per_person
    pspi = rng.uniform(0, 16, count)
    plain = rng.normal(120, 6, (count, SIDE_PX, SIDE_PX))
    barred = plain.copy()
    for picture, value in zip(barred, pspi, strict=True):
        picture[8 : 8 + int(2 * value), 12:36] += 80
    lined = barred.copy()
    for picture, row in zip(lined, rng.integers(4, 44, count), strict=True):
        picture[row] -= 30
    crops = {WITH: lined, WITHOUT: plain if drawn else barred}
    return Twins(
        crops={name: np.clip(values, 0, 255).astype(np.uint8) for name, values in crops.items()},
        pspi=pspi,
        level=np.where(np.arange(count) % 2, pspi / 3, 0.0),
        person=np.repeat([f"p{i:02d}" for i in range(people)], per_person),
        other=np.arange(count) % 2 == 0,
        left_out=0,
    )


@pytest.mark.slow
@pytest.mark.parametrize("drawn", [True, False])
def test_a_network_that_reads_the_drawing_is_found_out(drawn: bool):
    given = twins(drawn=drawn)
    told = cross(given, QUICK, folds=2, device=CPU)
    found = {(f.what, f.subset): f.estimate for f in crosswise_findings(given, told)}
    name = "PSPI mean absolute error"
    blind = found[name, "mean predictor"].value
    assert found[name, f"trained {WITH}, tested {WITH}"].value < 0.6 * blind
    gap = found[f"gap in {name}", f"trained {WITH}: tested {WITHOUT} minus {WITH}"]
    if drawn:
        assert gap.low > 0.3 * blind
    else:
        assert gap.value < 0.1 * blind


def test_a_gap_is_the_other_drawing_minus_the_own_on_the_same_people():
    given = twins(drawn=False, people=6, per_person=4)
    truth = np.column_stack([given.pspi.clip(2, 14), given.level])
    told = {
        (one, other): truth + (0.5 if one == other else 1.5)
        for one in (WITH, WITHOUT)
        for other in (WITH, WITHOUT)
    }
    exact = replace(given, pspi=truth[:, 0])
    found = {(f.what, f.subset): f.estimate for f in crosswise_findings(exact, told)}
    gap = found["gap in PSPI mean absolute error",
                f"trained {WITHOUT}: tested {WITH} minus {WITHOUT}"]  # fmt: skip
    assert (gap.value, gap.low, gap.high) == pytest.approx((1.0, 1.0, 1.0))
    rank = found[f"AUROC of level, {NEGATIVES}", f"trained {WITH}, tested {WITH}"]
    assert rank.value == 1.0
    assert rank.samples == ((given.level >= 3) | given.other).sum()


def test_networks_of_a_fold_differ_in_the_drawing_alone():
    """The same pictures twice give the same network twice."""
    given = twins(drawn=False, people=4, per_person=4)
    given = replace(given, crops=dict.fromkeys((WITH, WITHOUT), given.crops[WITH]))
    told = cross(given, replace(QUICK, epochs=1), folds=2, device=CPU)
    np.testing.assert_array_equal(told[WITH, WITH], told[WITHOUT, WITHOUT])


def test_training_leaves_the_global_random_state_alone():
    given = twins(drawn=False, people=2, per_person=4)
    before = torch.random.get_rng_state()
    train_network(given.crops[WITH], given.pspi[:, None], replace(QUICK, epochs=1), device=CPU)
    assert torch.equal(before, torch.random.get_rng_state())


def test_a_mirror_image_and_a_dimmed_picture_are_the_same_face():
    crops = twins(drawn=False, people=1, per_person=4).crops[WITH]
    network = SmallNetwork(2)
    seen = predict(network, crops, device=CPU)
    assert seen.shape == (4, 2)
    np.testing.assert_allclose(
        seen, predict(network, crops[:, :, ::-1].copy(), device=CPU), atol=1e-5
    )
    dimmed = (crops // 2).astype(np.uint8)
    np.testing.assert_allclose(seen, predict(network, dimmed, device=CPU), atol=0.05)


def test_a_crop_keeps_its_middle():
    crop = np.zeros((256, 256, 3), np.uint8)
    crop[32:224, 32:224] = 90
    crop[32:128, 32:128] = 200
    small = shrunk(crop)
    assert small.shape == (CROP_PX, CROP_PX)
    assert small[10, 10] == 200
    assert small[90, 90] == 90
    assert small.min() == 90


def both(root: Path, one: Planted, other: Planted) -> tuple[TrackedSet, TrackedSet]:
    for name, given in (("with", one), ("without", other)):
        write_set(root / name, given)
        fill_cache(root, given, name)
    first, second = (
        load_tracked(open_dataset(root / name), cache=root / "cache")
        for name in ("with", "without")
    )
    return first, second


def test_pictures_found_in_both_drawings_are_paired(tmp_path: Path):
    given = planted(people=3)
    lost = next(o for o in given.outcomes if not hasattr(o, "crop"))
    fewer = Planted(rows=given.rows, outcomes=[lost, *given.outcomes[1:]])
    paired = pair(*both(tmp_path, given, fewer))
    shown = [hasattr(o, "crop") for o in fewer.outcomes]
    assert len(paired.person) == sum(shown)
    assert paired.left_out == len(shown) - sum(shown)
    rows = [row for row, is_shown in zip(given.rows, shown, strict=True) if is_shown]
    np.testing.assert_allclose(paired.pspi, [row["pspi"] for row in rows], rtol=1e-6)
    for crops in paired.crops.values():
        np.testing.assert_array_equal(crops[:, 0, 0], [int(15 * row["pspi"]) for row in rows])


def test_sets_of_other_people_are_no_pair(tmp_path: Path):
    with pytest.raises(DataError, match="do not show the same people"):
        pair(*both(tmp_path, planted(people=2), planted(people=2, seed=5)))


def test_a_set_without_crops_is_refused(tmp_path: Path):
    one, other = both(tmp_path, planted(people=2), planted(people=2))
    with pytest.raises(DataError, match="tracked without crops"):
        pair(one, replace(other, crops=None))
