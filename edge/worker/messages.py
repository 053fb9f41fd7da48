"""What a vision worker says to its gateway: JSON, one message at a time, never a pixel.

The worker handles pictures from the outside world, so the gateway trusts it with nothing: a
message is parsed strictly, and pickle, which would run code, is never used.
"""

from __future__ import annotations

import math
from typing import Annotated, Final, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from pain.action_units import AU_MAX
from pain.embedding import MOST_DIMENSIONS, UnitVector
from pain.errors import WorkerError
from pain.scales import LEVEL_COUNT, LEVEL_MAX, PSPI_MAX
from pain.values import Reading, Reason, Score
from pain.wire import PicturePlace, StageStatus

MAX_MESSAGE_BYTES: Final = 64 * 1024
"""Longest message either side accepts; a reading takes a few hundred bytes."""

ROUNDING: Final = 1e-6
"""Float32 softmax may pass 1 by this much."""

DETAIL_MAX: Final = 2000
"""Longest sentence of a failure, in characters."""

MOST_PLACES: Final = 8
"""Most faces without life that are told of."""

StageName = Literal["capture", "track", "score"]


class _Message(BaseModel):
    # An error must not show a face's numbers.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class EmbeddingInUse(_Message):
    """The face embedding that a worker has loaded."""

    bundle: str
    bundle_sha256: str
    dimensions: int = Field(ge=2, le=MOST_DIMENSIONS)


class Hello(_Message):
    """Models are loaded and verified; sent once, before any reading."""

    kind: Literal["hello"] = "hello"
    bundle: str = Field(description="Name of the model bundle.")
    bundle_sha256: str
    provider_requested: str
    provider_actual: str = Field(description="Provider that answered the golden input.")
    precision_requested: str
    precision_actual: str = Field(description="Precision of the graph that answered.")
    degraded: str | None = Field(
        default=None,
        max_length=DETAIL_MAX,
        description="Why something else runs than was asked for; null when it does not.",
    )
    libraries: dict[str, str] = Field(description="Versions of what looks at the pictures.")
    network: str = Field(description="How this worker is kept off the network, or why it is not.")
    recogniser: EmbeddingInUse | None = Field(
        default=None, description="What compares faces; null where everybody is scored."
    )


class Sight(_Message):
    """Whose face it may be; sent only where faces are compared.

    The vector is biometric data: it is compared in memory and neither logged nor published.
    """

    track: int = Field(ge=0, description="Number of the unbroken sequence of frames.")
    alone: bool = Field(description="Whether no other face was beside it.")
    vector: UnitVector | None = Field(
        default=None, description="Embedding of length 1; null in a frame without a comparison."
    )
    failed: bool = Field(default=False, description="Whether the embedding failed on this frame.")


class ReadingMessage(_Message):
    """One frame's outcome."""

    kind: Literal["reading"] = "reading"
    reading: Reading
    sight: Sight | None = Field(default=None, description="Null without a face, or a recogniser.")

    @model_validator(mode="after")
    def _in_range(self) -> ReadingMessage:
        if isinstance(self.reading.outcome, Score):
            _check_score(self.reading.outcome)
        if not math.isfinite(self.reading.captured_s):
            raise ValueError("captured_s is not finite")
        return self


class Beat(_Message):
    """The worker is alive; sent about twice a second, also while no frame comes."""

    kind: Literal["beat"] = "beat"
    stages: dict[StageName, StageStatus]
    fps: float | None = Field(default=None, ge=0, description="Readings a second, lately.")
    dropped_frames: int = Field(ge=0, description="Frames skipped since newer ones had come.")
    stream_started_at: AwareDatetime | None = Field(
        default=None, description="Wall time of the first frame of the stream that is open now."
    )
    lifeless: tuple[PicturePlace, ...] = Field(
        default=(), max_length=MOST_PLACES, description="Where faces without life are."
    )


class Ended(_Message):
    """A video file reached its end; the worker exits with code 0."""

    kind: Literal["ended"] = "ended"


class Failed(_Message):
    """Something is broken, in a sentence for people.

    Not fatal: the worker keeps trying. Fatal: it exits after this message. At once: it has lasted
    already, so the alarm needs no further delay.
    """

    kind: Literal["failed"] = "failed"
    reason: Reason
    detail: str = Field(min_length=1, max_length=DETAIL_MAX)
    fatal: bool
    at_once: bool = False

    @classmethod
    def because(cls, reason: Reason, detail: str, *, fatal: bool, at_once: bool = False) -> Failed:
        """Make it from a sentence of any length; a long one is cut, an empty one is replaced."""
        return cls(
            reason=reason,
            detail=detail[:DETAIL_MAX] or "no reason given",
            fatal=fatal,
            at_once=at_once,
        )


Message = Hello | ReadingMessage | Beat | Ended | Failed

_ADAPTER: Final[TypeAdapter[Message]] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])


def encode(message: Message) -> bytes:
    """Turn a message into JSON bytes, at most ``MAX_MESSAGE_BYTES``.

    Raises:
        WorkerError: the message is too long.
    """
    data = message.model_dump_json().encode()
    if len(data) > MAX_MESSAGE_BYTES:
        raise WorkerError(f"a {message.kind} message of {len(data)} bytes is too long to send")
    return data


def decode(data: bytes) -> Message:
    """Read a message from the worker.

    Raises:
        WorkerError: it is no valid message: not JSON, unknown kind or key, value out of range.
    """
    if len(data) > MAX_MESSAGE_BYTES:
        raise WorkerError(f"the vision worker sent {len(data)} bytes in one message")
    try:
        return _ADAPTER.validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "message"
        raise WorkerError(
            f"the vision worker sent something that is no message: {where}: {first['msg']}"
        ) from error


def _check_score(score: Score) -> None:
    """Refuse values outside their scales: an impossible level must not reach the alarms."""
    _check_range("level", score.level, LEVEL_MAX)
    _check_range("confidence", score.confidence, 1.0)
    if score.pspi is not None:
        _check_range("pspi", score.pspi, PSPI_MAX)
    for unit, intensity in score.action_units.items():
        _check_range(unit, intensity, AU_MAX)
    if len(score.probabilities) != LEVEL_COUNT:
        raise ValueError(f"{len(score.probabilities)} probabilities, not {LEVEL_COUNT}")
    for probability in score.probabilities:
        _check_range("probability", probability, 1.0 + ROUNDING)


def _check_range(name: str, value: float, highest: float) -> None:
    # Not-a-number compares false with everything and is refused with the rest.
    if not 0.0 <= value <= highest:
        raise ValueError(f"{name} {value} is outside 0..{highest:g}")
