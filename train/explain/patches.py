"""Patch features as colours: the two-stage PCA of the DINOv2 paper."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pain.errors import DataError

_COLOURS: Final = 3
_RANGE: Final = (2.0, 98.0)
"""Percentiles that become 0 and 1, so that one odd patch does not wash out the others."""

Floats = npt.NDArray[np.float32]
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchColours:
    """Colours of N pictures of P patches each.

    Attributes:
        rgb: float32 (N, P, 3) in 0..1; black in the background.
        foreground: bool (N, P).
        explained: share of the foreground's variance in red, green and blue, each 0..1.
    """

    rgb: Floats
    foreground: Marks
    explained: tuple[float, float, float]

    def of(self, pictures: slice) -> PatchColours:
        """Some of the pictures."""
        return replace(self, rgb=self.rgb[pictures], foreground=self.foreground[pictures])


def patch_colours(features: Floats, *, face: Marks) -> PatchColours:
    """Colour patches so that like features have like colours, across all pictures together.

    The first principal component of all patches parts foreground from background at its mean; a
    second PCA of the foreground patches alone gives three components, shown as red, green and blue
    (Oquab et al. 2024, DINOv2, figure 1). A component's sign means nothing: the
    foreground is the side that the face lies on.

    Args:
        features: float32 (N, P, D), D at least 3.
        face: bool (N, P), patches that lie on a face.

    Raises:
        DataError: too few patches remain to be told apart.
    """
    from sklearn.decomposition import PCA

    pictures, patches, width = features.shape
    flat = features.reshape(-1, width).astype(np.float64)
    side = PCA(1, svd_solver="full").fit_transform(flat)[:, 0].reshape(pictures, patches)
    if side[face].mean() < side[~face].mean() if not face.all() else side.mean() < 0:
        side = -side
    foreground = side > 0
    chosen = flat[foreground.ravel()]
    if len(chosen) <= _COLOURS:
        raise DataError(
            f"only {len(chosen)} of {flat.shape[0]} patches differ from the background, too few "
            "for three colours; show a picture with a larger face."
        )
    pca = PCA(_COLOURS, svd_solver="full")
    scores = pca.fit_transform(chosen)
    low, high = np.percentile(scores, _RANGE, axis=0)
    rgb = np.zeros((pictures, patches, _COLOURS), np.float32)
    rgb[foreground] = np.clip((scores - low) / np.maximum(high - low, 1e-12), 0.0, 1.0)
    red, green, blue = pca.explained_variance_ratio_.tolist()
    return PatchColours(rgb=rgb, foreground=foreground, explained=(red, green, blue))


def patches_on(mask: Marks, *, grid: tuple[int, int]) -> Marks:
    """Which patches lie on a mask by half or more.

    Args:
        mask: bool (H, W), H and W whole multiples of the grid or nearly so.
        grid: rows and columns of patches.

    Returns:
        bool (rows * columns,), row by row.
    """
    rows = np.array_split(np.arange(mask.shape[0]), grid[0])
    columns = np.array_split(np.arange(mask.shape[1]), grid[1])
    shares = [[mask[np.ix_(row, column)].mean() for column in columns] for row in rows]
    return np.asarray(shares, np.float64).ravel() >= 0.5  # noqa: PLR2004  (half)
