"""Words and numbers of other people's tables, turned into ours."""

from __future__ import annotations

import re
from typing import Final

from pain.action_units import AU_MAX, ActionUnit
from train.data.numbers import DecimalMark, looks_like_number, number_within

_SEXES: Final = {
    **dict.fromkeys(("f", "female", "w", "woman", "women", "girl"), "female"),
    **dict.fromkeys(("m", "male", "man", "men", "boy"), "male"),
    **dict.fromkeys(("o", "other", "x", "nonbinary", "non-binary", "diverse"), "other"),
}
_BANDS: Final = ((18, "under 18"), (40, "18-39"), (65, "40-64"), (80, "65-79"))
_OLDEST_BAND: Final = "80+"
LARGEST_AGE: Final = 120.0
_DASHES: Final = re.compile("\\s*[\u2010-\u2015-]\\s*")
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


def age_of(word: str, *, mark: DecimalMark | None = DecimalMark.POINT) -> tuple[float | None, str]:
    """Age in years when a number is given, and the age band; other words are the band itself.

    Args:
        word: as written.
        mark: what stands before the decimals; None when the file does not tell.

    Raises:
        ValueError: a number that is no age.
    """
    if not looks_like_number(word):
        return None, _DASHES.sub("-", word.strip().lower())
    try:
        age = number_within(word, 0.0, LARGEST_AGE, mark=mark)
    except ValueError:
        raise ValueError("expected an age in years, 0 to 120") from None
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


def eyes_closed(coded: float) -> float:
    """AU43 on our scale 0..5 from a code of 0 (open) or 1 (closed), as FACS and PSPI code it."""
    return AU_MAX if coded > 0.0 else 0.0
