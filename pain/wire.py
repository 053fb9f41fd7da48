"""MQTT payloads. ``docs/asyncapi.yaml`` is generated from these models and tested to be current."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
)

from pain.action_units import ActionUnit
from pain.alarms import AlarmState, Condition, Priority, Signal, Trigger
from pain.topics import NAME_PATTERN
from pain.values import Reason

SCHEMA_VERSION: Final = 1

TRIAL: Final = b"painwatch doctor: may this box publish here?"
"""Begins a message with which a box tries its rights: it says nothing, and readers pass over it."""

Level = Annotated[float, Field(ge=0, le=6)]
Share = Annotated[float, Field(ge=0, le=1)]
Intensity = Annotated[float, Field(ge=0, le=5)]
PersonId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")]
Consent = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=10, max_length=300, pattern=r"^[^\x00-\x1f]+$"
    ),
]


class Availability(StrEnum):
    """Plain text on the availability topic, so that a last will can say it."""

    ONLINE = "online"
    STOPPED = "stopped"
    OFFLINE = "offline"


class StageState(StrEnum):
    """Health of one stage of a room's pipeline."""

    STARTING = "starting"
    OK = "ok"
    STALLED = "stalled"
    FAILED = "failed"
    STOPPED = "stopped"


class _Payload(BaseModel):
    """Base of all payloads: unknown keys are refused on the way in, never sent on the way out."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_enum_values=False, allow_inf_nan=False
    )

    schema_version: Literal[1] = SCHEMA_VERSION


class ReadingPayload(_Payload):
    """Smoothed estimate of one room, or why there is none. Never 0 for "don't know"."""

    level: Level | None = Field(description="Smoothed pain level 0..6; null when unavailable.")
    corrected_level: Level | None = Field(
        default=None, description="Level above the resident's own neutral baseline."
    )
    spread: float | None = Field(default=None, ge=0, description="Standard deviation, in levels.")
    pspi: float | None = Field(default=None, ge=0, le=16, description="Smoothed PSPI estimate.")
    painad_facial_hint: Literal[0, 1, 2] | None = Field(
        default=None, description="Hint for PAINAD's facial item; the form is the nurse's."
    )
    confidence: Share | None = None
    coverage: Share = Field(description="Share of the smoothing window with valid scores.")
    action_units: dict[ActionUnit, Intensity] = Field(default_factory=dict)
    reason: Reason | None = Field(default=None, description="Why there is no level.")
    asleep: bool = Field(
        default=False,
        description="Eyes closed for long without other signs of pain; no alarm is held back.",
    )
    measured_at: AwareDatetime
    expires_at: AwareDatetime = Field(description="After this moment the reading says nothing.")


class AlarmPayload(_Payload):
    """Current state of one condition, retained."""

    condition: Condition
    priority: Priority
    state: AlarmState
    present: bool = Field(description="Whether the condition itself is present.")
    signal: Signal
    onset_at: AwareDatetime | None = Field(default=None, description="When the condition began.")
    changed_at: AwareDatetime = Field(description="When the state was last decided.")
    acknowledged_by: PersonId | None = None
    paused_until: AwareDatetime | None = None
    event_id: UUID | None = Field(default=None, description="The event that led to this state.")
    detail: str | None = Field(
        default=None, description="The cause of a technical condition in words, where it is known."
    )


class AlarmEventPayload(_Payload):
    """One alarm transition, published once."""

    kind: Literal["alarm"] = "alarm"
    id: UUID = Field(description="Idempotency key.")
    condition: Condition
    priority: Priority
    trigger: Trigger
    before: AlarmState
    after: AlarmState
    present: bool
    signal: Signal
    level: Level | None = None
    limits: dict[str, float] = Field(description="Limits in force, by name with unit.")
    onset_at: AwareDatetime
    decided_at: AwareDatetime
    published_at: AwareDatetime
    person: PersonId | None = None
    detail: str | None = Field(
        default=None, description="The cause of a technical condition in words, where it is known."
    )


class CommandEventPayload(_Payload):
    """Answer to a command."""

    kind: Literal["command"] = "command"
    id: UUID = Field(description="Idempotency key of this answer.")
    command_id: UUID | None = Field(description="Id of the command; null when it had none.")
    command: str
    accepted: bool
    reason: str | None = Field(default=None, description="Why it was refused.")
    person: PersonId | None = None
    decided_at: AwareDatetime
    published_at: AwareDatetime


class RestartEventPayload(_Payload):
    """The run before ended without a goodbye (killed, crashed, power lost); this one goes on."""

    kind: Literal["restart"] = "restart"
    id: UUID = Field(description="Idempotency key.")
    last_alive_at: AwareDatetime | None = Field(
        description=(
            "When the run before last wrote to its disk, at least once a minute; null when that "
            "cannot be read. What happened from then to decided_at was not watched."
        )
    )
    standing: tuple[Condition, ...] = Field(
        description="Alarms that stood then and stand on, until they are judged anew."
    )
    pause_ended: bool = Field(description="Whether a pause of signals ran out meanwhile.")
    decided_at: AwareDatetime
    published_at: AwareDatetime


EventPayload = AlarmEventPayload | CommandEventPayload | RestartEventPayload
EVENTS: Final[TypeAdapter[EventPayload]] = TypeAdapter(
    Annotated[EventPayload, Field(discriminator="kind")]
)
"""Reads any event."""


class HeartbeatPayload(_Payload):
    """A nursing station hears its rooms; retained, repeated well before it expires."""

    station: str = Field(pattern=NAME_PATTERN)
    at: AwareDatetime
    expires_at: AwareDatetime = Field(description="After this moment nobody listens any more.")


class EscalationKind(StrEnum):
    """What an escalation says."""

    ALARM = "alarm"
    ALL_CLEAR = "all_clear"


class EscalationEnding(StrEnum):
    """Why an escalation ended. OVER: the alarm is off; who silenced it is in the room's events."""

    ACKNOWLEDGED = "acknowledged"
    OVER = "over"


class EscalationPayload(_Payload):
    """A station tells a further person of an alarm that nobody acknowledged, or of its end."""

    id: UUID = Field(description="Idempotency key; a repeated attempt has the same.")
    case_id: UUID = Field(description="The same for all that is told of one alarm.")
    kind: EscalationKind
    recipient: str = Field(pattern=NAME_PATTERN, description="Whom the settings mean by it.")
    step: int = Field(ge=0, description="Number of the step, from 1; 0 for an all-clear.")
    station: str = Field(pattern=NAME_PATTERN)
    site: str = Field(pattern=NAME_PATTERN)
    room: str | None = Field(description="Short name; null for the station's own trouble.")
    room_name: str
    subject: str = Field(
        description="A condition, room_silent, or one of the station's own troubles."
    )
    level: Level | None = Field(description="Highest pain level since; null where there is none.")
    since: AwareDatetime
    ending: EscalationEnding | None = Field(default=None, description="Of an all-clear: why.")
    title: str = Field(description="One line for people, for a subject or a heading.")
    text: str = Field(description="The same in a sentence, in the language of the board.")
    at: AwareDatetime


class BaselineState(StrEnum):
    """Where the measurement of a resident's neutral stands."""

    NONE = "none"
    MEASURING = "measuring"
    SET = "set"
    FAILED = "failed"


class BaselineStatus(BaseModel):
    """The neutral of the resident; an older one stays in force when a measurement fails."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: BaselineState
    until: AwareDatetime | None = Field(default=None, description="End of the calm window.")
    failure: str | None = Field(default=None, description="Why the last measurement failed.")
    level: Level | None = Field(default=None, description="Neutral level; null without one.")
    measured_at: AwareDatetime | None = None
    person: PersonId | None = Field(default=None, description="Who asked for it.")
    drift: float | None = Field(
        default=None,
        description="Median level of the last day above the neutral; null before six hours.",
    )


class IdentityState(StrEnum):
    """Whether the room scores its enrolled resident alone."""

    NONE = "none"
    ENROLLING = "enrolling"
    ENROLLED = "enrolled"
    FAILED = "failed"


class IdentityStatus(BaseModel):
    """The enrolment of the resident's face; never the numbers themselves.

    While ``enrolled_at`` is null everybody's face is scored.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: IdentityState
    until: AwareDatetime | None = Field(default=None, description="End of the enrolment.")
    failure: str | None = Field(
        default=None,
        description="Why the last enrolment failed, or why the one that is kept is not in use.",
    )
    enrolled_at: AwareDatetime | None = Field(
        default=None, description="Of the enrolment in use; null where everybody is scored."
    )
    person: PersonId | None = Field(default=None, description="Who enrolled.")
    kept: bool = Field(default=False, description="Whether a resident's numbers are on the disk.")
    recognised: bool | None = Field(
        default=None,
        description="Whether the face seen last was the resident's; null: nobody is enrolled.",
    )


class StageStatus(BaseModel):
    """One stage: capture, track, score or publish."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    state: StageState
    detail: str | None = None
    last_s: float | None = Field(default=None, ge=0, description="Seconds since it last worked.")


class PicturePlace(BaseModel):
    """A rectangle of the picture, in shares of its width and height from the upper left corner."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    x: Share
    y: Share
    width: Share
    height: Share


class StatusPayload(_Payload):
    """Health of one room."""

    room_name: str
    software: str = Field(description="painwatch version.")
    bundle: str | None = Field(description="Name of the model bundle in use.")
    bundle_sha256: str | None
    provider_requested: str
    provider_actual: str | None = Field(description="Provider that answered the golden input.")
    precision_requested: str | None = Field(
        default=None, description="fp32, fp16, int8, or auto: what the bundle prefers."
    )
    precision_actual: str | None = Field(
        default=None, description="Precision of the graph that answered the golden input."
    )
    degraded: str | None = Field(
        default=None,
        description=(
            "Why another provider or precision runs than was asked for; null when none does."
        ),
    )
    libraries: dict[str, str] = Field(default_factory=dict)
    stages: dict[Literal["capture", "track", "score", "publish"], StageStatus]
    fps: float | None = Field(default=None, ge=0, description="Frames scored a second.")
    dropped_frames: int = Field(ge=0, description="Frames skipped since newer ones had come.")
    coverage: Share
    lifeless: tuple[PicturePlace, ...] = Field(
        default=(),
        description=(
            "Where something looks like a face and shows no life: a picture, a doll, or somebody "
            "who does not move."
        ),
    )
    latency_p50_ms: float | None = Field(default=None, ge=0, description="Capture to smoothing.")
    latency_p95_ms: float | None = Field(default=None, ge=0)
    worker_restarts: int = Field(ge=0, description="How often this run lost the room's worker.")
    next_worker_start_at: AwareDatetime | None = Field(
        default=None,
        description=(
            "When a lost worker is started again, later each time that it fails; null once the new "
            "one has greeted."
        ),
    )
    config_error: str | None = Field(
        default=None,
        description=(
            "Why the changed config file was not taken: file, line, key and what to do. What was "
            "read before stays in force. Null after a file that was taken."
        ),
    )
    record_error: str | None = Field(
        default=None,
        description=(
            "Why the box's record cannot be written (disk full, slow or gone); its lines wait in "
            "memory meanwhile, and monitoring goes on. Null while it is written."
        ),
    )
    paused_until: AwareDatetime | None = None
    started_at: AwareDatetime = Field(description="When the daemon began to watch this room.")
    stream_started_at: AwareDatetime | None = Field(
        default=None, description="Wall time of the first frame of the stream that is open now."
    )
    baseline: BaselineStatus | None = Field(default=None, description="The resident's own neutral.")
    identity: IdentityStatus | None = Field(
        default=None, description="Null where faces are not compared and nobody is enrolled."
    )
    at: AwareDatetime


class _Command(_Payload):
    """What every command carries."""

    id: UUID = Field(description="Idempotency key: a repeated id is answered once.")
    person: PersonId = Field(description="Who gives the command.")
    issued_at: AwareDatetime
    expires_at: AwareDatetime


class AcknowledgeCommand(_Command):
    """Somebody has seen an alarm."""

    condition: Condition | None = Field(
        default=None, description="One condition, or all that are signalled when null."
    )


class PauseCommand(_Command):
    """Stop signals for a while; detection goes on."""

    until: AwareDatetime


class ResumeCommand(_Command):
    """End a pause early."""


class SetBaselineCommand(_Command):
    """Measure this resident's neutral in the calm window that begins now; status has the result."""


class ResetBaselineCommand(_Command):
    """Delete the resident's neutral."""


class EnrolResidentCommand(_Command):
    """Enrol the face seen in the window that begins now; status has the result.

    A face's numbers are biometric data (GDPR art. 9): only with consent, which is recorded.
    """

    consent: Consent = Field(
        description="Who consented, when and how, e.g. signed by the guardian on 2026-11-02."
    )


class ForgetResidentCommand(_Command):
    """Delete the enrolled face's numbers; from then on everybody is scored."""


class ReloadCommand(_Command):
    """Read the box's config file again; a file with a mistake changes nothing and is refused."""

    reason: str = Field(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f]+$",
        description="Why, for the box's log.",
    )


COMMANDS: Final[dict[str, type[_Command]]] = {
    "acknowledge": AcknowledgeCommand,
    "pause": PauseCommand,
    "resume": ResumeCommand,
    "set_baseline": SetBaselineCommand,
    "reset_baseline": ResetBaselineCommand,
    "enrol_resident": EnrolResidentCommand,
    "forget_resident": ForgetResidentCommand,
    "reload": ReloadCommand,
}

Command = (
    AcknowledgeCommand
    | PauseCommand
    | ResumeCommand
    | SetBaselineCommand
    | ResetBaselineCommand
    | EnrolResidentCommand
    | ForgetResidentCommand
    | ReloadCommand
)
