from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.baseline.book import DRIFT_FEWEST, DRIFT_PIECE_S, MAX_CORRECTION, BaselineBook
from edge.baseline.values import Baseline
from edge.config.baseline import BaselineConfig
from pain.action_units import ActionUnit
from pain.clock import Moment
from pain.errors import CommandRefused
from pain.values import Reason, Trend
from pain.wire import BaselineState

WALL = datetime(2026, 11, 25, 12, tzinfo=UTC)
CONFIG = BaselineConfig(window_s=60.0)


def moment(at_s: float) -> Moment:
    return Moment(monotonic_s=at_s, wall=WALL + timedelta(seconds=at_s))


def trend(at_s: float, level: float | None, *, pspi: float | None = 1.0) -> Trend:
    seen = level is not None
    return Trend(
        at_s=at_s,
        level=level,
        spread=0.1 if seen else None,
        coverage=1.0 if seen else 0.0,
        corrected_level=None,
        pspi=pspi if seen else None,
        action_units={ActionUnit.AU4: 0.5} if seen else {},
        confidence=0.9 if seen else None,
        reason=None if seen else Reason.NO_FACE,
    )


def measured(levels: list[float | None], *, book: BaselineBook | None = None) -> BaselineBook:
    """A book after a window with these levels, one a second, repeated to its end."""
    book = book or BaselineBook(CONFIG)
    book.measure(person="nurse-7", in_pain=False, now=moment(0))
    ended = [
        book.observe(trend(float(s), levels[s % len(levels)]), in_pain=False, now=moment(s))
        for s in range(61)
    ]
    assert ended == [False] * 60 + [True]
    return book


def test_the_median_of_a_calm_window_is_the_neutral():
    book = measured([1.0, 1.2, 0.8])
    found = book.baseline
    assert found is not None
    assert found.level == pytest.approx(1.0)
    assert found.pspi == 1.0
    assert found.action_units == {ActionUnit.AU4: 0.5}
    assert found.person == "nurse-7"
    status = book.status(moment(61))
    assert status.state is BaselineState.SET
    assert status.measured_at == WALL + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("levels", "why"),
    [
        ([None], "seen for 0% of the window"),
        ([1.0, None, None], "seen for"),
        ([3.5], "is the resident in pain?"),
        ([0.0, 0.5, 3.0, 1.0], "moved too much"),
    ],
)
def test_a_window_that_was_not_calm_gives_no_neutral_and_says_why(
    levels: list[float | None], why: str
):
    book = measured(levels)
    assert book.baseline is None
    status = book.status(moment(61))
    assert status.state is BaselineState.FAILED
    assert why in str(status.failure)


def test_an_older_neutral_stays_in_force_when_a_measurement_fails():
    book = measured([3.5], book=measured([1.0]))
    assert book.baseline is not None
    assert book.status(moment(61)).level == 1.0


def test_pain_is_no_moment_for_a_neutral():
    book = BaselineBook(CONFIG)
    with pytest.raises(CommandRefused, match="pain alarm stands"):
        book.measure(person="n", in_pain=True, now=moment(0))
    book.measure(person="n", in_pain=False, now=moment(0))
    assert book.status(moment(1)).state is BaselineState.MEASURING
    assert book.status(moment(1)).until == WALL + timedelta(seconds=60)
    assert book.observe(trend(5.0, 4.0), in_pain=True, now=moment(5))
    assert book.status(moment(6)).state is BaselineState.FAILED


def test_without_frames_the_window_ends_all_the_same():
    book = BaselineBook(CONFIG)
    book.measure(person="n", in_pain=False, now=moment(0))
    assert book.observe(trend(70.0, None), in_pain=False, now=moment(70))
    assert book.status(moment(70)).state is BaselineState.FAILED


def test_forgetting_deletes_it():
    book = measured([1.0])
    book.forget(person="nurse-7")
    assert book.baseline is None
    assert book.status(moment(62)).state is BaselineState.NONE
    with pytest.raises(CommandRefused, match="no baseline"):
        book.forget(person="nurse-7")


def recorded() -> tuple[BaselineBook, list[Mapping[str, object]]]:
    lines: list[Mapping[str, object]] = []
    return BaselineBook(CONFIG, note=lines.append), lines


def test_what_became_of_a_measurement_is_recorded():
    book, lines = recorded()
    measured([1.0], book=book)
    assert lines == [{"what": "set", "person": "nurse-7", "level": 1.0, "pspi": 1.0}]
    measured([3.5], book=book)
    book.forget(person="nurse-8")
    assert [(line["what"], line["person"]) for line in lines[1:]] == [
        ("failed", "nurse-7"),
        ("reset", "nurse-8"),
    ]
    assert "no neutral" in str(lines[1]["why"])


def test_a_refusal_changes_nothing_and_is_no_result():
    book, lines = recorded()
    with pytest.raises(CommandRefused):
        book.forget(person="n")
    with pytest.raises(CommandRefused):
        book.measure(person="n", in_pain=True, now=moment(0))
    assert not lines


def test_a_measurement_that_is_cut_short_has_failed_and_the_record_says_why():
    book, lines = recorded()
    book.measure(person="n", in_pain=False, now=moment(0))
    book.measure(person="m", in_pain=False, now=moment(5))
    book.give_up("the daemon was stopped")
    book.give_up("once more, with nothing under way")
    assert lines == [
        {"what": "failed", "person": "n", "why": "it was begun anew"},
        {"what": "failed", "person": "m", "why": "the daemon was stopped"},
    ]


def test_the_next_book_ends_the_measurement_that_was_under_way():
    before = BaselineBook(CONFIG)
    before.measure(person="n", in_pain=False, now=moment(0))
    for at in range(30):
        before.observe(trend(float(at), 1.0), in_pain=False, now=moment(at))
    book, lines = recorded()
    book.take_over(before)
    for at in range(30, 61):
        book.observe(trend(float(at), 1.0), in_pain=False, now=moment(at))
    assert [line["what"] for line in lines] == ["set"]
    assert book.baseline is not None


@given(level=st.floats(0, 6), neutral=st.floats(0, 6))
def test_a_correction_is_bounded_and_never_invents_a_level(level: float, neutral: float):
    kept = Baseline(level=neutral, measured_at=WALL, person="n")
    corrected = BaselineBook(CONFIG, kept=kept).correct(trend(1.0, level)).corrected_level
    assert corrected is not None
    assert max(0.0, level - MAX_CORRECTION) <= corrected <= level
    assert BaselineBook(CONFIG, kept=kept).correct(trend(1.0, None)).corrected_level is None
    assert BaselineBook(CONFIG).correct(trend(1.0, level)).corrected_level is None


def test_drift_is_the_last_day_against_the_neutral():
    kept = Baseline(level=1.0, measured_at=WALL, person="n")
    book = BaselineBook(CONFIG, kept=kept)
    seconds = int(DRIFT_PIECE_S * (DRIFT_FEWEST + 1))
    for at in range(0, seconds, 5):
        assert book.status(moment(at)).drift is None or at > seconds - 2 * DRIFT_PIECE_S
        book.observe(trend(float(at), 1.8), in_pain=False, now=moment(at))
    assert book.status(moment(seconds)).drift == pytest.approx(0.8)
