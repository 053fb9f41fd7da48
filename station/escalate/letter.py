"""What a recipient is told, in words; never a resident's name, for the station knows none."""

from __future__ import annotations

from datetime import datetime

from pain.alarms import Condition
from pain.wire import EscalationEnding, EscalationKind, EscalationPayload
from station.escalate.values import ROOM_SILENT, Case, Notice
from station.ports import Trouble
from station.words import Text, Words
from station.words.format import moment, number


def letter(
    case: Case, notice: Notice, *, station: str, at: datetime, words: Words
) -> EscalationPayload:
    """Write what one notice says, in the language of the board."""
    return EscalationPayload(
        id=notice.id,
        case_id=case.id,
        kind=notice.kind,
        recipient=notice.recipient,
        step=notice.step,
        station=station,
        site=case.matter.key.site,
        room=case.matter.key.room or None,
        room_name=case.name,
        subject=case.matter.subject,
        level=case.level,
        since=case.began_at,
        ending=case.ending,
        title=_title(case, notice, words),
        text=_text(case, notice, words),
        at=at,
    )


def named(subject: str, words: Words) -> str:
    """A subject in words; its short name where a newer box says what we do not know."""
    if subject in set(Condition):
        return words.conditions[Condition(subject)]
    if subject in set(Trouble):
        return words.troubles[Trouble(subject)]
    if subject == ROOM_SILENT:
        return words.say[Text.PAGE_ROOM_SILENT]
    return subject.replace("_", " ").capitalize()


def _title(case: Case, notice: Notice, words: Words) -> str:
    line = f"{_one_line(case.name)}: {named(case.matter.subject, words)}"
    if notice.kind is EscalationKind.ALL_CLEAR:
        return f"{words.say[Text.PAGE_ALL_CLEAR]}: {line}"
    return line


def _text(case: Case, notice: Notice, words: Words) -> str:
    say = words.say
    parts = [_title(case, notice, words)]
    if case.level is not None and notice.kind is EscalationKind.ALARM:
        parts.append(say[Text.PAGE_HIGHEST].format(level=number(words, case.level)))
    parts.append(say[Text.PAGE_SINCE].format(since=moment(words, case.began_at)))
    if notice.kind is EscalationKind.ALARM:
        parts.append(say[Text.PAGE_NOBODY])
    elif case.ending is EscalationEnding.ACKNOWLEDGED:
        parts.append(say[Text.PAGE_ACKNOWLEDGED])
    else:
        parts.append(say[Text.PAGE_OVER])
    return "; ".join(parts)


def _one_line(text: str) -> str:
    """A text without control characters: a room's name comes from a box and ends up in headers."""
    return "".join(char if char.isprintable() else " " for char in text)
