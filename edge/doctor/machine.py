"""Checks of the machine itself: system libraries, versions, clock."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from edge.doctor.finding import Finding, fail, ok, warn

SYSTEM_LIBRARIES: Final[Mapping[str, str]] = {
    # Library to Debian package. cv2 wants the first two, mediapipe's own library the others.
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGLESv2.so.2": "libgles2",
}

QUIET_RANGES: Final[Mapping[str, tuple[str, str]]] = {
    # From (included) and below (excluded), the same as in pyproject.toml: versions from the upper
    # end on send usage metrics to their vendor.
    "mediapipe": ("0.10.18", "0.10.35"),
    "onnxruntime": ("1.20", "1.29"),
}

RIVALS: Final = ("opencv-python", "opencv-python-headless", "opencv-contrib-python-headless")
"""Each writes into the folder ``cv2`` that mediapipe's opencv-contrib-python owns."""


def system_libraries(load: Callable[[str], object] = ctypes.CDLL) -> Finding:
    """Whether the shared libraries are there that wheels cannot bring along."""
    missing = []
    for name in SYSTEM_LIBRARIES:
        try:
            load(name)
        except OSError:
            missing.append(name)
    if not missing:
        return ok("system libraries", ", ".join(SYSTEM_LIBRARIES))
    packages = " ".join(SYSTEM_LIBRARIES[name] for name in missing)
    return fail(
        "system libraries",
        f"absent: {', '.join(missing)}",
        f"apt-get install {packages} (Debian, Ubuntu)",
    )


def installed_libraries(installed: Callable[[str], str] = version) -> list[Finding]:
    """Whether the libraries that could phone home are of versions that do not."""
    findings = [_in_quiet_range(name, installed) for name in QUIET_RANGES]
    rivals = [name for name in RIVALS if _version(name, installed) is not None]
    if rivals:
        findings.append(
            fail(
                "opencv",
                f"{', '.join(rivals)} beside opencv-contrib-python, in the same folder",
                f"pip uninstall {' '.join(rivals)}; "
                "then pip install --force-reinstall opencv-contrib-python",
            )
        )
    return findings


def _in_quiet_range(name: str, installed: Callable[[str], str]) -> Finding:
    first, end = QUIET_RANGES[name]
    found = _version(name, installed)
    remedy = f"pip install '{name}>={first},<{end}'"
    if found is None:
        return fail(name, "not installed", remedy)
    if _parts(first) <= _parts(found) < _parts(end):
        return ok(name, f"{found}, a version that sends nothing to its vendor")
    if _parts(found) >= _parts(end):
        return fail(name, f"{found}: from {end} on it sends usage metrics to its vendor", remedy)
    return fail(name, f"{found}: older than {first}, never tried", remedy)


def _version(name: str, installed: Callable[[str], str]) -> str | None:
    try:
        return installed(name)
    except PackageNotFoundError:
        return None


def _parts(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockState:
    """What the kernel says of its clock.

    Attributes:
        synchronised: whether a time service keeps it.
        max_error_s: largest error that the kernel reckons with, seconds.
    """

    synchronised: bool
    max_error_s: float


class _Timex(ctypes.Structure):
    # struct timex of <sys/timex.h> up to what is read here; the rest is room for the kernel.
    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


_STA_UNSYNC: Final = 0x0040
"""Status bit of linux/timex.h."""


def kernel_clock() -> ClockState:
    """Ask the kernel whether something keeps its clock (adjtimex, which changes nothing).

    Raises:
        OSError: the kernel does not answer.
    """
    timex = _Timex()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.adjtimex(ctypes.byref(timex)) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return ClockState(synchronised=not timex.status & _STA_UNSYNC, max_error_s=timex.maxerror / 1e6)


def clock(ask: Callable[[], ClockState] = kernel_clock) -> Finding:
    """Whether the wall clock is kept: times in alarms and expiries of readings hang on it."""
    remedy = "enable a time service: apt-get install chrony, or systemctl enable systemd-timesyncd"
    try:
        state = ask()
    except (OSError, AttributeError) as error:
        return warn("clock", f"unknown: the system does not tell ({error})", remedy)
    if not state.synchronised:
        return warn("clock", "no time service keeps it, as far as the kernel knows", remedy)
    return ok("clock", f"synchronised, error at most {state.max_error_s * 1000:.0f} ms")
