"""The bundle of a face embedding: whether two faces are the same person's, as numbers.

Its graph takes ``face`` uint8 (N, 256, 256, 3), the same aligned crop as a pain model
(``pain.crop.aligned_crop``), and gives ``embedding`` float32 (N, dimensions) of length 1. Resize,
crop and normalisation are nodes of the graph.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from pain.sealed import Precision, Sealed, load_sealed, seal

INPUT: Final = "face"
OUTPUT: Final = "embedding"

MOST_DIMENSIONS: Final = 2048
"""A vector of so many numbers still fits into one message of the vision worker."""

GOLDEN_TOLERANCE: Final = 1e-3
"""Largest difference of any number on the golden faces. Of two vectors of length 1 with 512 numbers
that differ by this much in each, the cosine distance is 2.6e-4; a threshold is a thousand times as
wide."""

LENGTH_TOLERANCE: Final = 1e-2
"""By how much a vector's length may differ from 1."""


def _of_length_1(vector: tuple[float, ...]) -> tuple[float, ...]:
    # Not-a-number compares false with everything and is refused with the rest.
    if not abs(math.hypot(*vector) - 1.0) <= LENGTH_TOLERANCE:
        raise ValueError("a face's vector has length 1")
    return vector


UnitVector = Annotated[
    tuple[float, ...], Field(max_length=MOST_DIMENSIONS), AfterValidator(_of_length_1)
]
"""The numbers of one face."""


class EmbeddingParity(BaseModel):
    """How far the exported graph is from the network, on real faces."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    inputs: int = Field(ge=1, description="Number of faces compared.")
    max_difference: float = Field(ge=0, description="Largest difference of any number.")
    max_cosine_distance: float = Field(ge=0, le=2)


class EmbeddingBundle(Sealed):
    """Contents of ``bundle.json`` of a face embedding."""

    role: Literal["embedding"] = "embedding"
    dimensions: int = Field(ge=2, le=MOST_DIMENSIONS, description="Numbers in a vector.")
    parity: EmbeddingParity


def load_embedding(directory: Path) -> EmbeddingBundle:
    """Read the bundle of a face embedding and verify every hash in it before anything is run.

    Args:
        directory: folder that holds ``bundle.json``.

    Returns:
        The validated manifest.

    Raises:
        BundleError: it is a bundle for something else.
        BundleCorrupt: absent, unreadable, or not of a known schema.
        BundleTampered: a hash or a size does not match.
    """
    return load_sealed(
        directory,
        EmbeddingBundle,
        role="embedding",
        absent="'painwatch export embedding' makes one (docs/identity.md)",
    )


def write_embedding(
    directory: Path,
    *,
    files: Mapping[str, tuple[str, Precision | None]],
    fields: Mapping[str, Any],
) -> EmbeddingBundle:
    """Hash the artefacts that lie in a folder and write ``bundle.json`` beside them.

    Args:
        directory: folder with the artefacts.
        files: role to (file name, precision), e.g. ``{"model": ("model.onnx", "fp32")}``.
        fields: the other fields of ``EmbeddingBundle``, except artefacts and bundle_sha256.

    Returns:
        The manifest as written and verified.

    Raises:
        BundleCorrupt: a file is absent, or a field is wrong.
    """
    seal(directory, EmbeddingBundle, files=files, fields=fields)
    return load_embedding(directory)
