"""FFmpeg (through PyAV) behind one border: open, decode, convert; its errors become ours."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, cast

import av
import av.logging
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from edge.capture.depth import WORDS, GreyDepth
from pain.clock import Clock
from pain.errors import SourceError, SourceLost

DECODER_THREADS: Final = 1
"""1080p H.264 at 25 fps takes a fraction of a core; frame threads would add delay per thread."""

FALLBACK_FPS: Final = 25.0
"""For streams that do not say how fast they run."""

QUARTER_TURN_DEG: Final = 90

_log = logging.getLogger(__name__)

# PyAV drops FFmpeg's log unless told otherwise; errors go to the logger "libav". Warnings would
# be a line per lost packet of a bad line.
av.logging.set_level(av.logging.ERROR)


class TransportRefused(SourceError):
    """An RTSP camera does not send over the transport that it was asked for (status 461)."""


@dataclass(frozen=True, slots=True)
class DecodedPicture:
    """A picture in the camera's own pixel format.

    Attributes:
        frame: as decoded.
        pixel_aspect: width of one pixel over its height.
        depth: how many bits of 16-bit grey words the stream uses.
    """

    frame: VideoFrame
    pixel_aspect: float
    depth: GreyDepth

    def to_rgb(self) -> npt.NDArray[np.uint8]:
        """Convert to uint8 (H, W, 3) RGB with square pixels, turned as its metadata asks."""
        # Older cameras send 704x576 for a 4:3 picture; a squeezed face has other landmarks.
        width = round(self.frame.width * self.pixel_aspect)
        if self.frame.format.name in WORDS:
            words = self.frame.to_ndarray(format="gray16le", width=width)
            grey = self.depth.to_bytes(cast("npt.NDArray[np.uint16]", words))
            image = np.repeat(grey[:, :, None], 3, axis=2)
        else:
            rgb = self.frame.to_ndarray(format="rgb24", width=width)
            image = cast("npt.NDArray[np.uint8]", rgb)
        # Degrees counter-clockwise, the direction in which rot90 turns.
        quarter_turns = round(self.frame.rotation / QUARTER_TURN_DEG) % 4
        if quarter_turns:
            image = np.rot90(image, quarter_turns)
        return np.ascontiguousarray(image)

    @property
    def presented_s(self) -> float | None:
        """Presentation time in seconds, None when the stream gives none."""
        if self.frame.pts is None or self.frame.time_base is None:
            return None
        return float(self.frame.pts * self.frame.time_base)


class Video:
    """An open container and the one video stream of it that is looked at.

    Args:
        location: what FFmpeg opens; may hold a password.
        label: the same for people.
        format_name: FFmpeg's input format, None to recognise it.
        options: FFmpeg options.
        open_timeout_s: longest wait for the stream to open, None for files.
        read_timeout_s: longest wait for the next picture, None for files.
        grey_bits: bits that 16-bit grey words hold, None to see for itself.
        clock: source of the present moment.

    Raises:
        SourceError: it cannot be opened or holds no video.
    """

    def __init__(
        self,
        *,
        location: str,
        label: str,
        format_name: str | None = None,
        options: Mapping[str, str] | None = None,
        open_timeout_s: float | None = None,
        read_timeout_s: float | None = None,
        grey_bits: int | None = None,
        clock: Clock,
    ) -> None:
        self._label = label
        self._depth = GreyDepth(bits=grey_bits, label=label)
        self._open_timeout_s = open_timeout_s
        self._read_timeout_s = read_timeout_s
        self._clock = clock
        began_s = clock.now().monotonic_s
        try:
            self._container: InputContainer = av.open(
                location,
                format=format_name,
                options=dict(options or {}),
                timeout=(open_timeout_s, read_timeout_s),
            )
        except (av.FFmpegError, OSError, ValueError) as error:
            waited_s = clock.now().monotonic_s - began_s
            if open_timeout_s is not None and waited_s >= open_timeout_s:
                # FFmpeg reports an interrupted opening as "invalid data".
                raise SourceError(
                    f"{label} did not answer within {open_timeout_s:g} s; "
                    "is the camera switched on and reachable?"
                ) from None
            # "from None": the library's error carries the URL with its password.
            if getattr(error, "errno", None) == errno.EPROTONOSUPPORT:
                raise TransportRefused(_why_not_opened(label, error)) from None
            raise SourceError(_why_not_opened(label, error)) from None
        try:
            self._stream = _video_stream(self._container, label)
        except SourceError:
            self._container.close()
            raise
        self._stream.thread_count = DECODER_THREADS
        self._size: tuple[int, int] | None = None
        self._first_aspect: Fraction | None = None
        self._aspect: Fraction | None = None

    @property
    def interval_s(self) -> float:
        """Nominal time between pictures, seconds."""
        rate = self._stream.average_rate or self._stream.guessed_rate
        return 1.0 / (float(rate) if rate else FALLBACK_FPS)

    def _notice_size(self, width: int, height: int) -> None:
        before, self._size = self._size, (width, height)
        if before is not None and before != self._size:
            _log.warning(
                "%s: the picture changes from %dx%d to %dx%d; check that zone and masks still fit",
                *(self._label, *before, *self._size),
            )

    def _pixel_aspect(self, frame: VideoFrame) -> float:
        """Width of a pixel over its height, in a picture that was just decoded."""
        codec = self._stream.codec_context
        # The decoder is some pictures ahead of what it gives out: where it has gone over to
        # another size, this picture is one of those before.
        if self._aspect is None or (frame.width, frame.height) == (codec.width, codec.height):
            decoded = codec.sample_aspect_ratio or Fraction(1)
            # The container's word stands above the codec's, but is one for the whole stream: it
            # holds until the camera changes over to other pixels.
            self._first_aspect = self._first_aspect or decoded
            changed = decoded != self._first_aspect
            self._aspect = decoded if changed else self._stream.sample_aspect_ratio or decoded
        return float(self._aspect)

    @property
    def declared_length_s(self) -> float | None:
        """Length that the file's own index states, None when it has none.

        Only the MP4 family is believed: other containers give guesses from the bit rate.
        """
        stream = self._stream
        if stream.duration is None or stream.time_base is None:
            return None
        if "mp4" not in self._container.format.name:
            return None
        return float(stream.duration * stream.time_base)

    def pictures(self) -> Iterator[DecodedPicture]:
        """Decode until the end of the stream.

        Packets that do not decode are skipped: the next key frame mends the picture.

        Raises:
            SourceLost: reading failed, or took longer than the read time-out.
        """
        heard_s = self._clock.now().monotonic_s
        # A stream joined between two key frames shows nothing until the next one.
        patience_s = self._read_timeout_s
        if patience_s is not None and self._open_timeout_s is not None:
            patience_s += self._open_timeout_s
        for packet in self._packets():
            try:
                frames = packet.decode()
            except av.FFmpegError as error:
                _log.debug("%s: a packet does not decode: %s", self._label, error.strerror)
                frames = []
            for frame in frames:
                self._notice_size(frame.width, frame.height)
                yield DecodedPicture(frame, self._pixel_aspect(frame), self._depth)
            now_s = self._clock.now().monotonic_s
            if frames:
                heard_s = now_s
                patience_s = self._read_timeout_s
            elif patience_s is not None and now_s - heard_s > patience_s:
                raise SourceLost(f"{self._label} sends data but no picture for {patience_s:g} s")

    def rewind(self) -> None:
        """Go back to the first picture.

        Raises:
            SourceLost: the file cannot be read again.
        """
        try:
            self._container.seek(0)
        except av.FFmpegError as error:
            raise SourceLost(f"{self._label} cannot be played again: {error.strerror}") from None

    def close(self) -> None:
        """Release it."""
        self._container.close()

    def _packets(self) -> Iterator[av.Packet[VideoStream]]:
        packets = self._container.demux(self._stream)
        while True:
            asked_s = self._clock.now().monotonic_s
            try:
                packet = next(packets)
            except StopIteration:
                return
            except (av.FFmpegError, OSError) as error:
                waited_s = self._clock.now().monotonic_s - asked_s
                if self._read_timeout_s is not None and waited_s >= self._read_timeout_s:
                    raise SourceLost(
                        f"{self._label} has sent nothing for {self._read_timeout_s:g} s"
                    ) from None
                raise SourceLost(
                    f"{self._label} cannot be read any further: {error.strerror}"
                ) from None
            yield packet


def _video_stream(container: InputContainer, label: str) -> VideoStream:
    for stream in container.streams.video:
        # The cover of a sound file is a video stream to FFmpeg.
        if not stream.disposition & Disposition.attached_pic:
            return stream
    raise SourceError(f"{label} holds no video stream (sound only?); use a video")


def _why_not_opened(label: str, error: Exception) -> str:
    if isinstance(error, av.error.HTTPUnauthorizedError):
        return f"{label} refuses the user name or password; check them in the source's address"
    if isinstance(error, av.error.InvalidDataError | av.error.EOFError):
        return f"{label} is no video that can be read: not a video, or cut off or damaged"
    if isinstance(error, ConnectionRefusedError):
        return f"{label} refuses the connection; is that the camera's address and port?"
    if getattr(error, "errno", None) == errno.EBUSY:
        return f"the camera {label} is in use; 'fuser {label}' shows by which program"
    why = getattr(error, "strerror", None) or type(error).__name__
    return f"{label} cannot be opened: {why}"
