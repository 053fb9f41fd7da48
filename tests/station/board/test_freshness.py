"""A page that no longer follows the rooms must not look as if it did."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

import pytest

from station.board.feed import Feed
from station.board.overview import Overview
from station.board.room_page import RoomPage
from tests.station.messages import HandClock


class Frame:
    """Counts the beats that tell the browser that a page is fresh."""

    beats = 0

    async def still_welcome(self) -> bool:
        return True

    def look(self) -> None:
        self.beats += 1


@pytest.mark.parametrize("page", [Overview, RoomPage])
async def test_a_page_that_cannot_be_drawn_gives_no_beat(page: Any, monkeypatch):
    def fail(_page: object) -> None:
        raise ValueError("a tile that cannot be drawn")

    monkeypatch.setattr(page, "_look", fail)
    shown = object.__new__(page)
    shown._frame = Frame()
    with pytest.raises(ValueError, match="cannot be drawn"):
        await shown._again()
    assert shown._frame.beats == 0


async def test_a_fault_in_the_curves_does_not_end_them(monkeypatch, caplog):
    looked = asyncio.Event()

    class Station:
        looks = 0

        def rooms(self) -> list[Any]:
            self.looks += 1
            if self.looks == 1:
                raise ValueError("once")
            looked.set()
            return []

    monkeypatch.setattr("station.board.feed.STEP_S", 0.01)
    station: Any = Station()
    with caplog.at_level(logging.ERROR):
        running = asyncio.create_task(Feed(station, HandClock(), moderate_from=3.0).run())
        await asyncio.wait_for(looked.wait(), 10)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert "could not be followed" in caplog.text
