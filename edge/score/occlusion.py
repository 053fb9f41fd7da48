"""Whether a face's brows, eyes or lower half are covered: a small network over the aligned crop.

Its first stages are those of MediaPipe's face mesh (Apache-2.0, Google), which real faces taught;
its last layers were taught on drawn residents with drawn covers. docs/covers.md has what it finds.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from edge.score.ladder import Rung
from edge.score.session import OrtSession
from pain.errors import BundleCorrupt, BundleTampered, ScoringError

MODEL_SHA256: Final = "1e59e6f15a1ea5e57a321c5b3fc1427da8e8869667d4a66b4988b01bc7ab68b6"
REGIONS: Final = ("brows", "eyes", "lower half")

_RUNG: Final = Rung(provider="cpu", precision="fp32")


class OcclusionJudge:
    """The network, proved by its hash and loaded.

    Args:
        model: another copy of it; the one in the package when None.

    Raises:
        BundleCorrupt: it is absent, or no graph that runs here.
        BundleTampered: its hash is another.
    """

    def __init__(self, model: Path | None = None) -> None:
        path = model or Path(str(files("edge").joinpath("occlusion", "model.onnx")))
        try:
            content = path.read_bytes()
        except OSError as error:
            raise BundleCorrupt(
                f"{path} cannot be read ({error}); install painwatch anew"
            ) from error
        found = hashlib.sha256(content).hexdigest()
        if found != MODEL_SHA256:
            raise BundleTampered(
                f"{path}: SHA-256 is {found}, not {MODEL_SHA256}; install painwatch anew"
            )
        self._session = OrtSession(model=path, rung=_RUNG, options={}, threads=1)

    def hidden(self, crop: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
        """How probably each region is covered.

        Args:
            crop: uint8 (256, 256, 3) RGB, aligned.

        Returns:
            float64 (3,) in 0..1, ordered as ``REGIONS``.

        Raises:
            ScoringError: ONNX Runtime failed, or gave no probabilities.
        """
        outputs = self._session.run({"face": crop[None]})
        probabilities: npt.NDArray[np.float64] = outputs["hidden"].astype(np.float64)[0]
        if not ((probabilities >= 0) & (probabilities <= 1)).all():
            raise ScoringError(f"the judge of covered faces gave {probabilities.tolist()}")
        return probabilities
