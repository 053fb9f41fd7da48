"""Textures of skins, eyes, teeth, brows, lashes and hair."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from train.residents.identity import Resident, Rgb

Pixels = npt.NDArray[np.uint8]


class Wardrobe:
    """Textures of a verified asset folder, read once.

    Args:
        data: verified MakeHuman data folder.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self.read = lru_cache(maxsize=64)(self._read)
        # A film asks for the same hair in every frame.
        self.dyed = lru_cache(maxsize=8)(self._dyed)

    def _read(self, name: str) -> Pixels:
        with Image.open(self._data / name) as image:
            return np.array(image.convert("RGBA"), dtype=np.uint8)

    def skin(self, resident: Resident) -> tuple[str, Pixels]:
        """Body texture of the resident's ancestry, sex and kind of skin."""
        shade = "dark" if resident.ancestry == "african" else "light"
        variant = "2" if resident.ancestry == "asian" else ""
        folder = f"skins/{resident.skin}_{resident.ancestry}_{resident.sex}/textures"
        name = f"{folder}/{resident.skin}_{shade}skinned_{resident.sex}_diffuse{variant}.png"
        return name, self.read(name)

    def proxy(self, kind: str, folder: str, texture: str) -> tuple[str, Pixels]:
        """Texture of a proxy."""
        name = f"proxies/{kind}/{folder}/textures/{texture}.png"
        return name, self.read(name)

    def _dyed(self, kind: str, folder: str, texture: str, colour: Rgb) -> tuple[str, Pixels]:
        """Texture of hair in another colour: its own light and dark, the given hue."""
        name, pixels = self.proxy(kind, folder, texture)
        strands = pixels[..., 3] > 128  # noqa: PLR2004
        light = pixels[..., :3].astype(np.float32).mean(axis=2)
        light = 1.0 + 0.7 * (light / max(float(light[strands].mean()), 1.0) - 1.0)
        dyed = pixels.copy()
        dyed[..., :3] = np.clip(255.0 * light[..., None] * np.asarray(colour), 0, 255)
        return f"{name}#{colour}", dyed
