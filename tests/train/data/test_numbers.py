from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.data.numbers import (
    DecimalMark,
    MixedMarksError,
    NumberCell,
    decimal_mark,
    looks_like_number,
    number_within,
)

COMMA, POINT = DecimalMark.COMMA, DecimalMark.POINT


def cells(*texts: str, most: float = 6.0) -> list[NumberCell]:
    return [NumberCell(text=text, where=f"line {n}, x", most=most) for n, text in enumerate(texts)]


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_number_is_inside_its_range_or_refused(value: float):
    try:
        assert 0.0 <= number_within(repr(value), 0.0, 6.0) <= 6.0
    except ValueError as error:
        assert not 0.0 <= value <= 6.0
        assert "0 to 6" in str(error)  # noqa: PT017 - both outcomes are right for some value


@given(
    st.integers(-(10**9), 10**9),
    st.integers(0, 10**4 - 1),
    st.sampled_from(DecimalMark),
    st.sampled_from(["", "\u00a0", "\u202f", " ", "'", "\u2019", "other"]),
)
def test_what_a_locale_writes_comes_back(whole: int, parts: int, mark: DecimalMark, group: str):
    separator = {"other": "." if mark is COMMA else ","}.get(group, group)
    text = f"{whole:,}".replace(",", separator) + f"{mark}{parts:04d}"
    value = number_within(text, -math.inf, math.inf, mark=mark)
    assert value == float(f"{whole}.{parts:04d}")


@given(st.floats(0.0, 6.0), st.floats(0.0, 6.0))
def test_no_column_of_small_numbers_is_read_a_thousandfold(one: float, other: float):
    texts = [f"{value:.3f}".replace(".", ",") for value in (one, other)]
    mark = decimal_mark(cells(*texts), POINT)
    assert mark is COMMA
    assert number_within(texts[0], 0.0, 6.0, mark=mark) == float(f"{one:.3f}")


@pytest.mark.parametrize(
    ("texts", "usual", "mark"),
    [
        (("1", "2"), None, None),
        (("1", "2"), POINT, POINT),
        (("1", "1,5"), POINT, COMMA),
        (("1", "1.5"), None, POINT),
        (("1.000", "0,5"), None, COMMA),
        (("1,000", "2,000.5"), None, POINT),
        (("0,123", "1.000"), None, COMMA),
        (("1 000,5",), None, COMMA),
        (("word", "75+", ""), None, None),
    ],
)
def test_the_cells_tell_the_mark(
    texts: tuple[str, ...], usual: DecimalMark | None, mark: DecimalMark | None
):
    assert decimal_mark(cells(*texts, most=1e6), usual) is mark


def test_cells_that_contradict_each_other_are_named():
    with pytest.raises(MixedMarksError, match=r"line 1, x is '2,5'.*line 0, x is '1.5'"):
        decimal_mark(cells("1.5", "2,5"), None)


def test_a_number_of_two_meanings_is_refused_where_nothing_tells():
    with pytest.raises(ValueError, match=r"may be 1\.5 or 1500"):
        number_within("1.500", 0.0, 1e6, mark=None)
    assert number_within("1.500", 0.0, 6.0, mark=None) == 1.5


@pytest.mark.parametrize(
    "text", ["1_0", "0x1", "\u0661", "1,2,3", "1 2", "--1", "1e", ".", "", "inf"]
)
def test_what_only_python_takes_for_a_number_is_none(text: str):
    assert not looks_like_number(text)
