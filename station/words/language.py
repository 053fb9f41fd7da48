"""The languages of the board."""

from __future__ import annotations

from enum import StrEnum


class Language(StrEnum):
    """ISO 639-1 codes."""

    EN = "en"
    DE = "de"
    FR = "fr"
    NL = "nl"
    IT = "it"

    @property
    def own_name(self) -> str:
        """What its speakers call it."""
        return _OWN_NAMES[self]


_OWN_NAMES = {
    Language.EN: "English",
    Language.DE: "Deutsch",
    Language.FR: "Français",
    Language.NL: "Nederlands",
    Language.IT: "Italiano",
}
