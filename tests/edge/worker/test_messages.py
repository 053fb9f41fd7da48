from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.worker.messages import (
    MAX_MESSAGE_BYTES,
    Beat,
    Ended,
    Failed,
    Hello,
    Message,
    ReadingMessage,
    decode,
    encode,
)
from pain.action_units import ActionUnit
from pain.errors import WorkerError
from pain.values import Reading, Reason, Score, Unavailable
from pain.wire import PicturePlace, StageState, StageStatus

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


def score(**changes: Any) -> Score:
    values: dict[str, Any] = {
        "level": 3.5,
        "probabilities": (0.0, 0.0, 0.1, 0.4, 0.4, 0.1, 0.0),
        "pspi": 7.25,
        "action_units": {ActionUnit.AU4: 2.5, ActionUnit.AU43: 5.0},
        "confidence": 0.9,
    }
    return Score(**{**values, **changes})


def reading(outcome: Score | Unavailable, **changes: Any) -> Reading:
    values: dict[str, Any] = {
        "captured_s": 12.5,
        "wall_time": AT,
        "sequence": 7,
        "face_height_px": 91.5,
    }
    return Reading(outcome=outcome, **{**values, **changes})


MESSAGES: list[Message] = [
    Hello(
        bundle="landmarks-v1",
        bundle_sha256="ab" * 32,
        provider_requested="cuda",
        provider_actual="cuda",
        precision_requested="auto",
        precision_actual="fp16",
        libraries={"av": "18.1.0"},
        network="none: seccomp",
    ),
    ReadingMessage(reading=reading(score())),
    ReadingMessage(reading=reading(score(pspi=None, action_units={}))),
    ReadingMessage(reading=reading(Unavailable(reason=Reason.NO_FACE), face_height_px=None)),
    Beat(
        stages={
            "capture": StageStatus(state=StageState.STALLED, detail="no answer", last_s=3.0),
            "track": StageStatus(state=StageState.OK, last_s=0.1),
            "score": StageStatus(state=StageState.STARTING),
        },
        fps=24.9,
        dropped_frames=3,
        stream_started_at=AT,
        lifeless=(PicturePlace(x=0.7, y=0.1, width=0.2, height=0.3),),
    ),
    Beat(stages={}, dropped_frames=0),
    Ended(),
    Failed(reason=Reason.CAMERA_LOST, detail="the camera is gone", fatal=False),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.kind)
def test_a_message_arrives_as_it_was_sent(message: Message) -> None:
    assert decode(encode(message)) == message


@given(
    outcome=st.builds(
        score,
        level=st.floats(0, 6),
        probabilities=st.tuples(*[st.floats(0, 1)] * 7),
        pspi=st.none() | st.floats(0, 16),
        action_units=st.dictionaries(st.sampled_from(ActionUnit), st.floats(0, 5)),
        confidence=st.floats(0, 1),
    )
    | st.builds(Unavailable, reason=st.sampled_from(Reason)),
    captured_s=st.floats(0, 1e9),
)
def test_every_reading_survives_the_pipe(outcome: Score | Unavailable, captured_s: float) -> None:
    message = ReadingMessage(reading=reading(outcome, captured_s=captured_s))
    assert decode(encode(message)) == message


IMPOSSIBLE = [
    ({"level": 6.01}, "level"),
    ({"level": -0.01}, "level"),
    ({"level": float("nan")}, "level"),
    ({"level": float("inf")}, "level"),
    ({"pspi": 16.5}, "pspi"),
    ({"confidence": 1.5}, "confidence"),
    ({"action_units": {ActionUnit.AU4: 5.5}}, "AU4"),
    ({"probabilities": (1.0,)}, "1 probabilities, not 7"),
    ({"probabilities": (2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)}, "probability"),
]


@pytest.mark.parametrize(("changes", "named"), IMPOSSIBLE)
def test_an_impossible_score_cannot_be_sent(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        ReadingMessage(reading=reading(score(**changes)))


def tampered(**changes: Any) -> bytes:
    document = json.loads(encode(ReadingMessage(reading=reading(score()))))
    document["reading"]["outcome"].update(changes)
    return json.dumps(document).encode()


FOREIGN = [
    b"",
    b"\x80\x04\x95\x10\x00\x00\x00",
    b"[]",
    b"{}",
    b'{"kind": "exec"}',
    b'{"kind": "ended", "extra": 1}',
    b'{"kind": "failed", "reason": "bored", "detail": "x", "fatal": true}',
    b'{"kind": "failed", "reason": "camera_lost", "detail": "", "fatal": true}',
    tampered(level=7.0),
    tampered(level=None),
    tampered(level=float("nan")),
    b'"' + b"x" * MAX_MESSAGE_BYTES + b'"',
]


@pytest.mark.parametrize("data", FOREIGN, ids=range(len(FOREIGN)))
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(WorkerError, match="vision worker sent"):
        decode(data)


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_but_be_refused(data: bytes) -> None:
    with pytest.raises(WorkerError):
        decode(data)


def test_a_message_that_is_too_long_is_not_sent() -> None:
    hello = MESSAGES[0].model_copy(update={"libraries": {"x": "y" * MAX_MESSAGE_BYTES}})
    with pytest.raises(WorkerError, match="too long to send"):
        encode(hello)


def test_a_failure_of_any_length_can_be_told() -> None:
    for detail in ("", "x" * 10_000):
        failed = Failed.because(Reason.CAMERA_LOST, detail, fatal=True)
        assert decode(encode(failed)) == failed
