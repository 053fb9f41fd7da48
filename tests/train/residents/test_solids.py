import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.residents.dress import plain
from train.residents.parts import Part
from train.residents.solids import box, cushion, joined, tube, waves

GREY = plain((0.5, 0.5, 0.5))


def edge_uses(part: Part) -> list[int]:
    """How many triangles share each edge, corners at one place counted as one."""
    places: dict[tuple[float, ...], int] = {}
    at = [places.setdefault(tuple(p), len(places)) for p in np.round(part.positions, 5).tolist()]
    edges: dict[tuple[int, int], int] = {}
    for face in part.faces.tolist():
        a, b, c = (at[corner] for corner in face)
        if len({a, b, c}) < 3:
            continue
        for one, other in ((a, b), (b, c), (c, a)):
            edge = (min(one, other), max(one, other))
            edges[edge] = edges.get(edge, 0) + 1
    return list(edges.values())


def outward(part: Part, centre: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    return np.einsum("ij,ij->i", part.normals, part.positions - centre)


@pytest.mark.parametrize(
    "part",
    [
        box((0.1, 0.2, 0.3), (0.1, 0.2, 0.3), GREY),
        cushion((0.0, 0.0, 0.0), (0.3, 0.2, 0.1), GREY, power=2.6),
        tube(np.array([[0.0, 0, 0], [0, 0.1, 0], [0.05, 0.2, 0]]), 0.01, GREY),
    ],
    ids=["box", "cushion", "tube"],
)
def test_solids_are_closed(part: Part) -> None:
    assert set(edge_uses(part)) == {2}
    assert np.isfinite(part.positions).all()
    length = np.linalg.norm(part.normals, axis=1)
    assert length.max() <= 1.0 + 1e-3
    # The poles of a cushion have no direction of their own.
    assert (length > 1.0 - 1e-3).mean() > 0.95


@pytest.mark.parametrize("power", [2.0, 2.6, 8.0])
def test_a_cushion_is_lit_from_outside(power: float) -> None:
    part = cushion((1.0, 2.0, 3.0), (0.3, 0.2, 0.1), GREY, power=power)
    away = outward(part, np.array([1.0, 2.0, 3.0]))
    assert (away > -1e-4).mean() > 0.97


@given(st.floats(0.001, 0.05), st.integers(4, 24), st.integers(0, 2**32 - 1))
def test_a_tube_keeps_its_radius(radius: float, sides: int, seed: int) -> None:
    steps = np.random.default_rng(seed).normal((0.0, 0.2, 0.0), 0.05, (6, 3))
    path = np.cumsum(steps, axis=0)
    part = tube(path, radius, GREY, sides=sides)
    rings = part.positions.reshape(-1, sides + 1, 3)[1:-1]
    distance = np.linalg.norm(rings - path[:, None], axis=2)
    assert distance == pytest.approx(radius, rel=1e-3)


def test_folds_come_from_the_rng_alone() -> None:
    one, same, other = (waves((20, 30), 2.0, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (one == same).all()
    assert not np.allclose(one, other)
    assert one.std() == pytest.approx(1.0)


def test_joined_parts_keep_their_faces() -> None:
    first, second = (box((x, 0.0, 0.0), (0.1, 0.1, 0.1), GREY) for x in (0.0, 1.0))
    both = joined([first, second])
    assert len(both.faces) == len(first.faces) + len(second.faces)
    moved = both.positions[both.faces[len(first.faces) :]]
    assert moved[..., 0].min() == pytest.approx(0.9)
