"""Where a backbone's weights come from."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path


class WeightSource(StrEnum):
    """Weights that need no path.

    ``official`` are those that the network's authors published; ``random`` are for training from
    scratch, or to try the plumbing: features of random weights that do not learn say nothing.
    """

    OFFICIAL = "official"
    RANDOM = "random"


Weights = WeightSource | Path
"""A source, or a file in the official layout: safetensors, or a state dict of PyTorch."""


def weights_of(text: str, *, folder: Path = Path()) -> Weights:
    """What an experiment's ``weights`` means.

    Args:
        text: ``official``, ``random`` or a path; a file of such a name is written ``./official``.
        folder: relative paths start here.
    """
    try:
        return WeightSource(text)
    except ValueError:
        return folder / Path(text).expanduser()
