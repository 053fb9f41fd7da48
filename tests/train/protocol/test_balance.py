from __future__ import annotations

import numpy as np
import pytest

from train.protocol.balance import balance


def clouds(counts: dict[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    classes = np.concatenate([np.full(count, name) for name, count in counts.items()])
    features = rng.normal(0, 0.1, (len(classes), 4)) + classes[:, None] * 10
    levels = classes + rng.uniform(-0.4, 0.4, len(classes))
    return features.astype(np.float32), levels.astype(np.float32), classes


def test_every_class_grows_to_the_largest_between_its_own_faces():
    features, levels, classes = clouds({0: 40, 2: 10, 5: 7})
    grown = balance(features, levels, classes, neighbours=5, seed=0)
    assert len(grown.features) == len(grown.levels) == 120
    np.testing.assert_array_equal(grown.features[:57], features)
    np.testing.assert_array_equal(grown.levels[:57], levels)
    added = np.rint(grown.levels[57:]).astype(int)
    assert {name: int((added == name).sum()) for name in (2, 5)} == {2: 30, 5: 33}
    for name in (2, 5):
        own, new = features[classes == name], grown.features[57:][added == name]
        assert (new >= own.min(axis=0) - 1e-5).all()
        assert (new <= own.max(axis=0) + 1e-5).all()
    assert grown.features.dtype == grown.levels.dtype == np.float32
    assert grown.notes == ()


@pytest.mark.parametrize(
    ("rare", "grown_to", "says"),
    [
        (6, 20, None),
        (5, 20, "5 faces, so 4 neighbours"),
        (2, 20, "so 1 neighbours"),
        (1, 1, "single"),
    ],
)
def test_tiny_classes_take_what_neighbours_they_have_and_say_so(
    rare: int, grown_to: int, says: str | None
):
    features, levels, classes = clouds({0: 20, 6: rare})
    grown = balance(features, levels, classes, neighbours=5, seed=0)
    assert (np.rint(grown.levels) == 6).sum() == grown_to
    assert (says is None) == (not grown.notes)
    assert says is None or says in grown.notes[0]


def test_a_tiny_class_does_not_take_the_neighbours_of_others():
    features, levels, classes = clouds({0: 40, 2: 10, 6: 2})
    both = balance(features, levels, classes, neighbours=5, seed=0)
    chosen = classes != 6
    alone = balance(features[chosen], levels[chosen], classes[chosen], neighbours=5, seed=0)
    np.testing.assert_array_equal(both.features[52 : 52 + 30], alone.features[50 : 50 + 30])


def test_the_seed_decides():
    features, levels, classes = clouds({0: 20, 3: 5})
    one, same, other = (
        balance(features, levels, classes, neighbours=3, seed=seed).features for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
