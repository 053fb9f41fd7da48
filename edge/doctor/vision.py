"""Checks of cameras, models and the worker's confinement."""

from __future__ import annotations

from typing import Final

from edge.config import EdgeConfig, RoomConfig, ScoringConfig, TrackingConfig
from edge.doctor.finding import Finding, fail, ok, warn
from edge.doctor.prober import PROBE_TIMEOUT_S, probe
from edge.worker.settings import WorkerSettings
from pain.errors import InternalError, ProviderError, UsageError
from pain.settings.redact import redact, secrets_of

DARK_BELOW: Final = 12.0
"""Mean brightness 0..255 of a covered lens or a night camera without its lamp."""

_OTHER_PROVIDER: Final = (
    "install what is missing, or set scoring.provider and scoring.precision to what runs"
)

SLOW_BELOW_FPS: Final = 5.0
"""Expressions of pain come up within half a second; fewer frames than this may miss one."""

UPRIGHT_WITHIN_DEG: Final = 50.0
"""Heads lean this far in chairs; what rolls more lies, or the camera hangs turned."""


def landmarker(tracking: TrackingConfig) -> Finding:
    """Whether the face landmark model is there, is the one we trust, and runs."""
    check = "face landmarker"
    try:
        facts = probe("tracker", tracking, timeout_s=PROBE_TIMEOUT_S)
    except UsageError as error:
        return fail(check, str(error), "painwatch models fetch")
    except InternalError as error:
        return fail(check, str(error), "mend the system libraries and versions above first")
    return ok(check, f"runs; hash as expected: {facts['path']}")


def pain_model(scoring: ScoringConfig) -> Finding:
    """Whether the bundle is untouched and runs on the provider and precision asked for.

    A provider that compiles engines does it here, so that the daemon's start finds them.
    """
    check = "pain model"
    try:
        facts = probe("model", scoring, timeout_s=scoring.start_limit_s(PROBE_TIMEOUT_S))
    except ProviderError as error:
        return fail(check, str(error), _OTHER_PROVIDER)
    except UsageError as error:
        return fail(check, str(error), "install the bundle again, or correct section 'scoring'")
    except InternalError as error:
        return fail(check, str(error), "mend the versions above first")
    found = (
        f"{facts['bundle']} {facts['version']}, hashes right, golden input right, "
        f"runs on {facts['provider']} {facts['precision']} "
        f"(asked for: {scoring.provider} {scoring.precision})"
    )
    if facts["degraded"] is not None:
        return warn(
            check,
            f"{found}. {facts['degraded']}",
            _OTHER_PROVIDER,
        )
    return ok(check, found)


def embedding(room: RoomConfig) -> Finding:
    """Whether the bundle that tells this room's resident from visitors is untouched and runs."""
    check = f"face embedding of {room.id}"
    try:
        facts = probe("embedding", room.identity, timeout_s=PROBE_TIMEOUT_S)
    except UsageError as error:
        remedy = "'painwatch export embedding' makes one; or set identity.enabled to false"
        return fail(check, str(error), remedy)
    except InternalError as error:
        return fail(check, str(error), "mend the versions above first")
    return ok(
        check,
        f"{facts['bundle']} {facts['version']}, hashes right, golden input right, "
        f"{facts['dimensions']} numbers a face",
    )


def confinement() -> Finding:
    """Whether this system lets the vision worker be cut off from network and core dumps."""
    check = "worker sandbox"
    try:
        facts = probe("sandbox", None, timeout_s=PROBE_TIMEOUT_S)
    except (UsageError, InternalError) as error:
        return fail(check, str(error), "apt-get install libseccomp2")
    if facts["core_limit_bytes"] != 0:
        return fail(check, "core dumps stay possible", "set LimitCORE=0 in the service unit")
    return ok(check, f"network {facts['network']}; core dumps off")


def camera(room: RoomConfig) -> Finding:
    """Whether the room's camera opens and gives frames."""
    check = f"camera of {room.id}"
    settings = room.camera
    uri = redact(settings.uri, secrets_of(settings.uri))
    timeout_s = PROBE_TIMEOUT_S + settings.open_timeout_s + settings.read_timeout_s
    try:
        facts = probe("camera", settings, timeout_s=timeout_s)
    except UsageError as error:
        return fail(check, str(error), f"check cable, power and the address in the config: {uri}")
    except InternalError as error:
        return fail(check, str(error), f"unplug the camera and plug it in again: {uri}")
    fps = facts["fps"]
    found = f"{facts['width_px']}x{facts['height_px']}"
    found += " px, one frame only" if fps is None else f" px at {fps:.1f} fps"
    if facts["brightness"] < DARK_BELOW:
        return warn(check, f"{found}, but the picture is black", "uncover the lens, give it light")
    if fps is not None and fps < SLOW_BELOW_FPS:
        return warn(check, f"{found}: slow", "more light, or a smaller picture size")
    return ok(check, found)


def faces(room: RoomConfig, config: EdgeConfig) -> Finding:
    """Whether faces are seen in the room now, and the right way up."""
    check = f"faces in {room.id}"
    settings = WorkerSettings.of(room=room, config=config, fast=False)
    timeout_s = PROBE_TIMEOUT_S + room.camera.open_timeout_s + room.camera.read_timeout_s
    try:
        facts = probe("faces", settings, timeout_s=timeout_s)
    except UsageError as error:
        return fail(check, str(error), "mend the camera or the face landmarker first")
    except InternalError as error:
        return fail(check, str(error), "mend the camera or the face landmarker first")
    if facts["lifeless"]:
        places = " and at ".join(_place(*box) for box in facts["lifeless"])
        return warn(
            check,
            f"what looks like a face at {places} has not moved for ten seconds: a picture, a doll, "
            "or somebody fast asleep",
            "if it is no resident, leave it out of zone, mask it or cover it: docs/placing.md",
        )
    roll_deg = facts["roll_deg"]
    if roll_deg is None:
        why = ", ".join(f"{reason} {count}" for reason, count in facts["reasons"].items())
        return ok(check, f"none in {facts['frames']} frames ({why}); run again when somebody is in")
    found = f"a face in {facts['faces']} of {facts['frames']} frames"
    if abs(roll_deg) <= UPRIGHT_WITHIN_DEG:
        return ok(check, f"{found}, the right way up")
    turn_by = round(roll_deg / 90) % 4 * 90
    rotate = (room.camera.rotate + turn_by) % 360
    lies = "upside down" if turn_by == 180 else "on its side"  # noqa: PLR2004
    return warn(
        check,
        f"{found}, but it is {lies} (rolled by {roll_deg:.0f} degrees); it is read all the same",
        f"if the camera hangs turned, set camera.rotate: {rotate}; if the head lies so, leave it",
    )


def _place(x: float, y: float, width: float, height: float) -> str:
    """A rectangle in the numbers that zone and masks are written in."""
    return f"x {x:.2f} to {x + width:.2f}, y {y:.2f} to {y + height:.2f}"
