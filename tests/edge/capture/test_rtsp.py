"""A real RTSP server, and sockets that behave worse than any server should."""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.capture import Source, open_source
from edge.config import CameraConfig
from edge.config.camera import RtspTransport
from pain.clock import SystemClock
from pain.errors import SourceError, SourceLost
from tests.edge.capture.clips import make_clip
from tests.edge.capture.rtsp import RtspServer, serve

USER, PASSWORD, WRONG_PASSWORD = "nurse", "s3cr3t-pw", "wr0ng-pw"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("rtsp") / "room.mp4", sizes=((320, 240),), frames=100)


@pytest.fixture
def server(clip: Path) -> Iterator[RtspServer]:
    with serve(clip) as server:
        yield server


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def connect(
    uri: str,
    *,
    open_timeout_s: float = 10.0,
    read_timeout_s: float = 5.0,
    transport: RtspTransport = "auto",
) -> Source:
    camera = CameraConfig(
        uri=uri,
        open_timeout_s=open_timeout_s,
        read_timeout_s=read_timeout_s,
        rtsp_transport=transport,
    )
    return open_source(camera, fast=False, clock=SystemClock())


def uri_of(listener: socket.socket, *, user: str = "") -> str:
    return f"rtsp://{user}127.0.0.1:{listener.getsockname()[1]}/room"


def grab_until_it_fails(source: Source) -> None:
    while True:
        source.grab()


def test_pictures_come_in_order_with_monotonic_times(server: RtspServer) -> None:
    source = connect(server.uri())
    frames = [source.read() for _ in range(20)]
    source.close()
    assert {frame.image.shape for frame in frames} == {(240, 320, 3)}
    assert [frame.sequence for frame in frames] == list(range(20))
    times = [frame.captured_s for frame in frames]
    assert times == sorted(times)
    assert source.started is not None
    assert frames[0].captured_s == source.started.monotonic_s
    assert frames[0].image[60, 160] == pytest.approx((255, 0, 0), abs=12)


def test_a_stream_that_ends_is_lost(server: RtspServer) -> None:
    source = connect(server.uri())
    with pytest.raises(SourceLost, match="has ended the stream"):
        grab_until_it_fails(source)
    source.close()


def test_a_stream_that_falls_silent_is_lost_after_the_read_time_out(server: RtspServer) -> None:
    source = connect(server.uri(), read_timeout_s=0.7)
    source.read()
    os.kill(server.pid, signal.SIGSTOP)
    asked_s = time.monotonic()
    with pytest.raises(SourceLost, match=r"has sent nothing for 0\.7 s"):
        grab_until_it_fails(source)
    assert time.monotonic() - asked_s >= 0.7
    source.close()


def test_a_server_that_never_answers_is_given_up(silent: socket.socket) -> None:
    asked_s = time.monotonic()
    with pytest.raises(SourceError, match=r"did not answer within 0\.5 s") as caught:
        connect(uri_of(silent, user=f"{USER}:{PASSWORD}@"), open_timeout_s=0.5)
    assert time.monotonic() - asked_s >= 0.5
    assert PASSWORD not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_closed_port_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        uri = uri_of(listener, user=f"{USER}:{PASSWORD}@")
    with pytest.raises(SourceError, match="refuses the connection") as caught:
        connect(uri)
    assert PASSWORD not in str(caught.value)


def test_an_unknown_path_is_said(server: RtspServer) -> None:
    with pytest.raises(SourceError, match=r"cannot be opened: .*404"):
        connect(server.uri().replace("/room", "/other"))


@pytest.mark.parametrize(
    ("offered", "asked"),
    [("tcp", "auto"), ("udp", "auto"), ("any", "udp"), ("tcp", "tcp"), ("udp", "udp")],
)
def test_pictures_come_over_the_transport_that_the_camera_offers(
    clip: Path, offered: str, asked: RtspTransport
) -> None:
    with serve(clip, transport=offered) as server:
        source = connect(server.uri(), transport=asked)
        assert source.read().image.shape == (240, 320, 3)
        source.close()


@pytest.mark.parametrize(("offered", "asked"), [("udp", "tcp"), ("tcp", "udp")])
def test_a_transport_that_the_camera_refuses_is_said_with_what_to_do(
    clip: Path, offered: str, asked: RtspTransport
) -> None:
    with (
        serve(clip, transport=offered, user=USER, password=PASSWORD) as server,
        pytest.raises(SourceError, match=f"refuses to send over {asked}") as caught,
    ):
        connect(server.uri(user=USER, password=PASSWORD), transport=asked)
    assert "set camera.rtsp_transport to auto" in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_the_password_opens_the_stream(clip: Path) -> None:
    with serve(clip, user=USER, password=PASSWORD) as server:
        source = connect(server.uri(user=USER, password=PASSWORD))
        assert source.read().sequence == 0
        source.close()


def test_a_wrong_password_is_said_and_shown_nowhere(
    clip: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with (
        serve(clip, user=USER, password=PASSWORD) as server,
        pytest.raises(SourceError, match="refuses the user name or password") as caught,
    ):
        connect(server.uri(user=USER, password=WRONG_PASSWORD))
    assert WRONG_PASSWORD not in str(caught.value) + caplog.text
