"""One person at one open page."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from fastapi import Request

from pain.clock import Clock
from pain.errors import StorageError
from station.access.access import Access
from station.access.values import Person, Role
from station.board.feed import Feed
from station.config.root import StationConfig
from station.live.values import RoomKey
from station.ports import Station
from station.words import Language, Words, words_of

LANGUAGE_COOKIE: Final = "painwatch_language"
NIGHT_COOKIE: Final = "painwatch_night"


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What all pages share.

    Attributes:
        station: everything behind the board.
        config: its settings.
        access: who may come in.
        feed: tells of changes.
        clock: source of the present moment.
    """

    station: Station
    config: StationConfig
    access: Access
    feed: Feed
    clock: Clock

    def key(self, room: str) -> RoomKey:
        """A room of this site."""
        return RoomKey(site=self.config.site, room=room)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Who looks, and how.

    Attributes:
        person: who has logged in.
        token: the session; asked again while the page is open, since it may end.
        words: the language.
        night: dark colours.
    """

    person: Person
    token: str
    words: Words
    night: bool

    @property
    def may_act(self) -> bool:
        """Whether the person may acknowledge, pause and write."""
        return self.person.role.may(Role.NURSE)


async def is_welcome(board: Board, visit: Visit) -> bool:
    """Whether the session goes on, with the role that it began with.

    A database that fails must not blind the nurses, nor keep them from acknowledging.
    """
    try:
        return await asyncio.to_thread(board.access.who, visit.token) == visit.person
    except StorageError:
        return True


def visit_of(request: Request, board: Board) -> Visit:
    """The visit behind a request that the guard has let through."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    known = {language.value for language in Language}
    language = Language(chosen if chosen in known else board.config.board.language)
    return Visit(
        person=request.state.person,
        token=request.state.session,
        words=words_of(language),
        night=request.cookies.get(NIGHT_COOKIE) == "on",
    )
