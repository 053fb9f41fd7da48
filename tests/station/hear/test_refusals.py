"""A flood of bad messages stays small."""

from __future__ import annotations

import logging

from station.hear.refusals import MOST_KINDS, Refusals
from station.live.messages import Leaf, Refusal, Refused
from station.live.values import RoomKey
from tests.station.messages import ROOM

BAD = Refused(why=Refusal.NOT_READABLE, key=ROOM, leaf=Leaf.READING)


def test_a_kind_is_logged_once_and_counted_each_time(caplog):
    caplog.set_level(logging.WARNING)
    refusals = Refusals()
    for _ in range(50):
        refusals.add(BAD)
    assert len(caplog.records) == 1
    assert refusals.take() == {BAD: 50}
    assert refusals.take() == {}
    refusals.add(BAD)
    assert len(caplog.records) == 2
    assert refusals.total == 51


def test_rooms_that_are_invented_for_every_message_are_not_told_apart_for_ever(caplog):
    refusals = Refusals()
    for number in range(5 * MOST_KINDS):
        key = RoomKey(site=ROOM.site, room=f"r{number}")
        refusals.add(Refused(why=Refusal.NOT_READABLE, key=key, leaf=Leaf.READING))
    taken = refusals.take()
    assert len(taken) == MOST_KINDS + 1
    assert sum(taken.values()) == 5 * MOST_KINDS
    assert taken[Refused(why=Refusal.NOT_READABLE)] == 4 * MOST_KINDS
