"""Looks at cameras and models in a process of its own: ``python -m edge.doctor.probe KIND``.

The doctor talks to the broker; who has the network sees no pixels. So everything that opens a
camera or loads native libraries runs here, confined like the daemon's own vision worker. It reads
one JSON object from standard input and answers with one line of JSON; no pixel is part of it.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

from edge.config import CameraConfig, ScoringConfig, TrackingConfig
from edge.config.identity import NO_MODEL, IdentityConfig
from edge.config.source_uri import parse_uri
from edge.quiet import hush
from edge.worker.sandbox import confine
from edge.worker.settings import WorkerSettings
from pain.clock import SystemClock
from pain.errors import ConfigError, PainwatchError, ProviderError
from pain.settings.redact import redact, secrets_of
from pain.values import Frame, NoFace

if TYPE_CHECKING:
    from edge.track import Tracker

FRAMES: Final = 30
LOOK_S: Final = 2.0
"""The frame rate is taken over so many frames or seconds, whichever is reached first."""

FACES_LOOK_S: Final = 12.0
FACES_LIFELESS_AFTER_S: Final = 10.0
FACES_BUDGET_MS: Final = 200.0
"""Faces are looked for so long, and in each frame so long. One that has not moved meanwhile is told
of sooner than in the daemon: here somebody reads it who can look."""

Facts = dict[str, Any]


class Pictures(Protocol):
    """A camera or a file."""

    def read(self) -> Frame:
        """The next picture."""
        ...


def look_at_camera(settings: Mapping[str, Any]) -> Facts:
    """Open the camera and read a few frames.

    Returns:
        width_px, height_px, fps (None with a single frame), brightness (mean 0..255), network.
    """
    camera = CameraConfig.model_validate(settings)
    source_uri = parse_uri(camera.uri)
    network = confine(network=source_uri.needs_network, parent_pid=os.getppid())
    from edge.capture.opening import open_source
    from edge.capture.source import EndOfStream

    source = open_source(camera, fast=False, clock=SystemClock())
    try:
        frame = source.read()
        first_s = last_s = frame.captured_s
        count = 1
        while count < FRAMES and last_s - first_s < LOOK_S:
            try:
                last_s = source.read().captured_s
            except EndOfStream:
                break
            count += 1
    finally:
        source.close()
    span_s = last_s - first_s
    height, width = frame.image.shape[:2]
    return {
        "width_px": width,
        "height_px": height,
        "fps": (count - 1) / span_s if span_s > 0 else None,
        "brightness": float(frame.image.mean()),
        "network": network,
    }


def look_for_faces(settings: Mapping[str, Any]) -> Facts:
    """Watch the room for some seconds as the daemon would, and tell how its faces lie.

    Returns:
        frames, faces (frames with one), roll_deg (of the middle face, None without one), reasons
        (how many frames for each reason why there was none), lifeless (x, y, width and height of
        what looks like a face and has not moved, in shares of the picture).
    """
    told = WorkerSettings.model_validate(settings)
    camera = told.room.camera
    source_uri = parse_uri(camera.uri)
    confine(network=source_uri.needs_network, parent_pid=os.getppid())
    from edge.worker.plotting import without_plotting

    without_plotting()
    from edge.capture.opening import open_source
    from edge.track import Landmarker, Tracker, locate_landmarker

    clock = SystemClock()
    # Nobody waits for the next frame here: each is searched through for longer.
    changes: dict[str, float] = {"acquire_budget_ms": FACES_BUDGET_MS}
    if told.tracking.lifeless_after_s is not None:
        changes["lifeless_after_s"] = FACES_LIFELESS_AFTER_S
    with Landmarker(model=locate_landmarker(told.tracking.landmarker)) as landmarker:
        tracker = Tracker(
            landmarker=landmarker,
            tracking=told.tracking.model_copy(update=changes),
            quality=told.quality,
            zone=told.room.zone,
            masks=told.room.masks,
            want_crop=False,
            clock=clock,
            rotate_deg=camera.rotate,
        )
        source = open_source(camera, fast=False, clock=clock)
        try:
            return room_faces(source, tracker, until_s=clock.now().monotonic_s + FACES_LOOK_S)
        finally:
            source.close()


def room_faces(source: Pictures, tracker: Tracker, *, until_s: float) -> Facts:
    """Watch until a monotonic time (s), or to the end of a file; see ``look_for_faces``."""
    from edge.capture.source import EndOfStream

    reasons: Counter[str] = Counter()
    rolls: list[float] = []
    with suppress(EndOfStream):
        while SystemClock().now().monotonic_s < until_s:
            seen = tracker.track(source.read())
            if isinstance(seen, NoFace):
                reasons[seen.reason] += 1
            else:
                rolls.append(seen.pose.roll_deg)
    return {
        "frames": len(rolls) + sum(reasons.values()),
        "faces": len(rolls),
        "roll_deg": middle_angle(rolls),
        "reasons": dict(reasons),
        "lifeless": [(box.x, box.y, box.width, box.height) for box in tracker.lifeless],
    }


def middle_angle(degrees: list[float]) -> float | None:
    """Direction of the mean of some angles, -180..180 degrees; None without any."""
    if not degrees:
        return None
    radians = [math.radians(angle) for angle in degrees]
    return math.degrees(math.atan2(sum(map(math.sin, radians)), sum(map(math.cos, radians))))


def try_model(settings: Mapping[str, Any]) -> Facts:
    """Load the bundle, verify its hashes and run its golden input.

    Returns:
        bundle, version, sha256, provider and precision (what ran), degraded (why it is not what was
        asked for, else None).
    """
    confine(network=False, parent_pid=os.getppid())
    scoring = ScoringConfig.model_validate(settings)
    from edge.score import Scorer

    scorer = Scorer(bundle_dir=scoring.bundle, scoring=scoring)
    return {
        "bundle": scorer.bundle.name,
        "version": scorer.bundle.version,
        "sha256": scorer.bundle.bundle_sha256,
        "provider": scorer.provider_actual,
        "precision": scorer.precision_actual,
        "degraded": scorer.degraded,
    }


def try_embedding(settings: Mapping[str, Any]) -> Facts:
    """Load a face embedding, verify its hashes and run its golden input.

    Returns:
        bundle, version, dimensions.
    """
    confine(network=False, parent_pid=os.getppid())
    identity = IdentityConfig.model_validate(settings)
    if identity.bundle is None:
        raise ConfigError(NO_MODEL)
    from edge.score.embedding import Embedder

    bundle = Embedder(bundle_dir=identity.bundle, threads=1).bundle
    return {"bundle": bundle.name, "version": bundle.version, "dimensions": bundle.dimensions}


def name_gpu(_settings: Mapping[str, Any]) -> Facts:
    """Ask the driver for the GPU that a native engine would run on.

    Returns:
        gpu, its name.
    """
    confine(network=False, parent_pid=os.getppid())
    from edge.score.cuda import Gpu

    return {"gpu": Gpu().name}


def try_tracker(settings: Mapping[str, Any]) -> Facts:
    """Find the landmark model by its hash and run it on a grey picture.

    Returns:
        path, faces (0 is right).
    """
    confine(network=False, parent_pid=os.getppid())
    tracking = TrackingConfig.model_validate(settings)
    from edge.worker.plotting import without_plotting

    without_plotting()
    import numpy as np

    from edge.track.landmarker import Landmarker
    from edge.track.model_file import locate_landmarker

    path = locate_landmarker(tracking.landmarker)
    with Landmarker(model=path) as landmarker:
        faces = landmarker.detect(np.full((256, 256, 3), 128, np.uint8))
    return {"path": str(path), "faces": len(faces)}


def try_sandbox(_settings: Mapping[str, Any]) -> Facts:
    """Confine this process as the worker is confined.

    Returns:
        network, core_limit_bytes.
    """
    import resource

    network = confine(network=False, parent_pid=os.getppid())
    return {"network": network, "core_limit_bytes": resource.getrlimit(resource.RLIMIT_CORE)[0]}


KINDS: Final[Mapping[str, Callable[[Mapping[str, Any]], Facts]]] = {
    "camera": look_at_camera,
    "faces": look_for_faces,
    "model": try_model,
    "embedding": try_embedding,
    "gpu": name_gpu,
    "tracker": try_tracker,
    "sandbox": try_sandbox,
}


def main(kind: str) -> None:
    """Run one probe and print its answer."""
    hush()
    settings = json.loads(sys.stdin.read())
    try:
        answer: Facts = {"facts": KINDS[kind](settings)}
    except PainwatchError as error:
        camera = settings.get("room", {}).get("camera", settings)
        secrets = secrets_of(str(camera.get("uri", "")))
        absent = isinstance(error, ProviderError)
        answer = {"error": redact(str(error), secrets), "provider_absent": absent}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
