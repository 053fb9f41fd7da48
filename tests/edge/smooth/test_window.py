"""The window's own arithmetic, where a whole smoother would hide it."""

from __future__ import annotations

import pytest

from edge.smooth.window import MAX_SPANS, Span, Window
from pain.values import Reason

SILENCE = Reason.CAMERA_LOST


def window(*spans: tuple[float, float, float | Reason], length_s: float = 10.0) -> Window:
    built = Window(length_s=length_s)
    for start_s, end_s, said in spans:
        built.add(Span(start_s=start_s, end_s=end_s, said=said))
    return built


def test_a_span_that_began_before_the_window_counts_for_its_part_inside():
    view = window((0, 8, 2.0)).view(until_s=15, current=None, silence=SILENCE)
    assert view.levels == ((2.0, 3),)
    assert view.coverage == pytest.approx(0.3)


def test_the_span_that_still_grows_counts():
    current = Span(start_s=8, end_s=10, said=5.0)
    view = window((0, 8, 2.0)).view(until_s=10, current=current, silence=SILENCE)
    assert view.levels == ((2.0, 8), (5.0, 2))
    assert view.coverage == 1.0


@pytest.mark.parametrize(
    ("spans", "until_s", "reason"),
    [
        ([], 5.0, Reason.WARMING_UP),
        ([(0, 1, 2.0)], 5.0, Reason.WARMING_UP),
        ([(0, 1, 2.0)], 9.0, SILENCE),
        ([(0, 1, Reason.NO_FACE), (1, 7, Reason.BLURRED)], 10.0, Reason.BLURRED),
        ([(0, 6, Reason.NO_FACE), (6, 9, Reason.BLURRED)], 10.0, Reason.NO_FACE),
    ],
)
def test_the_reason_is_what_took_most_of_the_window(spans, until_s, reason):
    assert window(*spans).view(until_s=until_s, current=None, silence=SILENCE).reason is reason


@pytest.mark.parametrize(
    ("levels", "centre", "spread"),
    [([], 3.0, 0.0), ([(3.0, 5.0)], 3.0, 0.0), ([(2.0, 1.0), (4.0, 3.0)], 3.0, 1.0)],
)
def test_spread_weighs_by_time(levels, centre, spread):
    spans, at_s = [], 0.0
    for level, duration_s in levels:
        spans.append((at_s, at_s + duration_s, level))
        at_s += duration_s
    view = window(*spans).view(until_s=at_s, current=None, silence=SILENCE)
    assert view.spread_around(centre) == pytest.approx(spread)


def test_old_spans_are_forgotten():
    built = window(*((i, i + 1, 1.0) for i in range(1000)))
    assert len(built._spans) <= 12


def test_memory_is_bounded_even_when_nothing_grows_old():
    built = window(*((i, i + 1, 1.0) for i in range(MAX_SPANS + 10)), length_s=1e9)
    assert len(built._spans) == MAX_SPANS
