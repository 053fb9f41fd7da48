from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pain.errors import DataError
from train.features.store import FeatureStore


def key(number: int) -> bytes:
    return bytes([number]) * 32


def test_vectors_come_back_in_the_order_asked(tmp_path: Path):
    store = FeatureStore(tmp_path / "new", width=3)
    vectors = np.arange(12, dtype=np.float32).reshape(4, 3)
    store.add([key(0), key(1)], vectors[:2])
    store.add([key(2), key(3)], vectors[2:])
    assert store.known() == {key(number) for number in range(4)}
    wanted = [3, 0, 3, 1]
    np.testing.assert_array_equal(store.load([key(n) for n in wanted]), vectors[wanted])


def test_what_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(KeyError, match="1 faces"):
        FeatureStore(tmp_path, width=3).load([key(1)])


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04"])
def test_damage_is_told(tmp_path: Path, content: bytes):
    store = FeatureStore(tmp_path, width=3)
    (tmp_path / "damaged.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"damaged.npz is damaged .* Delete it"):
        store.known()


def test_vectors_of_another_width_are_not_taken(tmp_path: Path):
    FeatureStore(tmp_path, width=2).add([key(1)], np.zeros((1, 2), np.float32))
    with pytest.raises(DataError, match="shape"):
        FeatureStore(tmp_path, width=3).known()


def test_a_file_in_the_making_is_not_read(tmp_path: Path):
    (tmp_path / ".writing-1.npz").write_bytes(b"half")
    assert FeatureStore(tmp_path, width=3).known() == set()


def test_others_may_not_read_it(tmp_path: Path):
    FeatureStore(tmp_path / "faces", width=3)
    assert (tmp_path / "faces").stat().st_mode & 0o077 == 0
