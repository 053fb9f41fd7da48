"""PAINAD, filled in by the nurse; the camera offers a hint for the face alone.

Warden, Hurley & Volicer 2003: five items of 0 to 2, a total of 0 to 10.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Item(StrEnum):
    """The five items."""

    BREATHING = "breathing"
    VOCALISATION = "vocalisation"
    FACE = "facial_expression"
    BODY = "body_language"
    CONSOLABILITY = "consolability"


SCORES: Final = (0, 1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Painad:
    """A form as far as it is filled in.

    Attributes:
        scores: what the nurse chose; an item that is missing has not been judged.
    """

    scores: Mapping[Item, int]

    @property
    def total(self) -> int | None:
        """Sum 0..10, None until every item is judged: a missing item is not a 0."""
        if any(item not in self.scores for item in Item):
            return None
        return sum(self.scores.values())
