"""What every page has around its content, and what keeps it fresh."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from nicegui import ui

from station.board.elements import Text as TextElement
from station.board.elements import attributes, markup
from station.board.pressing import sound_of
from station.board.templates import render
from station.board.visit import Board, Visit, is_welcome
from station.ports import Trouble
from station.words import Language, Text

_log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 0.25
"""Pages are brought up to date this often; an alarm is on the screen well within a second."""

BEAT_EVERY: Final = 4
"""Looks to one beat, which tells the browser that what it shows is fresh."""

WHO_EVERY: Final = 120
"""Looks until a session is checked again: half a minute."""


@dataclass(slots=True)
class Frame:
    """The parts around a page's content that change.

    Args:
        board: what all pages share.
        visit: who looks.
    """

    board: Board
    visit: Visit
    _beat: ui.element = field(init=False)
    _troubles: ui.element = field(init=False)
    _shown: frozenset[Trouble] | None = None
    _looks: int = 0
    _beats: int = 0

    def build(self, heading: str) -> None:
        """Lay out what stands above the content."""
        visit = self.visit
        # Set by hand: NiceGUI's own way loads Quasar's words, which the board does not use.
        ui.add_head_html('<link rel="stylesheet" href="/board/board.css">')
        language = visit.words.language.value
        # For screen readers, before anything is read; NiceGUI sets one language for everybody.
        ui.add_head_html(f'<script>document.documentElement.lang = "{language}"</script>')
        ui.add_body_html('<script src="/board/board.js"></script>')
        say = {text.value: visit.words.say[text] for text in Text}
        say["other_mode"] = visit.words.say[Text.DAY_MODE if visit.night else Text.NIGHT_MODE]
        top = render(
            "top.html",
            heading=heading,
            say=say,
            languages=[(language.value, language.own_name) for language in Language],
            chosen=language,
            person=visit.person.name,
        )
        markup(top, tag="header").classes("top")
        self._beat = ui.element("span").classes("unseen")
        attributes(self._beat, id="beat", aria_hidden="true")
        veil = TextElement("div", visit.words.say[Text.STALE], "stale-veil")
        attributes(veil, role="alert")
        self._troubles = ui.element("div")
        attributes(self._troubles, role="alert")
        self.look()

    @property
    def beats_next(self) -> bool:
        """Whether the next look beats."""
        return self._looks % BEAT_EVERY == 0

    def look(self, *, fresh: bool = True) -> None:
        """Show what keeps the station from its work, and let the browser know that we live.

        Args:
            fresh: whether what the page shows is; where it is not there is no beat.
        """
        if self.beats_next:
            self._beats += fresh
            sound = sound_of(self.board.station.rooms())
            attributes(
                self._beat,
                data_beat=str(self._beats),
                data_priority=sound.priority.value if sound.priority else "none",
                data_low=str(sound.low + len(self.board.station.troubles)),
            )
        self._looks += 1
        troubles = self.board.station.troubles
        if troubles != self._shown:
            self._shown = troubles
            self._troubles.clear()
            with self._troubles:
                for trouble in sorted(troubles):
                    TextElement("p", self.visit.words.troubles[trouble], "trouble")

    async def still_welcome(self) -> bool:
        """Whether the session goes on; asked now and then, and sends to the log-in when not."""
        if self._looks % WHO_EVERY:
            return True
        welcome = await is_welcome(self.board, self.visit)
        if not welcome:
            ui.navigate.to("/login?ended")
        return welcome


@contextmanager
def main() -> Iterator[None]:
    """The page's own content; NiceGUI has put a <main> around it."""
    with ui.element("div") as content:
        attributes(content, id="main")
        yield


def foot(visit: Visit, *lines: str) -> list[TextElement]:
    """What stands below; gives the lines, above the one that every page has."""
    with ui.element("footer").classes("foot"):
        made = [TextElement("p", line) for line in lines]
        TextElement("p", visit.words.say[Text.DISCLAIMER])
    return made
