"""A room's alarms with the nurses' verdicts, and everything that happened."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from nicegui import ui

from pain.alarms import Condition
from pain.errors import StorageError
from pain.wire import AlarmPayload
from station.board.elements import Text as TextElement
from station.board.elements import attributes, button
from station.board.episodes import Episode, episodes, most_telling, with_peaks
from station.board.visit import Board, Visit, is_welcome
from station.live.values import RoomKey
from station.ports import Silence, StoredEvent, Verdict
from station.words import Text
from station.words.format import duration, event_line, moment, number

DAYS: Final = 14
MOST_EVENTS: Final = 3000
"""A resident who often leaves the room makes a hundred a day."""

MOST_SHOWN: Final = 100
"""Rows of a table; the exports have all, and the page says so."""


class History:
    """A panel of the room's page.

    Args:
        board: what all pages share.
        visit: who looks.
        key: the room.
    """

    def __init__(self, board: Board, visit: Visit, key: RoomKey) -> None:
        self._board = board
        self._visit = visit
        self._key = key
        self._shown: tuple[list[StoredEvent], list[Silence], list[Episode]] | None = None

    def build(self) -> None:
        """Lay it out, empty."""
        say = self._visit.words.say
        with ui.element("section").classes("panel wide history") as section:
            TextElement("h2", say[Text.EPISODES])
            self._said = TextElement("p", "", "said")
            attributes(self._said, role="status")
            attributes(section, aria_label=say[Text.EPISODES])
            self._alarms = ui.element("div").classes("scroll")
            with ui.element("details"):
                TextElement("summary", say[Text.ALL_EVENTS])
                self._events = ui.element("div").classes("scroll")

    async def look(self) -> None:
        """Read the archive and show what is new."""
        now = self._board.clock.now().wall
        archive = self._board.station.archive
        since = now - timedelta(days=DAYS)
        try:
            events = await asyncio.to_thread(
                archive.events, self._key, since=since, limit=MOST_EVENTS
            )
            silences = await asyncio.to_thread(archive.silences, self._key, since=since)
            found = episodes(events)
            rows = await asyncio.to_thread(
                with_peaks, most_telling(found, most=MOST_SHOWN), archive, self._key, now=now
            )
        except StorageError:
            self._said.text = self._visit.words.say[Text.STORAGE_FAILED]
            return
        shown = (list(events), list(silences), rows)
        if self._said.is_deleted:
            return
        if self._said.text == self._visit.words.say[Text.STORAGE_FAILED]:
            self._said.text = ""
        if shown == self._shown:
            return
        self._shown = shown
        # Rows stay as they are while nothing is new: a button must not vanish under a finger.
        self._show_alarms(rows, whole=len(events) < MOST_EVENTS and len(rows) == len(found))
        self._show_events(events, silences)

    def _show_alarms(self, rows: Sequence[Episode], *, whole: bool) -> None:
        words = self._visit.words
        say = words.say
        self._alarms.clear()
        with self._alarms:
            if not rows:
                TextElement("p", say[Text.NOTHING_YET])
                return
            with ui.element("table"):
                heads = (Text.WHEN, Text.WHAT, Text.LENGTH, Text.HIGHEST, Text.WHO_KNEW)
                _head([say[head] for head in (*heads, Text.VERDICT)])
                with ui.element("tbody"):
                    for episode in rows:
                        self._row(episode)
            if not whole:
                TextElement("p", say[Text.NOT_ALL], "quiet")

    def _row(self, episode: Episode) -> None:
        words = self._visit.words
        with ui.element("tr"):
            TextElement("td", moment(words, episode.onset_at))
            TextElement("td", words.conditions[episode.condition])
            if episode.over_at is None:
                TextElement("td", words.say[Text.GOES_ON])
            else:
                length_s = (episode.over_at - episode.onset_at).total_seconds()
                TextElement("td", duration(words, length_s))
            TextElement("td", "" if episode.highest is None else number(words, episode.highest))
            TextElement("td", episode.acknowledged_by or "")
            with ui.element("td"):
                self._verdict(episode)

    def _verdict(self, episode: Episode) -> None:
        words = self._visit.words
        if episode.verdict is not None:
            said = words.verdicts[episode.verdict]
            TextElement(
                "span",
                words.say[Text.JUDGED].format(verdict=said, person=episode.verdict_by or "?"),
            )
        if not (episode.may_be_judged and self._visit.may_act):
            return
        assert episode.onset_id is not None  # noqa: S101  what may_be_judged says
        with ui.element("span").classes("verdicts"):
            for verdict in Verdict:
                if verdict is episode.verdict:
                    continue
                pressed = partial(self._judge, episode.onset_id, verdict)
                made = button(words.verdicts[verdict], pressed, classes="small")
                attributes(
                    made,
                    aria_label=f"{words.verdicts[verdict]}: {moment(words, episode.onset_at)}",
                )

    async def _judge(self, event_id: UUID, verdict: Verdict) -> None:
        say = self._visit.words.say
        if not self._visit.may_act or not await is_welcome(self._board, self._visit):
            self._said.text = say[Text.NOT_ALLOWED]
            return
        try:
            await asyncio.to_thread(
                self._board.station.archive.judge,
                event_id,
                verdict,
                person=self._visit.person.id,
                at=self._board.clock.now().wall,
            )
        except (StorageError, KeyError):  # KeyError: retention has taken the event meanwhile
            self._said.text = say[Text.STORAGE_FAILED]
            return
        self._said.text = say[Text.SAVED]
        await self.look()

    def _show_events(self, events: Sequence[StoredEvent], silences: Sequence[Silence]) -> None:
        words = self._visit.words
        lines = [(stored.event.decided_at, event_line(words, stored.event)) for stored in events]
        for silence in silences:
            until = "" if silence.until is None else f" → {moment(words, silence.until)}"
            lines.append((silence.since, f"{words.say[Text.SILENCES]}{until}"))
        lines.sort(key=lambda line: line[0], reverse=True)
        rows = lines[:MOST_SHOWN]
        self._events.clear()
        with self._events:
            if not lines:
                TextElement("p", words.say[Text.NOTHING_YET])
                return
            with ui.element("table"):
                _head([words.say[Text.WHEN], words.say[Text.WHAT]])
                with ui.element("tbody"):
                    for at, line in rows:
                        with ui.element("tr"):
                            TextElement("td", moment(words, at))
                            TextElement("td", line)
            if len(rows) < len(lines):
                TextElement("p", words.say[Text.NOT_ALL], "quiet")


def fingerprint(alarms: Mapping[Condition, AlarmPayload]) -> frozenset[tuple[str, str]]:
    """Differs when an alarm came, went or was acknowledged: then there is something to read."""
    return frozenset((alarm.condition, alarm.state) for alarm in alarms.values())


def _head(labels: Sequence[str]) -> None:
    with ui.element("thead"), ui.element("tr"):
        for label in labels:
            attributes(TextElement("th", label), scope="col")
