"""Words and numbers of other people's tables, turned into ours."""

from __future__ import annotations

import math
import re
from typing import Final

from pain.action_units import AU_MAX, ActionUnit

_SEXES: Final = {
    **dict.fromkeys(("f", "female", "w", "woman", "women", "girl"), "female"),
    **dict.fromkeys(("m", "male", "man", "men", "boy"), "male"),
    **dict.fromkeys(("o", "other", "x", "nonbinary", "non-binary", "diverse"), "other"),
}
_BANDS: Final = ((18, "under 18"), (40, "18-39"), (65, "40-64"), (80, "65-79"))
_OLDEST_BAND: Final = "80+"
_LARGEST_AGE: Final = 120.0
_AU_NAME: Final = re.compile(r"au[ _-]?0*(\d{1,2})(?:_r)?")
"""``AU4``, ``au_04``, OpenFace's ``AU04_r``; its ``AU04_c`` (present or not) is no intensity."""


def sex_of(word: str) -> str:
    """``female``, ``male`` or ``other``.

    Raises:
        ValueError: not a word for a sex that we know.
    """
    try:
        return _SEXES[word.strip().lower()]
    except KeyError:
        raise ValueError("expected female, male or other (or f, m, o)") from None


def band_of(age_years: float) -> str:
    """Age range that an age falls into."""
    for limit, band in _BANDS:
        if age_years < limit:
            return band
    return _OLDEST_BAND


def age_of(word: str) -> tuple[float | None, str]:
    """Age in years when a number is given, and the age band; other words are the band itself.

    Raises:
        ValueError: a number that is no age.
    """
    try:
        age = float(word)
    except ValueError:
        return None, word.strip().lower()
    if not 0.0 <= age <= _LARGEST_AGE:
        raise ValueError("expected an age in years, 0 to 120")
    return age, band_of(age)


def unit_of(name: str) -> ActionUnit | None:
    """AU that a column names; None when it names none that we report.

    Raises:
        KeyError: it names an AU that we do not report.
    """
    match = _AU_NAME.fullmatch(name.strip().lower())
    if match is None:
        return None
    try:
        return ActionUnit(f"AU{int(match[1])}")
    except ValueError:
        raise KeyError(name) from None


def number_within(text: str, low: float, high: float, *, decimal_comma: bool = False) -> float:
    """Read a finite number in ``low``..``high``.

    Args:
        text: as written.
        low: smallest allowed value.
        high: largest allowed value.
        decimal_comma: ``3,5`` is three and a half.

    Raises:
        ValueError: no number, or outside; says the range.
    """
    expected = f"expected a number from {low:g} to {high:g}"
    try:
        value = float(text.replace(",", ".") if decimal_comma else text)
    except ValueError:
        raise ValueError(expected) from None
    if not (math.isfinite(value) and low <= value <= high):
        raise ValueError(expected)
    return value


def eyes_closed(coded: float) -> float:
    """AU43 on our scale 0..5 from a code of 0 (open) or 1 (closed), as FACS and PSPI code it."""
    return AU_MAX if coded > 0.0 else 0.0
