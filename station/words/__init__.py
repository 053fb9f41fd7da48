"""What the board says, in the languages of the care homes that it was made for."""

from station.words.catalogue import words_of
from station.words.language import Language
from station.words.text import Text
from station.words.words import Words

__all__ = ["Language", "Text", "Words", "words_of"]
