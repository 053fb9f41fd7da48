from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.watch.spark import BLOCKS, GAP, Sample, block, buckets


def at(seconds: float, level: float, *, for_s: float = 0.0) -> Sample:
    return Sample(at_s=seconds, until_s=seconds + for_s, level=level)


@pytest.mark.parametrize(
    ("samples", "now_s", "expected"),
    [
        ([], 100.0, (None, None, None, None)),
        ([at(71, 0.0)], 100.0, (0.0, None, None, None)),
        ([at(95, 3.0)], 100.0, (None, None, 3.0, None)),
        ([at(100, 3.0)], 100.0, (None, None, None, 3.0)),
        ([at(81, 1.0), at(82, 5.0), at(89, 2.0)], 100.0, (None, 5.0, None, None)),
        ([at(10, 6.0)], 100.0, (None, None, None, None)),
        ([at(79, 2.0, for_s=12)], 100.0, (2.0, 2.0, 2.0, None)),
        ([at(10, 2.0, for_s=65)], 100.0, (2.0, None, None, None)),
        ([at(95, 2.0, for_s=60)], 100.0, (None, None, 2.0, 2.0)),
    ],
    ids=[
        "nothing",
        "zero is no gap",
        "one back",
        "newest",
        "peak is kept",
        "too old",
        "a level stands until the next",
        "a level from before the window",
        "the future is not drawn",
    ],
)
def test_buckets_are_of_time_and_keep_gaps(
    samples: list[Sample], now_s: float, expected: tuple[float | None, ...]
) -> None:
    assert buckets(samples, now_s=now_s, window_s=40.0, count=4) == expected


@given(
    levels=st.lists(st.tuples(st.floats(-4000, 1000), st.floats(0, 6)), max_size=30),
    count=st.integers(1, 10),
)
def test_no_peak_within_the_window_is_lost(levels: list[tuple[float, float]], count: int) -> None:
    # The newest span has only begun: count whole spans reach back count - 1 widths for sure.
    width_s = 500.0
    samples = [at(s, level) for s, level in levels if s > 1000 - (count - 1) * width_s]
    shown = buckets(samples, now_s=1000, window_s=count * width_s, count=count)
    assert len(shown) == count
    assert max((b for b in shown if b is not None), default=None) == max(
        (sample.level for sample in samples), default=None
    )


@pytest.mark.parametrize(
    ("level", "glyph"),
    [(None, GAP), (0.0, BLOCKS[0]), (3.0, BLOCKS[4]), (6.0, BLOCKS[-1]), (9.0, BLOCKS[-1])],
)
def test_a_gap_never_looks_like_level_zero(level: float | None, glyph: str) -> None:
    assert block(level) == glyph
    assert GAP not in BLOCKS
