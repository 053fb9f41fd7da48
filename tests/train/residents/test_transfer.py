import numpy as np
import numpy.typing as npt
import pytest

from pain.errors import AssetError
from train.residents.head import Head
from train.residents.scanned import draw_rest, scanned_actions
from train.residents.scans import Scans, load_scans
from train.residents.sheet import SEVERE, contact_sheet
from train.residents.sitting import Style
from train.residents.studio import Studio
from train.residents.transfer import SCANNED, transferred, with_scans


def bowl(radius: float, side: int = 25) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
    """A part of a sphere that bulges to the front."""
    at = np.linspace(-0.7, 0.7, side) * radius
    x, y = np.meshgrid(at, at)
    points = np.stack([x, y, np.sqrt(radius**2 - x**2 - y**2)], axis=-1).reshape(-1, 3)
    corner = (np.arange(side - 1)[:, None] * side + np.arange(side - 1)).reshape(-1)
    faces = np.concatenate(
        [
            np.stack([corner, corner + 1, corner + side], axis=1),
            np.stack([corner + 1, corner + side + 1, corner + side], axis=1),
        ]
    )
    return points.astype(np.float32), faces.astype(np.int32)


def scanned(scale: float) -> Scans:
    """A scanned bowl whose middle moves to the front and up."""
    base, faces = bowl(8.0 * scale)
    bump = np.exp(-(base[:, :2] ** 2).sum(axis=1) / (2.0 * scale) ** 2)
    moved = bump[:, None] * np.array([0.0, 0.5, 1.0]) * scale
    return Scans(base=base, faces=faces, names=("bulge_L",), shapes=moved[None].astype(np.float16))


@pytest.mark.parametrize("shift", [(0.0, 0.0, 0.0), (0.3, 1.6, -0.2)])
def test_the_same_face_in_metres_moves_by_the_same_in_metres(
    shift: tuple[float, float, float],
) -> None:
    scans = scanned(1.0)
    rest = (scans.base / 100.0 + np.array(shift)).astype(np.float32)
    marks = np.arange(0, len(rest), 7)
    (moved,) = transferred(
        rest, scans.faces, scans, rest[marks].astype(float), scans.base[marks].astype(float)
    )
    expected = scans.shapes[0].astype(np.float32) / 100.0
    middle = np.abs(scans.base[:, :2]).max(axis=1) < 4.0
    assert moved[middle] == pytest.approx(expected[middle], abs=0.0006)


def test_a_head_twice_as_large_moves_twice_as_far() -> None:
    small, large = scanned(1.0), scanned(2.0)
    marks = np.arange(0, len(small.base), 7)
    moved = [
        transferred(
            rest.base / 100.0,
            small.faces,
            small,
            rest.base[marks] / 100.0,
            small.base[marks].astype(float),
        )[0]
        for rest in (small, large)
    ]
    assert np.abs(moved[1]).max() == pytest.approx(2.0 * np.abs(moved[0]).max(), rel=0.03)


def test_what_is_far_from_every_landmark_stays() -> None:
    scans = scanned(1.0)
    far = np.array([[0.0, 0.0, -0.3], [0.0, 0.0, 0.5]], dtype=np.float32)
    rest = np.concatenate([scans.base / 100.0, far])
    marks = np.arange(0, len(scans.base), 7)
    (moved,) = transferred(
        rest, scans.faces, scans, rest[marks].astype(float), scans.base[marks].astype(float)
    )
    assert not moved[-2:].any()


@pytest.fixture
def real_scans() -> Scans:
    try:
        return load_scans()
    except AssetError as error:
        pytest.skip(f"69 MB of their publisher, never fetched by a test: {error}")


def stretch(head: Head, moved: npt.NDArray[np.float32]) -> float:
    """Growth of the edges of the skin, 95th percentile."""
    ends = head.body_faces[:, [0, 1]]
    before, after = (
        np.linalg.norm(points[ends[:, 0]] - points[ends[:, 1]], axis=1)
        for points in (head.template, head.template + moved)
    )
    return float(np.quantile(after / np.maximum(before, 1e-5), 0.95))


@pytest.mark.slow
def test_scans_move_the_real_head_without_tearing_it(studio: Studio, real_scans: Scans) -> None:
    head = with_scans(studio.head, real_scans)
    added = head.action_labels[len(studio.head.action_labels) :]
    assert {f"{SCANNED}browDownLeft", f"{SCANNED}noseSneerRight"} <= set(added)
    moved = head.displacement(scanned_actions({})(SEVERE))
    assert 0.008 < np.abs(moved).max() < 0.04
    # Nineteen edges of twenty hardly stretch; the inside of an opened mouth does.
    assert stretch(head, moved) < 1.6
    rest = draw_rest(np.random.default_rng(1))
    assert set(rest) <= set(head.action_labels)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("assets_obtained", "real_scans")
def test_a_sheet_of_scanned_movements_differs_where_the_face_moves() -> None:
    with Studio(scanned=True) as studio:
        sheets = [
            contact_sheet(
                studio,
                people=[0],
                seed=2,
                columns=["severe"],
                cell_px=64,
                style=style,
                frontal=True,
            )
            for style in (Style.FULL, Style.SCANNED)
        ]
    assert sheets[0].shape == sheets[1].shape
    assert not np.array_equal(*sheets)
