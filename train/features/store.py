"""Feature vectors on disk, under the content that they were computed from."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from pain.errors import DataError

Floats = npt.NDArray[np.float32]

KEY_BYTES: Final = 32
_STAGING_PREFIX: Final = ".writing-"
_OWNER_ONLY: Final = 0o700


class FeatureStore:
    """One folder of vectors of one backbone. Features of a face are personal: guard them like it.

    Args:
        folder: made when absent, readable by its owner alone.
        width: of the vectors.
    """

    def __init__(self, folder: Path, *, width: int) -> None:
        self.folder = folder
        self.width = width
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
        except OSError as error:
            raise DataError(f"{folder} cannot hold features: {error.strerror}.") from error

    def add(self, keys: Sequence[bytes], vectors: Floats) -> None:
        """Keep vectors so that they are there whole or not at all.

        Args:
            keys: n of 32 bytes.
            vectors: float32 (n, width).
        """
        joined = b"".join(keys)
        name = hashlib.sha256(joined).hexdigest()[:24]
        staging = self.folder / f"{_STAGING_PREFIX}{os.getpid()}.npz"
        listed = np.frombuffer(joined, np.uint8).reshape(-1, KEY_BYTES)
        np.savez(staging, keys=listed, vectors=np.asarray(vectors, np.float32))
        staging.replace(self.folder / f"{name}.npz")

    def known(self) -> set[bytes]:
        """Keys of all vectors.

        Raises:
            DataError: a file is damaged.
        """
        return {key for path in self._files() for key in self._read(path)[0]}

    def load(self, keys: Sequence[bytes]) -> Floats:
        """Vectors of these keys, float32 (n, width).

        Raises:
            DataError: a file is damaged.
            KeyError: a key has no vector.
        """
        wanted = {key: at for at, key in reversed(list(enumerate(keys)))}
        out = np.full((len(keys), self.width), np.nan, np.float32)
        found = set()
        for path in self._files():
            own, vectors = self._read(path)
            for at, key in enumerate(own):
                if key in wanted:
                    out[wanted[key]] = vectors[at]
                    found.add(key)
        missing = wanted.keys() - found
        if missing:
            raise KeyError(f"{len(missing)} faces have no features")
        # The same picture may stand in a set twice.
        return out[[wanted[key] for key in keys]]

    def _files(self) -> list[Path]:
        return [p for p in sorted(self.folder.glob("*.npz")) if not p.name.startswith(".")]

    def _read(self, path: Path) -> tuple[list[bytes], Floats]:
        try:
            with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                keys = [row.tobytes() for row in file["keys"]]
                vectors = np.asarray(file["vectors"], np.float32)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise DataError(
                f"{path} is damaged ({error}). Delete it; its features are computed again."
            ) from error
        if vectors.shape != (len(keys), self.width):
            raise DataError(f"{path} is damaged (shape {vectors.shape}). Delete it.")
        return keys, vectors
