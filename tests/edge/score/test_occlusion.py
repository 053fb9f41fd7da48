from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge.score.occlusion import REGIONS, OcclusionJudge
from pain.errors import BundleCorrupt, BundleTampered


def test_it_gives_a_probability_for_each_region() -> None:
    hidden = OcclusionJudge().hidden(np.full((256, 256, 3), 120, np.uint8))
    assert hidden.shape == (len(REGIONS),)
    assert ((hidden >= 0) & (hidden <= 1)).all()


def test_another_file_in_its_place_is_refused(tmp_path: Path) -> None:
    stranger = tmp_path / "model.onnx"
    stranger.write_bytes(b"something else")
    with pytest.raises(BundleTampered, match="SHA-256"):
        OcclusionJudge(stranger)


def test_without_its_file_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(BundleCorrupt, match="install painwatch anew"):
        OcclusionJudge(tmp_path / "absent.onnx")
