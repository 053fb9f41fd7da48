from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue

import pytest
from textual.widgets import Static

from edge.watch.app import INTERRUPTED, BoardApp
from edge.watch.bands import Bands
from edge.watch.card import Card
from edge.watch.feed import Heard, LinkChange, Message
from edge.watch.orders import ANSWER_WITHIN_S, Order
from pain.alarms import AlarmState, Condition, Trigger
from pain.wire import AcknowledgeCommand
from tests.edge.watch.payloads import (
    HandClock,
    alarm,
    alarm_event,
    answer,
    moment,
    reading,
    status,
)


class Desk:
    """A board with its inbox, clock and what was sent; stands in for the broker alone."""

    where = "broker:8883"

    def __init__(self, *, person: str | None = None) -> None:
        self.clock = HandClock()
        self.inbox: SimpleQueue[Heard] = SimpleQueue()
        self.sent: list[Order] = []
        self.app = BoardApp(
            inbox=self.inbox,
            feed=self,
            site="elm-court",
            bands=Bands(moderate=3.0, severe=5.0),
            clock=self.clock,
            person=person,
        )

    def start(self, listener: Callable[[Heard], None]) -> None:
        raise AssertionError("the app does not start the feed")

    def stop(self) -> None:
        raise AssertionError("the app does not stop the feed")

    def send(self, order: Order) -> None:
        self.sent.append(order)

    def hears(self, room: str, leaf: str, payload: bytes) -> None:
        topic = f"painwatch/elm-court/{room}/{leaf}"
        self.inbox.put(Message(topic=topic, payload=payload, at=self.clock.now()))

    def text(self) -> str:
        statics = [w for w in self.app.query(Static) if w.display]
        lines = [str(w.render()) for w in statics]
        lines += [str(card.border_title) + str(card.border_subtitle) for card in self.cards()]
        return "\n".join(lines)

    def cards(self) -> list[Card]:
        return [child for child in self.app.query_one("#rooms").children if isinstance(child, Card)]

    def order_of_cards(self) -> list[str]:
        return [card.key.rpartition("/")[2] for card in self.cards()]


def two_rooms(desk: Desk) -> None:
    for room, level in (("room-12", 5.4), ("room-14", 0.6)):
        desk.hears(room, "availability", b"online")
        desk.hears(room, "status", status(name=room.replace("-", " ").title()))
        desk.hears(room, "reading", reading(level))
    on = alarm(Condition.PAIN_SEVERE, AlarmState.ON)
    desk.hears("room-12", "alarm/pain_severe", on)
    event = alarm_event(
        Condition.PAIN_SEVERE, Trigger.ONSET, AlarmState.OFF, AlarmState.ON, level=5.4
    )
    desk.hears("room-12", "event", event)


async def test_before_any_message_the_board_says_what_it_waits_for() -> None:
    desk = Desk()
    async with desk.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "Waiting for painwatch/elm-court/" in desk.text()
        await pilot.press("up", "down", "a")
        assert desk.sent == []


async def test_the_board_tells_level_word_and_shape_in_80_columns() -> None:
    desk = Desk()
    two_rooms(desk)
    async with desk.app.run_test(size=(80, 24)) as pilot:
        desk.app.take()
        await pilot.pause()
        text = desk.text()
        assert "■ 5.4 SEVERE" in text
        assert "○ 0.6 CALM" in text
        assert "!!! severe pain" in text
        assert "severe pain began (level 5.4)" in text
        assert desk.app.query_one("#log").border_subtitle == "research aid, not a medical device"
        for card in desk.cards():
            assert card.region.right <= 80
            assert max(map(len, str(card.render()).splitlines())) <= card.content_size.width


async def test_a_level_that_is_not_renewed_disappears_without_any_message() -> None:
    desk = Desk()
    two_rooms(desk)
    async with desk.app.run_test(size=(80, 24)) as pilot:
        desk.app.take()
        await pilot.pause()
        desk.clock.seconds = 6.0
        desk.app.take()
        await pilot.pause()
        assert "5.4 SEVERE" not in desk.text()
        assert "UNAVAILABLE" in desk.text()
        assert "no reading since" in desk.text()


async def test_rooms_are_reordered_by_need_and_the_choice_stays_with_its_room() -> None:
    desk = Desk(person="anna")
    two_rooms(desk)
    async with desk.app.run_test(size=(80, 24)) as pilot:
        desk.app.take()
        await pilot.pause()
        assert desk.order_of_cards() == ["room-12", "room-14"]
        desk.hears("room-12", "alarm/pain_severe", alarm(Condition.PAIN_SEVERE, AlarmState.OFF))
        desk.hears("room-14", "alarm/pain_severe", alarm(Condition.PAIN_SEVERE, AlarmState.ON))
        desk.app.take()
        await pilot.pause()
        assert desk.order_of_cards() == ["room-14", "room-12"]
        await pilot.press("a")
        assert [order.room for order in desk.sent] == ["elm-court/room-12"]
        await pilot.press("up", "up", "a")
        assert desk.sent[-1].room == "elm-court/room-14"


async def test_acknowledge_asks_once_who_it_is() -> None:
    desk = Desk()
    two_rooms(desk)
    async with desk.app.run_test(size=(80, 24)) as pilot:
        desk.app.take()
        await pilot.pause()
        await pilot.press("a")
        await pilot.press("enter")
        assert desk.sent == [], "an empty id is not taken"
        await pilot.press(*"anna", "enter")
        await pilot.pause()
        await pilot.press("a")
        people = [AcknowledgeCommand.model_validate_json(o.payload).person for o in desk.sent]
        assert people == ["anna", "anna"]


async def test_leaving_the_dialogue_sends_nothing() -> None:
    desk = Desk()
    two_rooms(desk)
    async with desk.app.run_test(size=(80, 24)) as pilot:
        desk.app.take()
        await pilot.pause()
        await pilot.press("a", "x", "escape")
        await pilot.pause()
        assert desk.sent == []
        assert desk.app.person is None


@pytest.mark.parametrize(("key", "name"), [("a", "acknowledge"), ("p", "pause"), ("r", "resume")])
async def test_keys_give_their_commands(key: str, name: str) -> None:
    desk = Desk(person="anna")
    two_rooms(desk)
    async with desk.app.run_test(size=(80, 24)) as pilot:
        desk.app.take()
        await pilot.pause()
        await pilot.press(key)
        assert [order.name for order in desk.sent] == [name]


async def test_a_refusal_and_a_missing_answer_are_both_shown() -> None:
    desk = Desk(person="anna")
    two_rooms(desk)
    async with desk.app.run_test(size=(80, 24)) as pilot:
        desk.app.take()
        await pilot.pause()
        await pilot.press("a", "r")
        refused = answer(desk.sent[0].id, accepted=False, reason="nothing to acknowledge")
        desk.hears("room-12", "event", refused)
        desk.app.take()
        desk.clock.seconds = ANSWER_WITHIN_S
        desk.app.take()
        await pilot.pause()
        told = [notice.message for notice in desk.app._notifications]
        assert "Room 12: acknowledge by anna: refused, nothing to acknowledge" in told
        assert "Room 12: resume: no answer from the room's box" in told


async def test_a_lost_broker_is_told_and_no_command_is_pretended() -> None:
    desk = Desk(person="anna")
    two_rooms(desk)
    async with desk.app.run_test(size=(80, 24)) as pilot:
        desk.inbox.put(LinkChange(connected=False, at=moment(0)))
        desk.app.take()
        await pilot.pause()
        assert "BROKER LOST since" in desk.text()
        await pilot.press("a")
        assert desk.sent == []


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("ctrl+c", INTERRUPTED)])
async def test_leaving(key: str, code: int) -> None:
    desk = Desk()
    async with desk.app.run_test(size=(80, 24)) as pilot:
        await pilot.press(key)
    assert (desk.app.return_code or 0) == code
