"""Nothing leaves a box that should not: no packet, no picture, no password.

The real daemon, under strace, watches the bundled clip and a real RTSP camera with a password, and
tells a real broker that asks for one. Every folder it could write to is a fresh one.
"""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import psutil
import pytest
import yaml

from edge.health.file import health_file
from edge.record.read import Wanted, read
from edge.record.verify import verify
from pain.alarms import Condition
from pain.topics import Topics
from tests.brokers import Heard, MosquittoBroker, Recorder, free_port
from tests.edge.capture.rtsp import serve
from tests.edge.gateway.conftest import RESIDENT_CLIP

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]

CANARIES = ("c4n4ry-broker-5d1e", "c4n4ry-camera-77ab")
BROKER_PASSWORD, CAMERA_PASSWORD = CANARIES
ROOT = Path(__file__).parents[2]
CLIP, CAMERA = (Topics(site="home", room=room) for room in ("clip", "camera"))

PATIENCE_S = 120.0

CONNECT = re.compile(r"\b(?:connect|sendto|sendmsg|sendmmsg)\(.*?sa_family=AF_INET6?[^}]*}")
PORT = re.compile(r"sin6?_port=htons\((\d+)\)")
ADDRESS = re.compile(r'inet_(?:addr|pton)\((?:AF_INET6, )?"([^"]+)"')

PICTURES = {
    "JPEG": b"\xff\xd8\xff",
    "PNG": b"\x89PNG\r\n\x1a\n",
    "GIF": b"GIF8",
    "TIFF": b"II*\x00",
    "WebP": b"WEBPVP8",
    "MP4": b"ftypisom",
    "Matroska": b"\x1aE\xdf\xa3",
}


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a whole run left behind."""

    trace: str
    output: str
    command_lines: str
    heard: tuple[Heard, ...]
    metrics: str
    folder: Path
    ports: frozenset[int]


def environment(folder: Path) -> dict[str, str]:
    names = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")
    places = {name: str(folder / name.lower()) for name in names}
    places["RUNTIME_DIRECTORY"] = str(folder / "run")
    places["STATE_DIRECTORY"] = str(folder / "state")
    for place in places.values():
        Path(place).mkdir(parents=True, exist_ok=True)
    return {**os.environ, **places}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, landmarker_path: Path) -> Iterator[Run]:
    base = tmp_path_factory.mktemp("leaks")
    folder, trace, metrics_port = base / "box", base / "trace", free_port()
    users = {"box": BROKER_PASSWORD, "ear": "ear"}
    with (
        MosquittoBroker(base / "broker", users=users) as broker,
        Recorder(broker.port, username="ear", password="ear", patience_s=PATIENCE_S) as ear,  # noqa: S106
        serve(RESIDENT_CLIP, user="cam", password=CAMERA_PASSWORD) as camera,
    ):
        folder.mkdir()
        secret = folder / "broker-password"
        secret.write_text(BROKER_PASSWORD)
        uri = camera.uri(user="cam", password=CAMERA_PASSWORD)
        document = {
            "site": "home",
            "mqtt": {
                "host": "127.0.0.1",
                "port": broker.port,
                "plaintext": True,
                "username": "box",
                "password_file": str(secret),
            },
            "rooms": [
                {"id": "clip", "camera": {"uri": str(RESIDENT_CLIP), "loop": True}},
                {"id": "camera", "camera": {"uri": uri}},
            ],
            "tracking": {"landmarker": str(landmarker_path)},
            "metrics": {"enabled": True, "port": metrics_port},
        }
        config = base / "room.yaml"
        config.write_text(yaml.safe_dump(document))
        process = subprocess.Popen(
            [
                *("strace", "-f", "-qq", "-s", "0", "-o", str(trace)),
                *("-e", "trace=connect,sendto,sendmsg,sendmmsg", "-e", "signal=none"),
                *(sys.executable, "-m", "painwatch", "edge", "run", "-c", str(config)),
                *("--log-level", "debug"),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(folder),
            cwd=ROOT,
        )
        try:
            ear.wait_for(lambda heard: scored(heard, CLIP) and scored(heard, CAMERA))
            ear.wait_for(lambda heard: began(heard, CLIP, Condition.PAIN_MODERATE))
            lines = command_lines(process.pid)
            said = asked(metrics_port)
            os.kill(camera.pid, signal.SIGKILL)
            ear.wait_for(lambda heard: began(heard, CAMERA, Condition.CAMERA_LOST))
        finally:
            # To the daemon, not to strace, which would let go of it.
            for child in (
                Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            ):
                os.kill(int(child), signal.SIGTERM)
            output, _ = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, output
        secret.unlink()
        yield Run(
            trace=trace.read_text(),
            output=output,
            command_lines=lines,
            heard=tuple(ear.messages),
            metrics=said,
            folder=folder,
            ports=frozenset({broker.port, camera.port}),
        )


def scored(heard: list[Heard], topics: Topics) -> bool:
    return any(one.topic == topics.reading and '"level":null' not in one.text for one in heard)


def began(heard: list[Heard], topics: Topics, condition: Condition) -> bool:
    return any(
        one.topic == topics.event
        and f'"condition":"{condition}"' in one.text
        and '"trigger":"onset"' in one.text
        for one in heard
    )


def command_lines(strace: int) -> str:
    """Command lines of strace's whole family, as ``ps`` shows them to everybody."""
    children = psutil.Process(strace).children(recursive=True)
    found = [" ".join(child.cmdline()) for child in children]
    assert sum("edge.worker" in line for line in found) == 2
    return "\n".join(found)


def asked(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_nothing_is_called_but_broker_and_camera(run: Run):
    calls = CONNECT.findall(run.trace)
    assert calls, "strace saw no call at all, so it would have missed any"
    for call in calls:
        port, address = PORT.search(call), ADDRESS.search(call)
        assert port is not None, call
        assert address is not None, call
        assert address[1] in ("127.0.0.1", "::ffff:127.0.0.1"), call
        assert int(port[1]) in run.ports, call


def test_the_models_whose_makers_like_to_know_were_at_work(run: Run):
    said = next(
        one.text for one in run.heard if one.topic == CLIP.status and "mediapipe" in one.text
    )
    assert "onnxruntime" in said
    assert scored(list(run.heard), CLIP)


@pytest.mark.parametrize("canary", CANARIES)
def test_no_password_is_shown_or_kept(run: Run, canary: str):
    places = {
        "output": run.output,
        "ps": run.command_lines,
        "metrics": run.metrics,
        **{one.topic: one.text for one in run.heard},
    }
    for place, text in places.items():
        assert canary not in text, place
    for path in files(run.folder):
        assert canary.encode() not in path.read_bytes(), path
    assert "rtsp://127.0.0.1" in run.output  # the address was shown, without its secret


def test_no_picture_is_on_the_disk(run: Run):
    rows = frame_rows()
    assert files(run.folder / "state"), "the daemon kept nothing at all"
    for path in files(run.folder):
        content = path.read_bytes()
        for kind, magic in PICTURES.items():
            assert not content.startswith(magic), f"{path} is {kind}"
            assert kind == "TIFF" or magic not in content, f"{path} holds {kind}"
        assert not any(row in content for row in rows), f"{path} holds a row of a picture"


def frame_rows() -> list[bytes]:
    """Rows of raw pixels out of frames of the clip, each of many different bytes."""
    found = []
    with av.open(str(RESIDENT_CLIP)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % 25 == 0:
                for form in ("rgb24", "gray"):
                    picture = frame.to_ndarray(format=form)
                    row = picture[picture.shape[0] // 2].tobytes()
                    middle = row[len(row) // 2 : len(row) // 2 + 48]
                    if len(set(middle)) > 8:
                        found.append(middle)
    assert len(found) > 10
    return found


def test_the_record_of_the_run_is_whole(run: Run):
    verdict = verify(run.folder / "state" / "home" / "record")
    assert verdict.flaws == []
    kinds = {fields["kind"] for fields in read(run.folder / "state" / "home" / "record", Wanted())}
    assert kinds >= {"started", "configured", "model", "alarm", "fault", "stopped"}
    assert not (run.folder / "run" / health_file("home", "clip").name).exists()
