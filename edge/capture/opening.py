"""Open whatever source the configuration names."""

from __future__ import annotations

from pathlib import Path

from edge.capture.camera import open_rtsp, open_v4l2
from edge.capture.source import Source
from edge.capture.video_file import VideoFile
from edge.config import CameraConfig
from edge.config.source_uri import SourceKind, parse_uri
from pain.clock import Clock
from pain.errors import SourceError


def open_source(camera: CameraConfig, *, fast: bool, clock: Clock) -> Source:
    """Open a camera or video file.

    Args:
        camera: where the pictures come from.
        fast: give every picture of a file at once instead of in real time.
        clock: source of the present moment.

    Raises:
        SourceError: it cannot be opened; the message says why, without credentials.
    """
    source = parse_uri(camera.uri)
    if source.kind is SourceKind.FILE:
        return VideoFile(
            path=Path(source.location),
            fps_limit=camera.fps_limit,
            loop=camera.loop,
            fast=fast,
            grey_bits=camera.grey_bits,
            clock=clock,
        )
    if fast:
        raise SourceError(f"{source.label} is live; only a video file can be read fast")
    if source.kind is SourceKind.V4L2:
        return open_v4l2(source, camera, clock)
    return open_rtsp(source, camera, clock)
