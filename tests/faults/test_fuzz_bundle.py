"""Bundle manifests of any bytes and values: refused, or every hash in them is right.

``PAINWATCH_FUZZ_SEED`` tries other inputs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.fuzz.campaign import INPUTS, needs_atheris, outcomes_of


@needs_atheris
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_bundle_manifests_of_any_bytes_and_values(tmp_path: Path):
    outcomes = outcomes_of("bundle", tmp_path)
    assert outcomes["BundleCorrupt"] > INPUTS // 10
    assert outcomes["BundleTampered"] > 0
    assert outcomes["original"] > 0
    assert outcomes["sealed anew"] > 0
