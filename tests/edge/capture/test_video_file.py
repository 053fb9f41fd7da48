"""Real files, good and broken."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from edge.capture import EndOfStream, Source, SourceClosed, open_source
from edge.capture.video_file import VideoFile
from edge.config import CameraConfig
from pain.clock import Clock
from pain.errors import SourceError, SourceLost
from pain.values import Frame
from tests.edge.capture.clips import make_clip, make_sound, picture, turn_clockwise
from tests.edge.capture.clocks import EPOCH, HandClock, TurningEvent


def open_fast(uri: str | Path, clock: Clock | None = None, **settings: object) -> Source:
    camera = CameraConfig.model_validate({"uri": str(uri), **settings})
    return open_source(camera, fast=True, clock=clock or HandClock())


def read_all(source: Source) -> list[Frame]:
    frames = []
    try:
        while True:
            frames.append(source.read())
    except EndOfStream:
        return frames
    finally:
        source.close()


def test_every_picture_comes_with_its_presentation_time(tmp_path: Path) -> None:
    clock = HandClock()
    frames = read_all(open_fast(make_clip(tmp_path / "a.mp4"), clock))
    assert [frame.sequence for frame in frames] == list(range(10))
    assert [frame.captured_s for frame in frames] == pytest.approx(
        [1000 + 0.04 * index for index in range(10)]
    )
    assert (frames[5].wall_time - EPOCH).total_seconds() == pytest.approx(0.2)


def test_pictures_are_upright_rgb_that_may_be_written(tmp_path: Path) -> None:
    frame = read_all(open_fast(f"file://{make_clip(tmp_path / 'a.mp4')}"))[9]
    assert frame.image.shape == (48, 64, 3)
    assert frame.image.dtype == np.uint8
    assert frame.image.flags.c_contiguous
    assert frame.image.flags.writeable
    assert frame.image[10, 30] == pytest.approx((255, 0, 0), abs=12)
    assert frame.image[40, 30] == pytest.approx((0, 0, 90), abs=12)


def test_rotation_metadata_is_obeyed(tmp_path: Path) -> None:
    frame = read_all(open_fast(turn_clockwise(make_clip(tmp_path / "a.mp4"))))[9]
    assert frame.image.shape == (64, 48, 3)
    # The upper half, red, has become the right half.
    assert frame.image[30, 40] == pytest.approx((255, 0, 0), abs=12)
    assert frame.image[30, 10] == pytest.approx((0, 0, 90), abs=12)


def test_pixels_that_are_not_square_are_made_so(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", pixel_aspect=Fraction(3, 2))
    assert read_all(open_fast(clip))[0].image.shape == (48, 96, 3)


def write_with_times(path: Path, times_s: list[float]) -> Path:
    """A recording whose pictures were presented at these times, as its recorder's clock had it."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25, options={"bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for index, at_s in enumerate(times_s):
            frame = av.VideoFrame.from_ndarray(picture(64, 48, index), "rgb24")
            frame.pts, frame.time_base = round(at_s * 1000), Fraction(1, 1000)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return path


@pytest.mark.parametrize("name", ["leap.mp4", "leap.mkv"])
def test_a_recorders_clock_that_leaps_by_hours_lengthens_nothing(tmp_path: Path, name: str) -> None:
    times_s = [0.04 * index + 3 * 3600 * (index >= 10) for index in range(20)]
    frames = read_all(open_fast(write_with_times(tmp_path / name, times_s)))
    assert [frame.captured_s - 1000 for frame in frames] == pytest.approx(
        [0.04 * index for index in range(20)], abs=0.002
    )


@pytest.mark.parametrize("name", ["glued.ts", "without_times.h264"])
def test_the_size_may_change_and_time_runs_on(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    clip = make_clip(tmp_path / name, sizes=((64, 48), (96, 64)))
    frames = read_all(open_fast(clip))
    assert [frame.image.shape[:2] for frame in frames] == [(48, 64)] * 10 + [(64, 96)] * 10
    times = [frame.captured_s - 1000 for frame in frames]
    assert times == pytest.approx([0.04 * index for index in range(20)], abs=0.001)
    (told,) = [record.getMessage() for record in caplog.records]
    assert "changes from 64x48 to 96x64" in told


@pytest.mark.parametrize(
    ("first", "then"), [(Fraction(1), Fraction(3, 2)), (Fraction(3, 2), Fraction(1))], ids=str
)
@pytest.mark.parametrize("name", ["glued.ts", "without_times.h264"])
def test_pixels_may_become_of_another_shape_within_a_stream(
    tmp_path: Path, name: str, first: Fraction, then: Fraction
) -> None:
    pieces = [
        make_clip(tmp_path / f"{index}_{name}", sizes=(size,), pixel_aspect=aspect).read_bytes()
        for index, (size, aspect) in enumerate([((64, 48), first), ((96, 64), then)])
    ]
    clip = tmp_path / name
    clip.write_bytes(b"".join(pieces))
    shapes = [frame.image.shape[:2] for frame in read_all(open_fast(clip))]
    assert shapes == [(48, 64 * first)] * 10 + [(64, 96 * then)] * 10


def test_the_frame_rate_limit_skips_pictures(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=50)
    frames = read_all(open_fast(clip, fps_limit=5))
    assert [frame.captured_s - 1000 for frame in frames] == pytest.approx(
        [0.2 * index for index in range(10)], abs=0.001
    )
    assert [frame.sequence for frame in frames] == list(range(10))


def test_a_loop_starts_again_while_time_runs_on(tmp_path: Path) -> None:
    source = open_fast(make_clip(tmp_path / "a.mp4"), loop=True)
    frames = [source.read() for _ in range(25)]
    source.close()
    assert [frame.captured_s - 1000 for frame in frames] == pytest.approx(
        [0.04 * index for index in range(25)]
    )
    np.testing.assert_array_equal(frames[3].image, frames[23].image)


@pytest.fixture
def paced(tmp_path: Path) -> tuple[VideoFile, HandClock, TurningEvent]:
    clock = HandClock()
    event = TurningEvent(clock)
    video = VideoFile(
        path=make_clip(tmp_path / "a.mp4"),
        fps_limit=25,
        loop=False,
        fast=False,
        clock=clock,
        closing=event,
    )
    return video, clock, event


def test_in_real_time_each_picture_waits_for_its_moment(
    paced: tuple[VideoFile, HandClock, TurningEvent],
) -> None:
    video, clock, event = paced
    for _ in range(10):
        assert video.grab().captured_s == pytest.approx(clock.monotonic_s)
    assert event.waits_s == pytest.approx([0.04] * 9)
    video.close()


def test_a_late_reader_gets_pictures_at_once_with_their_own_time(
    paced: tuple[VideoFile, HandClock, TurningEvent],
) -> None:
    video, clock, event = paced
    video.grab()
    clock.turn(0.2)
    assert [video.grab().captured_s for _ in range(5)] == pytest.approx(
        [1000.04, 1000.08, 1000.12, 1000.16, 1000.2]
    )
    assert event.waits_s == []
    video.close()


def test_an_interrupted_wait_gives_up(paced: tuple[VideoFile, HandClock, TurningEvent]) -> None:
    video, _, _ = paced
    video.grab()
    video.interrupt()
    with pytest.raises(SourceClosed):
        video.grab()
    video.close()


def absent(folder: Path) -> Path:
    return folder / "absent.mp4"


def empty(folder: Path) -> Path:
    (folder / "empty.mp4").touch()
    return folder / "empty.mp4"


def text(folder: Path) -> Path:
    (folder / "words.mp4").write_text("these are words, not pictures\n" * 50)
    return folder / "words.mp4"


def cut_before_index(folder: Path) -> Path:
    clip = make_clip(folder / "cut.mp4", frames=100)
    clip.write_bytes(clip.read_bytes()[:1000])
    return clip


def header_alone(folder: Path) -> Path:
    return make_clip(folder / "none.mkv", frames=0)


def index_without_pictures(folder: Path) -> Path:
    clip = make_clip(folder / "wiped.mp4")
    data = bytearray(clip.read_bytes())
    begin, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    data[begin:end] = bytes(end - begin)
    clip.write_bytes(data)
    return clip


def no_stream(folder: Path) -> Path:
    return make_clip(folder / "none.mp4", frames=0)


def sound(folder: Path) -> Path:
    return make_sound(folder / "sound.m4a")


def device(_: Path) -> Path:
    return Path("/dev/null")


BROKEN: list[tuple[Callable[[Path], Path], str]] = [
    (absent, "does not exist"),
    (lambda folder: folder, "is a folder; name one video file"),
    (empty, "is empty (0 bytes)"),
    (text, "not a video, or cut off or damaged"),
    (cut_before_index, "not a video, or cut off or damaged"),
    (header_alone, "not a video, or cut off or damaged"),
    (index_without_pictures, "holds no picture"),
    (no_stream, "no video stream"),
    (sound, "no video stream (sound only?)"),
    (device, "v4l2:///dev/null"),
]


@pytest.mark.parametrize(("make", "sentence"), BROKEN)
def test_a_broken_file_is_refused_with_a_sentence(
    tmp_path: Path, make: Callable[[Path], Path], sentence: str
) -> None:
    path = make(tmp_path)
    with pytest.raises(SourceError) as caught:
        read_all(open_fast(path))
    assert sentence in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_breaks_off_is_lost_not_ended(tmp_path: Path) -> None:
    clip = make_clip(
        tmp_path / "a.mp4", frames=250, sizes=((320, 240),), options={"movflags": "faststart"}
    )
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size * 6 // 10])
    source = open_fast(clip)
    assert source.read().sequence == 0
    with pytest.raises(SourceLost, match=r"breaks off after \d\.\d s of 10\.0 s"):
        read_all(source)


def test_damage_in_the_middle_costs_pictures_not_the_file(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.ts", frames=100, sizes=((320, 240),))
    data = bytearray(clip.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    clip.write_bytes(data)
    frames = read_all(open_fast(clip))
    assert 60 < len(frames) <= 100
    assert frames[-1].captured_s == pytest.approx(1000 + 99 * 0.04, abs=0.1)


def test_a_live_source_cannot_be_read_fast() -> None:
    with pytest.raises(SourceError, match="only a video file can be read fast"):
        open_fast("v4l2:///dev/video0")
