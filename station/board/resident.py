"""What concerns this resident's own face: the neutral, and whose face is scored."""

from __future__ import annotations

from typing import Final

from nicegui import ui
from nicegui.events import GenericEventArguments

from pain.wire import BaselineState, BaselineStatus, IdentityState, IdentityStatus
from station.board.acting import Acting
from station.board.elements import Text as TextElement
from station.board.elements import attributes, button
from station.board.visit import Board, Visit
from station.live.values import RoomKey, RoomSnapshot
from station.words import Text, Words
from station.words.format import moment, number, time_of_day

MOST_CONSENT: Final = 300
"""Letters of a consent, as the command allows."""


class ResidentPanel:
    """A panel of the room's page, for administrators.

    Args:
        board: what all pages share.
        visit: who looks.
        key: the room.
    """

    def __init__(self, board: Board, visit: Visit, key: RoomKey) -> None:
        self._board = board
        self._visit = visit
        self._key = key
        self._consent = ""

    def build(self, room: RoomSnapshot) -> None:
        """Lay it out."""
        say = self._visit.words.say
        with ui.element("section").classes("panel resident") as section:
            attributes(section, aria_label=say[Text.RESIDENT])
            TextElement("h2", say[Text.RESIDENT])
            said = TextElement("p", "", "said")
            attributes(said, role="status")
            acting = Acting(self._board, self._visit, self._key, said)
            self._neutral = TextElement("p", "")
            TextElement("p", say[Text.BASELINE_HINT], "quiet")
            with ui.element("div").classes("actions"):
                button(say[Text.SET_BASELINE], acting.set_baseline, classes="baseline")
                button(say[Text.RESET_BASELINE], acting.reset_baseline)
            self._face = TextElement("p", "")
            with ui.element("div") as self._enrolment:
                self._build_enrolment(acting)
        self.look(room)

    def look(self, room: RoomSnapshot) -> None:
        """Show what the room says of both."""
        words = self._visit.words
        status = room.status
        self._neutral.text = neutral_line(status.baseline if status else None, words)
        identity = status.identity if status else None
        self._face.text = face_line(identity, words)
        if self._enrolment.visible != (identity is not None):
            self._enrolment.set_visibility(identity is not None)

    def _build_enrolment(self, acting: Acting) -> None:
        say = self._visit.words.say
        label = TextElement("label", say[Text.CONSENT])
        attributes(label, **{"for": "consent"})
        field = ui.element("input")
        attributes(field, id="consent", type="text", maxlength=str(MOST_CONSENT))
        field.on("input", self._typed, js_handler="(e) => emit(e.target.value)")

        async def enrol() -> None:
            await acting.enrol(self._consent)

        with ui.element("div").classes("actions"):
            button(say[Text.ENROL], enrol, classes="enrol")
            button(say[Text.FORGET], acting.forget)

    def _typed(self, event: GenericEventArguments) -> None:
        self._consent = event.args if isinstance(event.args, str) else ""


def neutral_line(status: BaselineStatus | None, words: Words) -> str:
    """Where the measurement of the neutral stands."""
    say = words.say
    if status is None or status.state is BaselineState.NONE:
        return say[Text.BASELINE_NONE]
    parts = []
    if status.state is BaselineState.MEASURING and status.until is not None:
        parts.append(say[Text.BASELINE_MEASURING].format(time=time_of_day(status.until)))
    if status.failure is not None:
        parts.append(say[Text.BASELINE_FAILED].format(reason=status.failure))
    if status.level is not None and status.measured_at is not None:
        level, when = number(words, status.level), moment(words, status.measured_at)
        parts.append(
            say[Text.BASELINE_SET].format(level=level, when=when, person=status.person or "?")
        )
        if status.drift is not None:
            drift = f"{'+' if status.drift >= 0 else ''}{number(words, status.drift)}"
            parts.append(say[Text.BASELINE_DRIFT].format(drift=drift))
    return " ".join(parts)


def face_line(status: IdentityStatus | None, words: Words) -> str:
    """Whose face is scored; everybody's where the room does not compare faces."""
    say = words.say
    if status is None:
        return say[Text.FACE_NONE]
    parts = []
    if status.state is IdentityState.ENROLLING and status.until is not None:
        parts.append(say[Text.FACE_ENROLLING].format(time=time_of_day(status.until)))
    if status.failure is not None:
        parts.append(say[Text.FACE_FAILED].format(reason=status.failure))
    if status.enrolled_at is None:
        parts.append(say[Text.FACE_NONE])
    else:
        when = moment(words, status.enrolled_at)
        parts.append(say[Text.FACE_ENROLLED].format(when=when, person=status.person or "?"))
    return " ".join(parts)
