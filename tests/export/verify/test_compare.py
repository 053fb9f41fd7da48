"""The verifier measures what changed, and the bars say what is too much."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from edge.simulate.judge import Standing
from export.clips.alarms import Change
from export.clips.judge import ClipComparison
from export.verify.bars import BARS, Bar
from export.verify.compare import Comparison, compare
from export.verify.gate import require
from pain.alarms import Condition
from pain.bundle import Difference, Precision
from pain.errors import ExportError


def outputs(*levels: float) -> dict[Any, Any]:
    return {"level": np.array(levels, np.float32)}


def difference(mean: float = 0.0, p95: float = 0.0, largest: float = 0.0) -> Difference:
    return Difference(mean=mean, p95=p95, largest=largest)


def watched(*alarms: Change, **moved: Difference) -> ClipComparison:
    return ClipComparison(
        name="c.mp4",
        length_s=60.0,
        faces=600,
        moved={"level": difference(), **moved},
        alarms=alarms,
    )


def comparison(**changes: Any) -> Comparison:
    values: dict[str, Any] = {
        "faces": 100,
        "rated": 100,
        "moved": {"level": difference()},
        "max_difference": {},
        "class_agreement": 1.0,
        "mae_before": 1.0,
        "mae_after": 1.0,
        "clips": (watched(),),
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


def test_each_unit_has_its_own_figures() -> None:
    before = outputs(1.0, 2.0) | {
        "pspi": np.array([3.0, 4.0], np.float32),
        "action_units": np.array([[1.0, 0.0], [2.0, 0.0]], np.float32),
    }
    after = {**before, "action_units": before["action_units"] + np.array([0.0, 0.5], np.float32)}
    found = compare(before, after, np.zeros(2, np.float32), units=("AU4", "AU43"))
    assert list(found.moved) == ["level", "pspi", "AU4", "AU43"]
    assert found.moved["AU4"] == difference()
    assert found.moved["AU43"] == difference(0.5, 0.5, 0.5)
    assert found.as_parity().readings["AU43"].largest == 0.5
    assert found.as_parity().alarms is None


def alarm(*, before_s: float | None, after_s: float | None) -> Change:
    first, second = (
        None if at_s is None else Standing(onset_s=at_s, decided_s=at_s + 2.0, ended_s=20.0)
        for at_s in (before_s, after_s)
    )
    return Change(condition=Condition.PAIN_SEVERE, before=first, after=second)


def test_the_manifest_says_how_many_alarms_stayed() -> None:
    alarms = [alarm(before_s=3.0, after_s=3.2), alarm(before_s=9.0, after_s=8.6)]
    parity = comparison(clips=(watched(*alarms),)).as_parity().alarms
    assert parity is not None
    assert (parity.clips, parity.same, parity.differ) == (("c.mp4",), 2, 0)
    assert parity.largest_shift_s == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("precision", "changes", "told"),
    [
        ("fp32", {"moved": {"level": difference(largest=1e-3)}, "clips": ()}, ""),
        ("fp32", {"moved": {"level": difference(largest=1.1e-3)}}, "level moves by 0.0011 at most"),
        ("fp32", {"moved": {"level": difference(), "pspi": difference(largest=0.1)}}, "PSPI"),
        ("fp16", {"moved": {"level": difference(largest=0.02)}}, ""),
        ("fp16", {"moved": {"level": difference(largest=0.021)}}, "level moves"),
        ("fp16", {"clips": ()}, "no clip was watched"),
        ("int8", {"moved": {"level": difference(0.05, 0.15, 0.5)}, "class_agreement": 0.97}, ""),
        ("int8", {"mae_after": 1.0499}, ""),
        ("int8", {"mae_after": 1.06}, "error grows"),
        ("int8", {"mae_after": 0.5, "class_agreement": 0.96}, "keep their nearest level"),
        ("int8", {"moved": {"level": difference(mean=0.06)}}, "level moves by 0.06 on average"),
        (
            "int8",
            {"moved": {"level": difference(), "pspi": difference(2.0, 2.0, 2.2)}},
            "PSPI moves by 2 on average, allowed is 0.1",
        ),
        (
            "int8",
            {"moved": {"level": difference(), "pspi": difference(0.05, 0.1, 2.2)}},
            "PSPI moves by 2.2 at most, allowed is 1",
        ),
        (
            "int8",
            {
                "moved": {
                    "AU4": difference(p95=0.16),
                    "AU6": difference(p95=0.3),
                    "level": difference(),
                }
            },
            r"AU6 moves by 0.3 on one face in twenty, allowed is 0.15 \(and 1 more\)",
        ),
        ("int8", {"clips": (watched(pspi=difference(0.4, 1, 2)),)}, "c.mp4: PSPI moves"),
        ("int8", {"clips": (watched(alarm(before_s=3.0, after_s=3.5)),)}, ""),
        ("int8", {"clips": (watched(alarm(before_s=3.0, after_s=3.7)),)}, "c.mp4: .* 0.7 s late"),
        ("int8", {"clips": (watched(alarm(before_s=3.0, after_s=None)),)}, "at 3.0 s is lost"),
        ("int8", {"clips": (watched(alarm(before_s=None, after_s=3.0)),)}, "is invented"),
    ],
)
def test_bars(precision: Precision, changes: dict[str, Any], told: str) -> None:
    found = comparison(**changes)
    if not told:
        assert BARS[precision].missed(found) == ()
        require(found, precision=precision, of="toy")
        return
    (reason,) = BARS[precision].missed(found)
    assert re.search(told, reason), reason
    with pytest.raises(ExportError, match="nothing was written"):
        require(found, precision=precision, of="toy")


def test_what_hurts_most_counts_in_shares_of_what_it_may_move() -> None:
    readings = {"level": difference(mean=0.04), "pspi": difference(mean=0.3)}
    assert BARS["int8"].burden(comparison(moved=readings)) == pytest.approx(3.0)
    assert Bar().burden(comparison(moved=readings)) == pytest.approx(0.04)
