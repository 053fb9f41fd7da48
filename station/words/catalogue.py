"""Finds the words of a language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from station.words.de import GERMAN
from station.words.en import ENGLISH
from station.words.fr import FRENCH
from station.words.it import ITALIAN
from station.words.language import Language
from station.words.nl import DUTCH
from station.words.words import Words

_WORDS: Final[Mapping[Language, Words]] = {
    words.language: words for words in (ENGLISH, GERMAN, FRENCH, DUTCH, ITALIAN)
}


def words_of(language: Language) -> Words:
    """Words of a language."""
    return _WORDS[language]
