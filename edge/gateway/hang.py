"""A stage that hangs inside native code while the worker's heart still beats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from edge.worker.messages import StageName
from pain.wire import StageState, StageStatus

HANG_LIMITS_S: Final[Mapping[StageName, float]] = {
    # Added to the time after which the worker itself calls the stage stalled. A thread that hangs
    # in MediaPipe or ONNX Runtime cannot be ended, only its process can.
    "track": 5.0,
    "score": 5.0,
    # The worker gives up a driver that hangs by itself, after its time-outs; this is for a worker
    # that cannot even do that.
    "capture": 60.0,
}


class HangWatch:
    """Judges from a worker's beats whether one of its stages hangs for good."""

    def __init__(self) -> None:
        self._since_s: dict[StageName, float] = {}

    def beat(self, stages: Mapping[StageName, StageStatus], at_s: float) -> str | None:
        """Take one beat.

        Args:
            stages: health of the worker's stages.
            at_s: monotonic time at which it came, seconds.

        Returns:
            A sentence when the worker must be ended.
        """
        for name, stage in stages.items():
            if stage.state is not StageState.STALLED:
                self._since_s.pop(name, None)
                continue
            since_s = self._since_s.setdefault(name, at_s)
            if stage.last_s is not None and at_s - stage.last_s > since_s:
                # It is slow: it did work since then, and stalls on another frame.
                self._since_s[name] = since_s = at_s
            if at_s - since_s >= HANG_LIMITS_S[name]:
                return (
                    f"{name} has hung for {HANG_LIMITS_S[name]:.0f} s and more "
                    f"({stage.detail}); the vision worker was ended"
                )
        return None
