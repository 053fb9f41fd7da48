"""The verifier measures what changed, and the bars say what is too much."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from export.verify.bars import BARS
from export.verify.compare import Comparison, compare
from export.verify.gate import require
from pain.bundle import Precision
from pain.errors import ExportError


def outputs(*levels: float) -> dict[Any, Any]:
    return {"level": np.array(levels, np.float32)}


def comparison(**changes: Any) -> Comparison:
    values: dict[str, Any] = {
        "faces": 100,
        "rated": 100,
        "max_level": 0.0,
        "mean_level": 0.0,
        "max_difference": {},
        "class_agreement": 1.0,
        "mae_before": 1.0,
        "mae_after": 1.0,
        **changes,
    }
    return Comparison(**values)


def test_differences_classes_and_errors() -> None:
    truth = np.array([0.0, 3.0, np.nan], np.float32)
    found = compare(outputs(0.0, 2.4, 6.0), outputs(0.0, 2.6, 5.9), truth)
    assert (found.faces, found.rated) == (3, 2)
    assert found.max_level == pytest.approx(0.2)
    assert found.mean_level == pytest.approx(0.1)
    assert found.class_agreement == pytest.approx(2 / 3)
    assert found.mae_before == pytest.approx(0.3)
    assert found.mae_after == pytest.approx(0.2)
    assert found.worsening == pytest.approx(-0.1)
    parity = found.as_parity(kept_float=("a layer, 0.1 level",))
    assert parity.max_difference["level"] == pytest.approx(0.2)
    assert parity.kept_float == ("a layer, 0.1 level",)


def test_without_known_levels_there_is_no_error_to_compare() -> None:
    found = compare(outputs(1.0), outputs(1.0), np.array([np.nan], np.float32))
    assert (found.mae_before, found.mae_after, found.worsening) == (None, None, None)
    assert BARS["int8"].missed(found)
    assert not BARS["fp32"].missed(found)


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ({}, "no output"),
        (outputs(1.0, 2.0), "shape"),
        (outputs(float("nan")), "no number"),
        (outputs(float("inf")), "no number"),
    ],
)
def test_what_cannot_be_compared_is_refused(after: dict[Any, Any], told: str) -> None:
    with pytest.raises(ExportError, match=told):
        compare(outputs(1.0), after, np.zeros(1, np.float32))


@pytest.mark.parametrize(
    ("precision", "changes", "holds"),
    [
        ("fp32", {"max_level": 1e-3}, True),
        ("fp32", {"max_level": 1.1e-3}, False),
        ("fp16", {"max_level": 0.02}, True),
        ("fp16", {"max_level": 0.021}, False),
        ("int8", {"max_level": 3.0, "mae_after": 1.0499, "class_agreement": 0.97}, True),
        ("int8", {"mae_after": 1.06}, False),
        ("int8", {"mae_after": 0.5, "class_agreement": 0.96}, False),
    ],
)
def test_bars(precision: Precision, changes: dict[str, Any], holds: bool) -> None:
    found = comparison(**changes)
    assert (BARS[precision].missed(found) == ()) is holds
    if holds:
        require(found, precision=precision, of="toy")
    else:
        with pytest.raises(ExportError, match="nothing was written"):
            require(found, precision=precision, of="toy")
