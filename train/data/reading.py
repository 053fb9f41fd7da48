"""Choices that a person makes when a set is read, because no file can say them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from train.data.sample import Origin


class RatingScale(StrEnum):
    """Scale of a table of human ratings."""

    ZERO_TO_SIX = "0-6"
    ONE_TO_SEVEN = "1-7"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How to read a set.

    Attributes:
        origin: whether the faces are real, for sets that do not say it themselves.
        rating_scale: scale of a table's ratings, where it cannot be told from them; a plain table
            (``csv``) is on 0-6 unless this says otherwise.
        level_from_pspi: give samples without a level the one of their PSPI.
        one_picture_each: the user vouches that no two pictures show the same person.
    """

    origin: Origin | None = None
    rating_scale: RatingScale | None = None
    level_from_pspi: bool = False
    one_picture_each: bool = False


PLAIN = Reading()
