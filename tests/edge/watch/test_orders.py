from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from edge.watch import orders
from pain.wire import COMMANDS, PauseCommand
from tests.edge.watch.payloads import moment

MAKERS = [
    ("acknowledge", orders.acknowledge),
    ("pause", orders.pause),
    ("resume", orders.resume),
]


@pytest.mark.parametrize(("name", "make"), MAKERS)
def test_an_order_is_a_valid_command_for_its_room(
    name: str, make: Callable[..., orders.Order]
) -> None:
    order = make("elm-court/room-12", person="anna", now=moment(0))
    assert order.topic == f"painwatch/elm-court/room-12/command/{name}"
    command = COMMANDS[name].model_validate_json(order.payload)
    assert (command.id, command.person) == (order.id, "anna")
    assert command.issued_at == moment(0).wall
    assert command.expires_at == moment(orders.VALID_S).wall
    if isinstance(command, PauseCommand):
        assert command.until == moment(orders.PAUSE_S).wall


@pytest.mark.parametrize(("name", "make"), MAKERS)
@pytest.mark.parametrize("person", ["", "x" * 65, "an\nna"])
def test_a_person_that_the_wire_cannot_carry_is_refused(
    name: str, make: Callable[..., orders.Order], person: str
) -> None:
    with pytest.raises(ValidationError):
        make("elm-court/room-12", person=person, now=moment(0))
