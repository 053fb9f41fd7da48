"""Asks for the person's id, once."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label

PERSON_MAX_LENGTH = 64
"""As in ``pain.wire.PersonId``."""


class PersonDialogue(ModalScreen[str | None]):
    """A small window with one field; Enter takes it, Escape leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Cancel")]

    def __init__(self, *, purpose: str, person: str | None) -> None:
        super().__init__()
        self._purpose = purpose
        self._person = person

    def compose(self) -> ComposeResult:
        """Lay the window out."""
        with Vertical(id="person-window"):
            yield Label(self._purpose)
            yield Input(
                value=self._person or "",
                placeholder="your id, e.g. anna",
                max_length=PERSON_MAX_LENGTH,
                id="person",
            )
            yield Label("Enter: go on, Escape: leave. The alarm log keeps the id.", classes="hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the id; an empty one is not accepted."""
        person = event.value.strip()
        if person:
            self.dismiss(person)

    def action_leave(self) -> None:
        """Close without an id."""
        self.dismiss(None)
