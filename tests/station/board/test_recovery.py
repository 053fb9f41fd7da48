"""A database that failed for a while leaves no false word on an open page."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pain.errors import StorageError
from station.access.values import Person, Role
from station.board.history import History
from station.board.notes import Notes
from station.board.visit import Visit
from station.words import Language, Text, words_of
from tests.station.messages import ROOM, HandClock

WORDS = words_of(Language.EN)


class Archive:
    """Fails until it is mended; holds nothing."""

    def __init__(self) -> None:
        self.fails = True

    def _rows(self, *_: object, **__: object) -> list[Any]:
        if self.fails:
            raise StorageError("the disk is full")
        return []

    events = silences = notes = _rows


@pytest.mark.parametrize("panel", [History, Notes])
async def test_the_word_of_a_failed_database_goes_when_it_works_again(panel, monkeypatch):
    archive = Archive()
    board: Any = SimpleNamespace(station=SimpleNamespace(archive=archive), clock=HandClock())
    nurse = Person(id="nurse-7", name="Nurse Seven", role=Role.NURSE)
    visit = Visit(person=nurse, token="", words=WORDS, night=False)
    shown = panel(board, visit, ROOM)
    shown._said = SimpleNamespace(text="", is_deleted=False)
    shown._list = SimpleNamespace(is_deleted=False)
    for drawing in ("_show", "_show_alarms", "_show_events"):
        monkeypatch.setattr(shown, drawing, lambda *_, **__: None, raising=False)
    await shown.look()
    assert shown._said.text == WORDS.say[Text.STORAGE_FAILED]
    archive.fails = False
    await shown.look()
    assert shown._said.text == ""
