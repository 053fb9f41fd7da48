"""One camera."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pain.settings.section import Section

Rotate = Literal[0, 90, 180, 270]
RtspTransport = Literal["auto", "tcp", "udp"]


class CameraConfig(Section):
    """Where the pictures come from."""

    uri: str = Field(
        min_length=1,
        description=(
            "Source of pictures: v4l2:///dev/video0, rtsp://user:password@host/stream, "
            "file:///path/clip.mp4 or a plain path."
        ),
    )
    fps_limit: float = Field(
        default=25.0, gt=0, le=120, description="Frames a second to look at; the rest is skipped."
    )
    width_px: int | None = Field(
        default=None, ge=160, le=7680, description="Width to ask a V4L2 camera for."
    )
    height_px: int | None = Field(
        default=None, ge=120, le=4320, description="Height to ask a V4L2 camera for."
    )
    rotate: Rotate = Field(
        default=0,
        description=(
            "Degrees clockwise to turn the picture by before anything looks at it; 180 for a "
            "camera that hangs upside down. Zone and masks count on the turned picture."
        ),
    )
    rtsp_transport: RtspTransport = Field(
        default="auto",
        description=(
            "How an RTSP camera sends its pictures. auto: tcp, and udp where the camera refuses "
            "tcp. udp loses packets and must pass every firewall on the way."
        ),
    )
    grey_bits: int | None = Field(
        default=None,
        ge=8,
        le=16,
        description=(
            "Bits that a camera with grey pictures of 16-bit words really uses; null: as its "
            "format says, and fewer where the pictures show that it uses fewer."
        ),
    )
    open_timeout_s: float = Field(
        default=10.0, gt=0, description="Longest wait for the source to open."
    )
    read_timeout_s: float = Field(
        default=5.0, gt=0, description="Longest wait for the next frame before the camera is lost."
    )
    frozen_after_s: float | None = Field(
        default=4.0,
        gt=0,
        description=(
            "Pictures that are equal but for a burned-in clock are camera_lost after this long, s; "
            "null: never. Raise it above the key-frame interval where a camera saves bits on still "
            "scenes."
        ),
    )
    still_after_s: float | None = Field(
        default=20.0,
        ge=5,
        description=(
            "Pictures that differ by no more than an encoder changes one and the same picture are "
            "camera_lost after this long, s, and after 15 times as long where no face is seen; "
            "null: never. Longer than a few breaths: a resident who sleeps moves no more than "
            "that."
        ),
    )
    black_after_s: float | None = Field(
        default=4.0,
        gt=0,
        description=(
            "Black pictures of a camera, or of one plain colour, but for a burned-in clock, are "
            "camera_lost after this long, s; null: never, for a room that is left dark without "
            "infrared light on purpose."
        ),
    )
    loop: bool = Field(
        default=False, description="Start a video file again at its end (demonstrations only)."
    )

    @property
    def is_recording(self) -> bool:
        """Whether it is a video file, which ends, rather than a camera, which goes on."""
        return not self.uri.lower().startswith(("v4l2:", "rtsp:", "rtsps:"))
