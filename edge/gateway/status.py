"""The health of one room, as the status topic says it."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version
from typing import Final, Literal, Protocol

from edge.config import EdgeConfig, RoomConfig
from edge.gateway.latency import LatencyWindow
from edge.worker.messages import Beat, Failed, Hello
from pain.clock import Moment
from pain.values import Reason
from pain.wire import BaselineStatus, IdentityStatus, StageState, StageStatus, StatusPayload

StageName = Literal["capture", "track", "score", "publish"]

_STAGES: Final[tuple[Literal["capture", "track", "score"], ...]] = ("capture", "track", "score")


class Link(Protocol):
    """What the status says of the ways to the broker and into the record."""

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us."""
        ...

    @property
    def failure(self) -> str | None:
        """Why the last attempt to connect failed."""
        ...

    @property
    def withheld(self) -> str | None:
        """What the broker does not take."""
        ...

    @property
    def record_trouble(self) -> str | None:
        """What keeps the record from the disk."""
        ...


class StatusBoard:
    """Collects what is known of a room's stages."""

    def __init__(self, *, room: RoomConfig, config: EdgeConfig, start: Moment) -> None:
        self.latency = LatencyWindow()
        self.coverage = 0.0
        self.restarts = 0
        self.paused_until: datetime | None = None
        self.baseline: BaselineStatus | None = None
        self.identity: IdentityStatus | None = None
        self.config_error: str | None = None
        self._next_worker_start_at: datetime | None = None
        self._room = room
        self._provider_requested = config.scoring.provider
        self._precision_requested = config.scoring.precision
        # Asked once: what runs is what was started, whatever an upgrade puts on the disk meanwhile.
        self._software = version("painwatch")
        self._started_at = start.wall
        self._hello: Hello | None = None
        self._beat: Beat | None = None
        self._stages: dict[StageName, StageStatus] = {
            name: StageStatus(state=StageState.STARTING) for name in _STAGES
        }

    @property
    def camera_fault(self) -> str | None:
        """What the worker says of a camera that it cannot read; None while it reads or waits."""
        capture = self._stages["capture"]
        return capture.detail if capture.state is StageState.FAILED else None

    @property
    def model_fault(self) -> str | None:
        """What the worker says of tracking or scoring that fails or hangs, None while they work."""
        faulty = (StageState.FAILED, StageState.STALLED)
        for name in ("track", "score"):
            stage = self._stages[name]
            if stage.state in faulty:
                return (
                    stage.detail if stage.state is StageState.FAILED else f"{name}: {stage.detail}"
                )
        return None

    def hello(self, message: Hello) -> None:
        """Note the models that a fresh worker has loaded."""
        self._hello = message
        self._next_worker_start_at = None

    def beat(self, message: Beat) -> bool:
        """Note the stages' health.

        Returns:
            Whether a stage changed its state, which is worth telling at once.
        """
        before = {name: status.state for name, status in self._stages.items()}
        self._beat = message
        for name, stage in message.stages.items():
            self._stages[name] = stage
        return any(before.get(name) != status.state for name, status in message.stages.items())

    def failed(self, failure: Failed) -> None:
        """Note a failure that the worker reports itself."""
        stage: StageName = "capture" if failure.reason is Reason.CAMERA_LOST else "score"
        self._stages[stage] = StageStatus(state=StageState.FAILED, detail=failure.detail)

    def worker_lost(self, detail: str, *, next_start_at: datetime | None) -> None:
        """Note that no worker runs now, and when the next is started."""
        self.restarts += 1
        self._next_worker_start_at = next_start_at
        for name in _STAGES:
            self._stages[name] = StageStatus(state=StageState.FAILED, detail=detail)

    def stopped(self) -> None:
        """Note that the room is no longer watched, on purpose."""
        for name in _STAGES:
            self._stages[name] = StageStatus(state=StageState.STOPPED)

    def payload(self, link: Link, now: Moment) -> StatusPayload:
        """Put the whole status together."""
        hello, beat = self._hello, self._beat
        publish = StageStatus(
            state=StageState.FAILED if not link.connected or link.withheld else StageState.OK,
            detail=link.withheld if link.connected else link.failure,
        )
        return StatusPayload(
            room_name=self._room.display_name,
            software=self._software,
            bundle=hello.bundle if hello else None,
            bundle_sha256=hello.bundle_sha256 if hello else None,
            provider_requested=self._provider_requested,
            provider_actual=hello.provider_actual if hello else None,
            precision_requested=self._precision_requested,
            precision_actual=hello.precision_actual if hello else None,
            degraded=hello.degraded if hello else None,
            libraries=hello.libraries if hello else {},
            stages={**self._stages, "publish": publish},
            fps=beat.fps if beat else None,
            dropped_frames=beat.dropped_frames if beat else 0,
            coverage=self.coverage,
            lifeless=beat.lifeless if beat else (),
            latency_p50_ms=self.latency.percentile_ms(50),
            latency_p95_ms=self.latency.percentile_ms(95),
            worker_restarts=self.restarts,
            next_worker_start_at=self._next_worker_start_at,
            config_error=self.config_error,
            record_error=link.record_trouble,
            paused_until=self.paused_until,
            baseline=self.baseline,
            identity=self.identity,
            started_at=self._started_at,
            stream_started_at=beat.stream_started_at if beat else None,
            at=now.wall,
        )
