"""Live cameras: V4L2 devices and RTSP streams."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Final

from edge.capture.source import Grab, SourceClosed
from edge.capture.timing import RateLimit
from edge.capture.video import TransportRefused, Video
from edge.config import CameraConfig
from edge.config.source_uri import SourceUri
from edge.config.stable_name import cameras_now, is_numbered
from pain.clock import Clock, Moment
from pain.errors import SourceError, SourceLost
from pain.values import Frame

RTSP_OPTIONS: Final = {
    # Half a second of stream is enough to know it; the default of 5 s delays every reconnect.
    "analyzeduration": "500000",
    # Only what RTSP itself needs; nothing a stream says may open files.
    "protocol_whitelist": "rtsp,rtsps,rtp,udp,tcp,tls",
}

TRANSPORT_OPTIONS: Final = {
    # TCP keeps packets in order: nothing is gained by holding them back. Not "nobuffer": it
    # throws away what was read to know the stream, and with it the first key frame.
    "tcp": {"rtsp_transport": "tcp", "max_delay": "0"},
    # A packet that was overtaken on the way is waited for this long, microseconds.
    "udp": {"rtsp_transport": "udp", "max_delay": "100000"},
}

TRANSPORTS: Final = {"auto": ("tcp", "udp"), "tcp": ("tcp",), "udp": ("udp",)}
"""UDP loses packets and passes no firewall, so it comes last; a care home's network has both
troubles."""


class Camera:
    """Pictures of a camera, stamped when they were decoded.

    Args:
        video: the open stream.
        label: the camera for people.
        fps_limit: pictures a second to look at.
        clock: source of the present moment.
    """

    def __init__(self, *, video: Video, label: str, fps_limit: float, clock: Clock) -> None:
        self._video = video
        self._label = label
        self._pictures = video.pictures()
        self._limit = RateLimit(fps=fps_limit)
        self._clock = clock
        self._closing = threading.Event()
        self._started: Moment | None = None
        self._sequence = 0

    @property
    def started(self) -> Moment | None:
        """Moment of the first picture, None before it."""
        return self._started

    def grab(self) -> Grab:
        """Wait for the next picture; see ``Source.grab``."""
        for picture in self._pictures:
            if self._closing.is_set():
                raise SourceClosed
            now = self._clock.now()
            if not self._limit.admits(now.monotonic_s):
                continue
            self._started = self._started or now
            grab = Grab(
                picture=picture,
                captured_s=now.monotonic_s,
                wall_time=now.wall,
                sequence=self._sequence,
            )
            self._sequence += 1
            return grab
        raise SourceLost(f"{self._label} has ended the stream")

    def read(self) -> Frame:
        """Wait for the next picture and convert it."""
        return self.grab().to_frame()

    def interrupt(self) -> None:
        """Make ``grab`` give up at the next picture or time-out."""
        self._closing.set()

    def close(self) -> None:
        """Release the camera."""
        self._closing.set()
        self._video.close()


def open_rtsp(source: SourceUri, camera: CameraConfig, clock: Clock) -> Camera:
    """Connect to a network camera.

    Raises:
        SourceError: it does not answer, refuses, or sends no video.
    """
    refused: list[str] = []
    for transport in TRANSPORTS[camera.rtsp_transport]:
        try:
            video = Video(
                location=source.location,
                label=source.label,
                options={**RTSP_OPTIONS, **TRANSPORT_OPTIONS[transport]},
                open_timeout_s=camera.open_timeout_s,
                read_timeout_s=camera.read_timeout_s,
                grey_bits=camera.grey_bits,
                clock=clock,
            )
        except TransportRefused:
            refused.append(transport)
        except SourceError as error:
            if not refused:
                raise
            raise SourceError(
                f"{error} (it refuses {' and '.join(refused)}; over {transport}, its packets must "
                "pass every firewall on the way)"
            ) from None
        else:
            return Camera(video=video, label=source.label, fps_limit=camera.fps_limit, clock=clock)
    remedy = (
        "switch on RTSP over TCP in the camera's own settings"
        if camera.rtsp_transport == "auto"
        else "set camera.rtsp_transport to auto"
    )
    raise SourceError(
        f"{source.label} refuses to send over {' and over '.join(refused)} (RTSP 461); {remedy}"
    )


def open_v4l2(source: SourceUri, camera: CameraConfig, clock: Clock) -> Camera:
    """Open a local camera.

    Raises:
        SourceError: it is absent, in use, forbidden, or no camera.
    """
    _check_device(Path(source.location))
    wanted = {"framerate": f"{camera.fps_limit:g}"}
    if camera.width_px is not None and camera.height_px is not None:
        wanted["video_size"] = f"{camera.width_px}x{camera.height_px}"
    video = _open_first(
        source,
        camera,
        clock,
        # USB 2 carries HD at full rate only compressed; a camera without MJPEG, or without the
        # size and rate asked for, is taken as it comes.
        ({**wanted, "input_format": "mjpeg"}, wanted, {}),
    )
    return Camera(video=video, label=source.label, fps_limit=camera.fps_limit, clock=clock)


def _open_first(
    source: SourceUri, camera: CameraConfig, clock: Clock, attempts: tuple[dict[str, str], ...]
) -> Video:
    failure: SourceError | None = None
    for options in attempts:
        try:
            return Video(
                location=source.location,
                label=source.label,
                format_name="v4l2",
                options=options,
                open_timeout_s=camera.open_timeout_s,
                read_timeout_s=camera.read_timeout_s,
                grey_bits=camera.grey_bits,
                clock=clock,
            )
        except SourceError as error:
            failure = error
    assert failure is not None  # noqa: S101  (there is at least one attempt)
    raise failure


def _check_device(path: Path) -> None:
    """Say what is wrong with a device in words that FFmpeg does not have."""
    if not path.exists():
        raise SourceError(f"there is no camera at {path}; is it plugged in? {_what_is_there(path)}")
    if not path.is_char_device():
        raise SourceError(f"{path} is no device; a camera is /dev/video0 or the like")
    try:
        os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
    except PermissionError as error:
        raise SourceError(
            f"no permission to use the camera {path}; add this user to the group 'video'"
        ) from error
    except OSError as error:
        raise SourceError(f"the camera {path} cannot be opened: {error.strerror}") from error


def _what_is_there(wanted: Path) -> str:
    """What to look for where a camera is gone, which may be back under another number."""
    links = cameras_now()
    if not links:
        return "'ls /dev/video*' shows what is there"
    if not is_numbered(str(wanted)):
        return f"These are plugged in: {', '.join(map(str, links))}"
    named = ", ".join(f"v4l2://{link} (now {link.resolve()})" for link in links)
    return (
        "A camera that was plugged in again may have another number. Name it in the config by "
        f"what stays: {named}"
    )
