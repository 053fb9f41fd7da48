"""All rooms, those that need somebody first."""

from __future__ import annotations

import asyncio
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from fastapi import Request
from markupsafe import Markup
from nicegui import ui

from pain.alarms import AlarmState
from pain.errors import StorageError
from station.board.acting import Acting
from station.board.brush import Brush
from station.board.elements import Text as TextElement
from station.board.elements import attributes, button, markup
from station.board.feed import Changed
from station.board.frame import LOOK_EVERY_S, Frame, foot, main
from station.board.pressing import is_sounding, paused_until, place_of
from station.board.tiles import facts
from station.board.visit import Board, Visit, visit_of
from station.live.values import Band, RoomKey, RoomSnapshot
from station.words import Text
from station.words.format import number

BURDEN_DAYS: Final = 7
BURDEN_EVERY_S: Final = 60.0


@dataclass(slots=True)
class _Tile:
    item: ui.element
    content: ui.html
    acknowledge: TextElement
    resume: TextElement
    said: TextElement
    pressing: object = None
    upper: Markup = field(default=Markup())
    lower: Markup | None = None


class Overview:
    """The tiles on one open page.

    Args:
        board: what all pages share.
        visit: who looks.
    """

    def __init__(self, board: Board, visit: Visit) -> None:
        self._board = board
        self._visit = visit
        self._frame = Frame(board, visit)
        self._changed = Changed(board.station)
        self._tiles: dict[RoomKey, _Tile] = {}
        self._order: list[RoomKey] = []
        self._aged = False

    async def build(self) -> None:
        """Lay the page out and keep it fresh until it is closed."""
        say = self._visit.words.say
        client = ui.context.client
        client.on_delete(self._changed.end)
        self._brush = Brush(client)
        self._frame.build(say[Text.ALL_ROOMS])
        with main():
            self._counts = TextElement("p", "", "counts")
            self._list = ui.element("ul").classes("tiles")
            attributes(self._list, aria_label=say[Text.ALL_ROOMS])
        burden, _ = foot(self._visit, "", say[Text.KEYS])
        self._look()
        ui.timer(LOOK_EVERY_S, self._again)

        async def reckon() -> None:
            burden.text = await self._burden()

        # A screen on the wall stays open for weeks.
        ui.timer(BURDEN_EVERY_S, reckon)

    async def _again(self) -> None:
        if await self._frame.still_welcome():
            self._look()
            # Last: a page that cannot draw its tiles gives no beat, and the browser says so.
            self._frame.look(fresh=not self._brush.late)

    def _look(self) -> None:
        # Levels and times come with the beat, so that the browser draws once; alarms come at
        # once. A browser that has not drawn the last ones gets no more of them to do: what it
        # shows would be older from second to second, and an alarm would wait behind it.
        self._aged |= self._frame.beats_next
        if self._aged and not self._brush.busy:
            self._aged = False
            self._changed.everything()
        changed = self._changed.take()
        if changed is not None and not changed:
            return
        rooms = self._board.station.rooms()
        self._drop(self._tiles.keys() - {room.key for room in rooms})
        pressing = [
            room
            for room in rooms
            if changed is None or (room.key in changed and self._presses(room))
        ]
        if rooms and not pressing:
            return
        rooms = sorted(rooms, key=place_of)
        for room in pressing:
            self._show(room)
        self._brush.send()
        self._arrange([room.key for room in rooms])
        self._count(rooms)

    def _presses(self, room: RoomSnapshot) -> bool:
        """Whether more has changed than a level, which can wait for the next beat."""
        shown = self._tiles.get(room.key)
        return shown is None or shown.pressing != _pressing(room)

    def _show(self, room: RoomSnapshot) -> None:
        now = self._board.clock.now()
        if room.key not in self._tiles:
            self._tiles[room.key] = self._add(room)
            self._order.append(room.key)
        shown = self._tiles[room.key]
        shown.pressing = _pressing(room)
        told = self._board.station.told(room.key)
        upper = facts(room, words=self._visit.words, now=now, told=told, linked=True)
        lower = self._board.feed.curves.of(room.key, self._visit.words, now)
        if (upper, lower) != (shown.upper, shown.lower):
            self._brush.draw(shown.content, upper, lower, was=shown.lower)
            shown.upper, shown.lower = upper, lower
        calls = any(is_sounding(alarm) for alarm in room.alarms.values())
        shown.item.classes(add="sounding") if calls else shown.item.classes(remove="sounding")
        open_ = any(a.state in (AlarmState.ON, AlarmState.LATCHED) for a in room.alarms.values())
        _let_see(shown.acknowledge, visible=open_ and self._visit.may_act)
        paused = paused_until(room, now.wall) is not None
        _let_see(shown.resume, visible=paused and self._visit.may_act)

    def _drop(self, gone: AbstractSet[RoomKey]) -> None:
        """Take away the tiles of rooms that have left the home."""
        for key in gone:
            self._tiles.pop(key).item.delete()
            self._order.remove(key)

    def _add(self, room: RoomSnapshot) -> _Tile:
        say = self._visit.words.say
        with self._list, ui.element("li").classes("tile") as item:
            attributes(item, data_room=room.key.room)
            content = markup(Markup(), tag="article")
            attributes(content, aria_labelledby=f"name-{room.key.room}")
            with ui.element("div").classes("actions"):
                said = TextElement("span", "", "said")
                acting = Acting(self._board, self._visit, room.key, said)
                acknowledge = button(
                    say[Text.ACKNOWLEDGE], acting.acknowledge, classes="main acknowledge"
                )
                resume = button(say[Text.RESUME], acting.resume, classes="resume")
                attributes(said, role="status")
                for pressed in (acknowledge, resume):
                    label = f"{pressed.text}: {room.name}"
                    attributes(pressed, aria_label=label)
        return _Tile(item=item, content=content, acknowledge=acknowledge, resume=resume, said=said)

    def _arrange(self, wanted: list[RoomKey]) -> None:
        if wanted == self._order:
            return
        for place, key in enumerate(wanted):
            if self._order[place] != key:
                self._tiles[key].item.move(target_index=place)
                self._order.remove(key)
                self._order.insert(place, key)

    def _count(self, rooms: list[RoomSnapshot]) -> None:
        say = self._visit.words.say
        if not rooms:
            self._counts.text = say[Text.NO_ROOMS]
            return
        self._counts.text = say[Text.COUNTS].format(
            rooms=len(rooms),
            alarms=sum(bool(room.alarms) for room in rooms),
            unwatched=sum(room.band is Band.UNAVAILABLE for room in rooms),
        )

    async def _burden(self) -> str:
        """The alarm burden in one line; empty where the database fails, which the banner tells."""
        today = self._board.clock.now().wall.astimezone().date()
        words = self._visit.words
        try:
            burden = await asyncio.to_thread(
                self._board.station.archive.burden,
                since=today - timedelta(days=BURDEN_DAYS - 1),
                until=today + timedelta(days=1),
            )
        except StorageError:
            return ""
        per_day = burden.alarms_a_day
        return words.say[Text.BURDEN].format(
            alarms=burden.alarms,
            per_day="-" if per_day is None else number(words, per_day, 2),
            confirmed=burden.confirmed,
            dismissed=burden.dismissed,
            unsure=burden.unsure,
        )


def add_overview(board: Board) -> None:
    """Serve the overview at /."""

    @ui.page("/")
    async def overview(request: Request) -> None:
        visit = visit_of(request, board)
        ui.dark_mode(visit.night)
        await Overview(board, visit).build()


def _pressing(room: RoomSnapshot) -> object:
    return (room.band is Band.UNAVAILABLE, room.absence, dict(room.alarms), room.status)


def _let_see(element: ui.element, *, visible: bool) -> None:
    if element.visible != visible:
        element.set_visibility(visible)
