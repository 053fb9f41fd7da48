"""The whole daemon as installed: latency from capture to publishing, CPU for each camera."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
import numpy as np
import psutil
import yaml
from paho.mqtt.client import Client, MQTTMessage

from edge.config import MqttConfig
from edge.demo.broker import HOST, EmbeddedBroker
from pain.broker.client import build_client
from pain.errors import InternalError
from pain.topics import Topics
from pain.wire import StatusPayload

_TOPICS: Final = Topics(site="bench", room="room")
_START_WITHIN_S: Final = 60.0
_WARM_UP_S: Final = 12.0
"""The face is acquired, and the latency window of 256 frames fills with follow frames."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonCost:
    """What one camera costs.

    Attributes:
        camera_fps: frames a second that the camera gives.
        scored_fps: frames a second that were scored.
        dropped_frames: frames skipped in the measured time, since newer ones had come.
        worker_cores: processor cores used by the vision worker.
        gateway_cores: processor cores used by the gateway.
        latency_p50_ms: capture to the smoothed reading in the gateway.
        latency_p95_ms: the same, 95th percentile.
        worker_mib: resident memory of the worker.
    """

    camera_fps: float
    scored_fps: float
    dropped_frames: int
    worker_cores: float
    gateway_cores: float
    latency_p50_ms: float
    latency_p95_ms: float
    worker_mib: float


class StatusListener:
    """Keeps the newest status and lets others wait for the next."""

    def __init__(self, port: int) -> None:
        self._changed = threading.Condition()
        self._status: StatusPayload | None = None
        self._client: Client = build_client(
            MqttConfig(host=HOST, port=port, plaintext=True, protocol="3.1.1"),
            "bench",
            keep_session=False,
        )
        self._client.on_message = self._hear
        self._client.on_connect = lambda client, *_: client.subscribe(_TOPICS.status, qos=1)
        self._client.loop_start()

    def _hear(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        with self._changed:
            self._status = StatusPayload.model_validate_json(message.payload)
            self._changed.notify_all()

    def scoring(self) -> StatusPayload:
        """Wait until frames are scored."""
        with self._changed:
            if not self._changed.wait_for(
                lambda: self._status is not None and bool(self._status.fps), _START_WITHIN_S
            ):
                raise InternalError("the daemon scored no frame of the benchmark's clip")
            assert self._status is not None  # noqa: S101  (waited for)
            return self._status

    def newer(self, than: StatusPayload) -> StatusPayload:
        """Wait for the status after this one."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._status != than, _START_WITHIN_S):
                raise InternalError("the daemon fell silent during the benchmark")
            assert self._status is not None  # noqa: S101  (waited for)
            return self._status

    def close(self) -> None:
        """End its connection."""
        self._client.disconnect()
        self._client.loop_stop()


def measure_daemon(
    *, clip: Path, width_px: int, height_px: int, fps: float, duration_s: float
) -> DaemonCost:
    """Run the installed daemon on a camera of that size and rate, and look at it from outside.

    Args:
        clip: a video with one face; it is repeated as long as needed.
        width_px: width of the camera's pictures.
        height_px: height of the camera's pictures.
        fps: frames a second of the camera.
        duration_s: time to measure after the warm-up.

    Returns:
        The daemon's costs.

    Raises:
        InternalError: the daemon scored nothing or fell silent.
    """
    with tempfile.TemporaryDirectory() as folder, EmbeddedBroker() as broker:
        camera = Path(folder) / "camera.mp4"
        _film(clip, camera, width_px=width_px, height_px=height_px, fps=fps)
        config = Path(folder) / "bench.yaml"
        text = config_text(camera=camera, port=broker.port, fps=fps, state=Path(folder) / "state")
        config.write_text(text, encoding="utf-8")
        listener = StatusListener(broker.port)
        try:
            with running_daemon(config) as gateway:
                listener.scoring()
                threading.Event().wait(_WARM_UP_S)
                return _measure(gateway, listener, fps=fps, duration_s=duration_s)
        finally:
            listener.close()


def _measure(
    gateway: psutil.Process, listener: StatusListener, *, fps: float, duration_s: float
) -> DaemonCost:
    (worker,) = gateway.children()
    before = listener.newer(listener.scoring())
    started_s = {process.pid: _cpu_s(process) for process in (gateway, worker)}
    threading.Event().wait(duration_s)
    used_s = {
        process.pid: _cpu_s(process) - started_s[process.pid] for process in (gateway, worker)
    }
    after = listener.newer(listener.scoring())
    return DaemonCost(
        camera_fps=fps,
        scored_fps=after.fps or 0.0,
        dropped_frames=after.dropped_frames - before.dropped_frames,
        worker_cores=used_s[worker.pid] / duration_s,
        gateway_cores=used_s[gateway.pid] / duration_s,
        latency_p50_ms=after.latency_p50_ms or float("nan"),
        latency_p95_ms=after.latency_p95_ms or float("nan"),
        worker_mib=worker.memory_info().rss / 2**20,
    )


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@contextmanager
def running_daemon(config: Path) -> Iterator[psutil.Process]:
    """``painwatch edge run`` on a config file; it is asked to end at the end."""
    command = [sys.executable, "-m", "painwatch", "edge", "run", "-c", str(config)]
    with subprocess.Popen([*command, "--log-level", "error"]) as process:  # noqa: S603
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


def config_text(*, camera: Path, port: int, fps: float, state: Path) -> str:
    """YAML of one room on a clip that is played again and again.

    Args:
        camera: the clip.
        port: the broker's port on loopback.
        fps: frames a second of the clip.
        state: folder for what outlives a restart.
    """
    return yaml.safe_dump(
        {
            "site": _TOPICS.site,
            "mqtt": {"host": HOST, "port": port, "plaintext": True, "protocol": "3.1.1"},
            "rooms": [
                {
                    "id": _TOPICS.room,
                    "camera": {"uri": str(camera), "loop": True, "fps_limit": max(fps, 25.0)},
                }
            ],
            "storage": {"folder": str(state)},
        }
    )


def _film(clip: Path, out: Path, *, width_px: int, height_px: int, fps: float) -> None:
    """Write the clip again as a camera of that size and rate would send it (H.264)."""
    with av.open(str(clip)) as source, av.open(str(out), "w") as target:
        stream = target.add_stream("libx264", rate=round(fps), options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
        due_s = 0.0
        for picture in source.decode(video=0):
            if (picture.time or 0.0) + 1e-6 < due_s:
                continue
            due_s += 1.0 / fps
            scaled = picture.reformat(width=width_px, height=height_px, format="rgb24")
            pixels = np.asarray(scaled.to_ndarray(), np.uint8)
            target.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        target.mux(stream.encode(None))
