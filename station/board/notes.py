"""Notes on a room, and PAINAD as the nurse judges it, which is kept as a note."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from nicegui import ui
from nicegui.events import GenericEventArguments

from pain.errors import StorageError
from pain.scales import painad_facial_hint
from station.board.elements import Text as TextElement
from station.board.elements import attributes, button
from station.board.painad import SCORES, Item, Painad
from station.board.visit import Board, Visit, is_welcome
from station.live.values import RoomKey
from station.ports import Note
from station.store.archive import MOST_LETTERS
from station.words import Text
from station.words.format import moment

DAYS: Final = 60
MOST_SHOWN: Final = 50


class Notes:
    """Two panels of the room's page.

    Args:
        board: what all pages share.
        visit: who looks.
        key: the room.
    """

    def __init__(self, board: Board, visit: Visit, key: RoomKey) -> None:
        self._board = board
        self._visit = visit
        self._key = key
        self._shown: list[Note] | None = None
        self._text = ""
        self._scores: dict[Item, int] = {}

    def build(self) -> None:
        """Lay them out."""
        self._build_notes()
        if self._visit.may_act:
            self._build_painad()

    async def look(self) -> None:
        """Read the archive and show what is new; other people write as well."""
        since = self._board.clock.now().wall - timedelta(days=DAYS)
        try:
            notes = list(
                await asyncio.to_thread(self._board.station.archive.notes, self._key, since=since)
            )
        except StorageError:
            self._said.text = self._visit.words.say[Text.STORAGE_FAILED]
            return
        if self._list.is_deleted:
            return
        if self._said.text == self._visit.words.say[Text.STORAGE_FAILED]:
            self._said.text = ""
        if notes != self._shown:
            self._shown = notes
            self._show(notes[:MOST_SHOWN])

    def _build_notes(self) -> None:
        say = self._visit.words.say
        with ui.element("section").classes("panel notes") as section:
            attributes(section, aria_label=say[Text.NOTES])
            TextElement("h2", say[Text.NOTES])
            if self._visit.may_act:
                label = TextElement("label", say[Text.NOTE_LABEL])
                attributes(label, **{"for": "note"})
                self._area = ui.element("textarea")
                attributes(self._area, id="note", maxlength=str(MOST_LETTERS))
                self._area.on("input", self._typed, js_handler="(e) => emit(e.target.value)")
                button(say[Text.SAVE], self._save_note, classes="main save-note")
            self._said = TextElement("p", "", "said")
            attributes(self._said, role="status")
            self._list = ui.element("div")

    def _typed(self, event: GenericEventArguments) -> None:
        self._text = event.args if isinstance(event.args, str) else ""

    async def _save_note(self) -> None:
        if await self._keep(self._text, self._said):
            self._text = ""
            ui.run_javascript("document.getElementById('note').value = ''")

    def _build_painad(self) -> None:
        words = self._visit.words
        room = self._board.station.room(self._key)
        hint = None if room is None or room.level is None else painad_facial_hint(room.level)
        if hint is not None:
            self._scores[Item.FACE] = hint
        with ui.element("section").classes("panel painad") as section:
            attributes(section, aria_label=words.say[Text.PAINAD])
            TextElement("h2", words.say[Text.PAINAD])
            told = Text.PAINAD_NO_HINT if hint is None else Text.PAINAD_HINT
            TextElement("p", words.say[told].format(score=hint), "quiet")
            for item in Item:
                self._build_item(item)
            self._total = TextElement("p", "", "total")
            attributes(self._total, role="status")
            TextElement("p", words.say[Text.PAINAD_YOURS], "quiet")
            button(words.say[Text.SAVE], self._save_painad, classes="main save-painad")
            self._painad_said = TextElement("p", "", "said")
            attributes(self._painad_said, role="status")
        self._add_up()

    def _build_item(self, item: Item) -> None:
        name, *meanings = self._visit.words.painad[item]
        with ui.element("fieldset"):
            TextElement("legend", name)
            for score, meaning in zip(SCORES, meanings, strict=True):
                with ui.element("label"):
                    radio = ui.element("input")
                    attributes(radio, type="radio", name=item.value, value=str(score))
                    if self._scores.get(item) == score:
                        attributes(radio, checked=True)
                    radio.on("change", lambda _, item=item, score=score: self._chose(item, score))
                    TextElement("span", f"{score} · {meaning}")

    def _chose(self, item: Item, score: int) -> None:
        self._scores[item] = score
        self._add_up()

    def _add_up(self) -> None:
        say = self._visit.words.say
        total = Painad(scores=self._scores).total
        self._total.text = (
            say[Text.PAINAD_OPEN] if total is None else say[Text.PAINAD_TOTAL].format(score=total)
        )

    async def _save_painad(self) -> None:
        words = self._visit.words
        total = Painad(scores=self._scores).total
        if total is None:
            self._painad_said.text = words.say[Text.PAINAD_OPEN]
            return
        items = ", ".join(f"{words.painad[item][0]} {self._scores[item]}" for item in Item)
        await self._keep(f"{words.say[Text.PAINAD]} {total}/10 ({items})", self._painad_said)

    async def _keep(self, text: str, said: TextElement) -> bool:
        say = self._visit.words.say
        if not self._visit.may_act or not await is_welcome(self._board, self._visit):
            said.text = say[Text.NOT_ALLOWED]
            return False
        note = Note(
            key=self._key,
            at=self._board.clock.now().wall,
            person=self._visit.person.id,
            text=text.strip(),
        )
        try:
            await asyncio.to_thread(self._board.station.archive.add_note, note)
        except ValueError:
            said.text = say[Text.NOTE_LIMITS].format(most=MOST_LETTERS)
            return False
        except StorageError:
            said.text = say[Text.STORAGE_FAILED]
            return False
        said.text = say[Text.SAVED]
        await self.look()
        return True

    def _show(self, notes: Sequence[Note]) -> None:
        words = self._visit.words
        self._list.clear()
        with self._list:
            if not notes:
                TextElement("p", words.say[Text.NOTHING_YET])
            for note in notes:
                with ui.element("article").classes("note"):
                    TextElement("p", f"{moment(words, note.at)} · {note.person}", "quiet")
                    TextElement("p", note.text)
