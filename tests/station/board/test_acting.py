"""Nobody acts whom the station has not let in with the right role, whatever the page shows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pain.errors import StorageError
from station.access.values import Person, Role
from station.board.acting import Acting
from station.board.visit import Visit
from station.ports import OrderState, Outcome
from station.words import Language, Text, words_of
from tests.station.messages import ROOM

WORDS = words_of(Language.EN)
NURSE = Person(id="nurse-7", name="Nurse Seven", role=Role.NURSE)
VIEWER = Person(id="wall", name="The wall", role=Role.VIEWER)


class Orders:
    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.given: list[tuple[object, ...]] = []

    async def acknowledge(self, key: object, condition: object, *, person: str) -> Outcome:
        self.given.append((key, condition, person))
        return self.outcome


def acting_of(person: Person, known: Person | Exception | None, orders: Orders) -> tuple[Any, Any]:
    """A person's commands, and what they say; ``known`` is whose session the database finds."""

    def who(_token: str) -> Person | None:
        if isinstance(known, Exception):
            raise known
        return known

    board: Any = SimpleNamespace(
        access=SimpleNamespace(who=who), station=SimpleNamespace(orders=orders)
    )
    said: Any = SimpleNamespace(text="", is_deleted=False)
    visit = Visit(person=person, token="t", words=WORDS, night=False)  # noqa: S106  of nobody
    return Acting(board, visit, ROOM, said), said


@pytest.mark.parametrize(
    ("person", "known"),
    [
        (VIEWER, VIEWER),
        (NURSE, None),
        (NURSE, Person(id=NURSE.id, name=NURSE.name, role=Role.VIEWER)),
    ],
    ids=["a viewer", "a session that has ended", "a role that was taken away"],
)
async def test_nothing_is_sent_for(person, known):
    orders = Orders(Outcome(state=OrderState.ACCEPTED))
    acting, said = acting_of(person, known, orders)
    await acting.acknowledge()
    assert orders.given == []
    assert said.text == WORDS.say[Text.NOT_ALLOWED]


async def test_a_database_that_fails_keeps_nobody_from_acknowledging():
    orders = Orders(Outcome(state=OrderState.ACCEPTED))
    acting, said = acting_of(NURSE, StorageError("the disk is full"), orders)
    await acting.acknowledge()
    assert orders.given == [(ROOM, None, NURSE.id)]
    assert said.text == WORDS.outcomes[OrderState.ACCEPTED]


@pytest.mark.parametrize("state", [s for s in OrderState if s is not OrderState.WAITING])
async def test_every_outcome_is_told_in_words(state):
    orders = Orders(Outcome(state=state, reason="too long"))
    acting, said = acting_of(NURSE, NURSE, orders)
    await acting.acknowledge()
    assert said.text == WORDS.outcomes[state].format(reason="too long")
