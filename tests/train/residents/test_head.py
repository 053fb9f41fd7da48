from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain.errors import AssetError
from train.residents.head import MACRO_COLUMNS, Phenotype, load_head, macro_coefficients

units = st.floats(0.0, 1.0)


@given(units, st.floats(2 / 3, 1.0), units, units, st.tuples(*[st.floats(0.01, 1.0)] * 3))
def test_poles_of_one_kind_share_out_the_whole(
    female: float, age: float, muscle: float, weight: float, ancestry: tuple[float, float, float]
) -> None:
    person = Phenotype(
        female=female,
        age=age,
        muscle=muscle,
        weight=weight,
        african=ancestry[0],
        asian=ancestry[1],
        caucasian=ancestry[2],
    )
    poles = macro_coefficients(person, np.eye(len(MACRO_COLUMNS), dtype=bool))
    assert (poles >= 0.0).all()
    for first, last in ((0, 3), (3, 5), (5, 7), (7, 10), (10, 13)):
        assert poles[first:last].sum() == pytest.approx(1.0, abs=1e-5)


def test_a_shape_of_two_poles_takes_their_product() -> None:
    person = Phenotype(
        female=0.25, age=1.0, muscle=0.5, weight=0.75, african=1, asian=1, caucasian=2
    )
    mask = np.zeros((1, len(MACRO_COLUMNS)), dtype=bool)
    mask[0, [MACRO_COLUMNS.index("female"), MACRO_COLUMNS.index("maxweight")]] = True
    assert macro_coefficients(person, mask)[0] == pytest.approx(0.25 * 0.5)


@pytest.mark.parametrize("content", [None, b"", b"not a zip", b"PK\x03\x04 cut short"])
def test_an_unreadable_head_is_refused_with_the_remedy(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "head.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AssetError, match="painwatch train residents assets"):
        load_head(path)


def test_a_head_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "head.npz"
    np.savez(path, version=np.array(0))
    with pytest.raises(AssetError, match="version 0"):
        load_head(path)
