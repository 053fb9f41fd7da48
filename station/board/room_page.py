"""One room: what is known of it now, what can be done, and what was."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import Final

from fastapi import Request
from fastapi.responses import PlainTextResponse, Response
from markupsafe import Markup
from nicegui import ui

from pain.alarms import AlarmState, Condition
from pain.errors import StorageError
from station.access.values import Role
from station.board.acting import PAUSES_MIN, Acting
from station.board.course import DAY, STEP_MIN, chart, day_table, heat_table, steps
from station.board.elements import Text as TextElement
from station.board.elements import attributes, button, markup
from station.board.feed import Changed
from station.board.frame import LOOK_EVERY_S, Frame, foot, main
from station.board.history import History, fingerprint
from station.board.notes import Notes
from station.board.pressing import paused_until
from station.board.resident import ResidentPanel
from station.board.tiles import tile
from station.board.visit import Board, Visit, visit_of
from station.live.bands import Bands
from station.live.values import RoomKey, RoomSnapshot
from station.words import Text

READ_EVERY_S: Final = 10.0
"""What the archive has is read anew this often; at once when an alarm changed."""

DRAW_EVERY_S: Final = 60.0
WEEKS: Final = 4
"""Weeks that the map of hours rests on."""


class RoomPage:
    """The page of one room.

    Args:
        board: what all pages share.
        visit: who looks.
        key: the room.
    """

    def __init__(self, board: Board, visit: Visit, key: RoomKey) -> None:
        self._board = board
        self._visit = visit
        self._key = key
        self._frame = Frame(board, visit)
        self._changed = Changed(board.station)
        self._history = History(board, visit, key)
        self._notes = Notes(board, visit, key)
        self._acknowledge: dict[Condition, TextElement] = {}
        self._resident: ResidentPanel | None = None
        self._shown = Markup()
        self._told: object = None
        self._read_s = self._drawn_s = self._aged_s = float("-inf")
        self._reading = False

    async def build(self, room: RoomSnapshot) -> None:
        """Lay the page out and keep it fresh until it is closed."""
        say = self._visit.words.say
        ui.context.client.on_delete(self._changed.end)
        self._frame.build(room.name)
        with main():
            back = TextElement("a", f"← {say[Text.ALL_ROOMS]}", "back")
            attributes(back, href="/")
            with ui.element("div").classes("room"):
                with ui.element("section").classes("panel now") as section:
                    attributes(section, aria_label=room.name)
                    self._now = markup(Markup(), tag="div")
                if self._visit.may_act:
                    self._build_orders(room)
                if self._visit.person.role.may(Role.ADMIN):
                    self._resident = ResidentPanel(self._board, self._visit, self._key)
                    self._resident.build(room)
                self._build_course()
                self._history.build()
                self._notes.build()
        foot(self._visit)
        self._look()
        await self._read()
        await self._draw()
        ui.timer(LOOK_EVERY_S, self._again)

    def _build_orders(self, room: RoomSnapshot) -> None:
        words = self._visit.words
        say = words.say
        with ui.element("section").classes("panel orders") as section:
            attributes(section, aria_label=say[Text.ORDERS])
            TextElement("h2", say[Text.ORDERS])
            said = TextElement("p", "", "said")
            attributes(said, role="status")
            acting = Acting(self._board, self._visit, self._key, said)
            with ui.element("div").classes("actions"):
                for condition in Condition:
                    label = say[Text.ACKNOWLEDGE_ONE].format(what=words.conditions[condition])
                    pressed = partial(acting.acknowledge, condition)
                    self._acknowledge[condition] = button(label, pressed, classes="main")
            with ui.element("div").classes("actions"):
                for minutes in PAUSES_MIN:
                    label = say[Text.PAUSE_FOR].format(minutes=minutes)
                    button(label, partial(acting.pause, minutes), classes="pause")
                self._resume = button(say[Text.RESUME], acting.resume, classes="resume")
        self._let_act(room)

    def _build_course(self) -> None:
        words = self._visit.words
        say = words.say
        options = chart(
            [], words, moderate=self._board.config.board.moderate_from, night=self._visit.night
        )
        with ui.element("section").classes("panel wide course") as section:
            attributes(section, aria_label=say[Text.COURSE])
            TextElement("h2", say[Text.COURSE])
            self._chart = ui.echart(options).classes("chart")
            attributes(self._chart, role="img", aria_label=say[Text.COURSE])
            with ui.element("details"):
                TextElement("summary", say[Text.AS_TABLE])
                self._day = markup(Markup())
                self._day.classes("scroll")
        with ui.element("section").classes("panel wide") as section:
            attributes(section, aria_label=say[Text.HEAT])
            TextElement("h2", say[Text.HEAT])
            TextElement("p", say[Text.HEAT_HINT], "quiet")
            self._heat = markup(Markup())
            self._heat.classes("scroll")
            attributes(self._heat, tabindex="0", role="group", aria_label=say[Text.HEAT])

    async def _again(self) -> None:
        if not await self._frame.still_welcome():
            return
        self._look()
        # After the tile: a page that cannot draw it gives no beat, and the browser says so.
        self._frame.look()
        if self._reading:
            return
        self._reading = True
        try:
            now_s = self._board.clock.now().monotonic_s
            if now_s - self._read_s >= READ_EVERY_S:
                await self._read()
            if now_s - self._drawn_s >= DRAW_EVERY_S:
                await self._draw()
        finally:
            self._reading = False

    def _look(self) -> None:
        now = self._board.clock.now()
        if now.monotonic_s - self._aged_s >= 1.0:
            self._aged_s = now.monotonic_s
            self._changed.everything()
        changed = self._changed.take()
        room = self._board.station.room(self._key)
        if room is None or (changed is not None and self._key not in changed):
            return
        html = tile(
            room,
            words=self._visit.words,
            trends=self._board.feed.trends,
            moderate_from=self._board.config.board.moderate_from,
            now=now,
            told=self._board.station.told(room.key),
            linked=False,
        )
        if html != self._shown:
            self._shown = html
            self._now.set_content(html)
        if self._visit.may_act:
            self._let_act(room)
        if self._resident is not None:
            self._resident.look(room)
        told = fingerprint(room.alarms)
        if told != self._told:
            self._told = told
            # The event follows the state, and is written a moment later.
            self._read_s = min(self._read_s, now.monotonic_s - READ_EVERY_S + 1.0)

    def _let_act(self, room: RoomSnapshot) -> None:
        for condition, pressed in self._acknowledge.items():
            alarm = room.alarms.get(condition)
            open_ = alarm is not None and alarm.state in (AlarmState.ON, AlarmState.LATCHED)
            pressed.set_visibility(open_)
        self._resume.set_visibility(paused_until(room, self._board.clock.now().wall) is not None)

    async def _read(self) -> None:
        self._read_s = self._board.clock.now().monotonic_s
        await self._history.look()
        await self._notes.look()

    async def _draw(self) -> None:
        now = self._board.clock.now()
        self._drawn_s = now.monotonic_s
        words = self._visit.words
        config = self._board.config.board
        whole = now.wall.replace(second=0, microsecond=0)
        until = whole + timedelta(minutes=STEP_MIN - whole.minute % STEP_MIN)
        try:
            minutes = await asyncio.to_thread(
                self._board.station.archive.minutes,
                self._key,
                since=until - timedelta(weeks=WEEKS),
                until=until,
            )
        except StorageError:
            return  # the banner tells of it
        if self._chart.is_deleted:
            return
        since = until - DAY
        day = [minute for minute in minutes if minute.at >= since]
        options = chart(
            steps(day, since=since, until=until),
            words,
            moderate=config.moderate_from,
            night=self._visit.night,
        )
        self._chart.options.update(options)
        self._chart.update()
        self._day.set_content(day_table(day, words, until=until))
        bands = Bands(moderate=config.moderate_from, severe=config.severe_from)
        self._heat.set_content(heat_table(minutes, words, bands))


def add_room_page(board: Board) -> None:
    """Serve each room at /room/ID."""

    @ui.page("/room/{room}")
    async def room_page(request: Request, room: str) -> Response | None:
        visit = visit_of(request, board)
        key = board.key(room)
        known = board.station.room(key)
        if known is None:
            return PlainTextResponse(visit.words.say[Text.ROOM_NOT_FOUND], status_code=404)
        ui.dark_mode(visit.night)
        await RoomPage(board, visit, key).build(known)
        return None
