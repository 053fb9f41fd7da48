"""From 1404 coordinates to a few numbers that a small memory can hold."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.decomposition import PCA
from torch import Tensor, nn

from train.heads import Standardise


class Reduce(nn.Module):
    """Principal components of the landmarks, of unit variance, and the rest standardised.

    It is fitted on training people alone and is part of the checkpoint.

    Args:
        coordinates: how many features are coordinates of landmarks; they come first.
        others: how many follow them, e.g. blendshapes.
        components: principal components that are kept; 0 leaves the coordinates out.
    """

    axes: Tensor

    def __init__(self, *, coordinates: int, others: int, components: int) -> None:
        super().__init__()
        self.coordinates = coordinates
        self.width = components + others
        self.standardise = Standardise(coordinates + others)
        self.register_buffer("axes", torch.zeros(components, coordinates))

    def fit(self, features: Tensor) -> None:
        """Learn mean, scale and components.

        Args:
            features: (N, coordinates + others).

        Raises:
            ValueError: fewer frames than components.
        """
        components = len(self.axes)
        if components > len(features):
            raise ValueError(f"{len(features)} frames have no {components} components")
        self.standardise.fit(features)
        if not components:
            return
        seen = self.standardise(features)[:, : self.coordinates].double().numpy()
        found = PCA(components, svd_solver="randomized", random_state=0).fit(seen)
        spread = np.sqrt(found.explained_variance_)
        # What does not vary stays near nothing instead of being divided by it.
        scaled = found.components_ / np.maximum(spread, 1e-3 * spread[0] + 1e-12)[:, None]
        self.axes.copy_(torch.from_numpy(scaled))

    def forward(self, features: Tensor) -> Tensor:
        """(..., coordinates + others) to (..., width)."""
        seen = self.standardise(features)
        landmarks, others = seen[..., : self.coordinates], seen[..., self.coordinates :]
        return torch.cat([landmarks @ self.axes.T, others], dim=-1)
