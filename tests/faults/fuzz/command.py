"""Commands of the station: each answered once, with a payload that every board can read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import atheris

with atheris.instrument_imports(include=["edge", "pain"]):
    from edge.mqtt.commands import CommandDesk
    from pain.clock import Moment
    from pain.wire import COMMANDS, Command, CommandEventPayload

from tests.faults.fuzz.damage import as_json
from tests.faults.fuzz.engine import Mutator, fuzz
from tests.faults.fuzz.moment import WALL

NOW: Final = Moment(monotonic_s=1000.0, wall=WALL)
NAMES: Final = (*COMMANDS, "", "x" * 300, "acknowledge/../pause", "\x00")
RETAINED: Final = 250
"""A first byte from here on: the broker had kept the command."""

WORDS: Final = (
    *(b"{", b"}", b"[", b"]", b'"', b":", b",", b"null", b"NaN", b"1e999", b"-", b"\\u0000"),
    *(b"\\ud800", b"\xff\xfe", b"9999-12-31T23:59:59-23:59", b"+23:59", b"Z", b"P1D", b"urn:uuid:"),
)


def one(data: bytes) -> str:
    """Take a command, and once more if it was accepted.

    The first byte says which one it is and how it came; the rest is its text.
    """
    head, payload = data[0] if data else 0, data[1:]
    applied = []

    def apply(command: Command, _now: Moment) -> None:
        assert command.expires_at > WALL
        applied.append(command)

    # A new desk each time: the answer to a known id would hide what is new in an input.
    desk = CommandDesk(max_pause_s=3600.0)
    name = NAMES[head % len(NAMES)]
    answer = desk.take(name, payload, retained=head >= RETAINED, now=NOW, apply=apply)
    CommandEventPayload.model_validate_json(answer.model_dump_json())
    if answer.accepted:
        assert desk.take(name, payload, retained=False, now=NOW, apply=apply) == answer
    assert len(applied) == answer.accepted
    return "taken" if answer.accepted else "refused"


def samples() -> Iterator[tuple[int, dict[str, Any]]]:
    """A whole command of each kind, with the number of its name."""
    for number, name in enumerate(COMMANDS):
        sample: dict[str, Any] = {
            "schema_version": 1,
            "id": str(UUID(int=number + 1)),
            "person": "nurse-7",
            "issued_at": WALL.isoformat(),
            "expires_at": (WALL + timedelta(seconds=30)).isoformat(),
            **_MORE.get(name, {}),
        }
        COMMANDS[name].model_validate(sample)
        yield number, sample


_MORE: Final[dict[str, dict[str, Any]]] = {
    "pause": {"until": (WALL + timedelta(minutes=5)).isoformat()},
    "acknowledge": {"condition": None},
    "enrol_resident": {"consent": "signed by her guardian on 2026-11-02"},
    "reload": {"reason": "the camera was moved"},
}

if __name__ == "__main__":
    fuzz(
        one,
        seeds=[
            *(bytes([number]) + as_json(sample) for number, sample in samples()),
            b"\0" + b"[" * 2000,
        ],
        mutator=Mutator(documents=[sample for _, sample in samples()], header=1),
        words=WORDS,
        max_len=6000,  # a command of more than 4,096 bytes is refused for its length
    )
