"""The real worker process: real video, real MediaPipe, real ONNX Runtime."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from edge.config import EdgeConfig
from edge.worker.handle import WorkerHandle
from edge.worker.messages import Beat, Ended, Failed, Hello, Message, ReadingMessage
from pain.errors import WorkerError
from pain.values import Reading, Reason, Score, Unavailable
from pain.wire import StageState
from tests.edge.capture.clips import make_clip
from tests.edge.capture.rtsp import serve
from tests.edge.score.conftest import Recipe, make_bundle
from tests.edge.worker.conftest import RESIDENT_CLIP, SOON_S, StartWorker

RIGHT, WRONG = "s3cr3t-right", "s3cr3t-wrong"


def is_reading(message: Message) -> bool:
    return isinstance(message, ReadingMessage)


def is_scored(message: Message) -> bool:
    return isinstance(message, ReadingMessage) and isinstance(message.reading.outcome, Score)


def is_failed(message: Message) -> bool:
    return isinstance(message, Failed)


def readings(messages: list[Message]) -> list[Reading]:
    return [message.reading for message in messages if isinstance(message, ReadingMessage)]


def hello_of(messages: list[Message]) -> Hello:
    (hello,) = [message for message in messages if isinstance(message, Hello)]
    return hello


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A clip without a face, to be looped."""
    return make_clip(tmp_path / "clip.mp4", sizes=((320, 240),), frames=50)


def test_a_resident_is_watched_from_hello_to_the_end(start_worker: StartWorker) -> None:
    worker = start_worker(RESIDENT_CLIP, fast=True, bundle=None, fps_limit=5)
    heard = worker.hear_out()
    assert worker.exitcode == 0

    assert isinstance(heard[0], Hello)
    hello = hello_of(heard)
    assert hello.provider_requested == hello.provider_actual == "cpu"
    assert hello.network.startswith("none: ")
    assert set(hello.libraries) == {"mediapipe", "onnxruntime", "av", "numpy"}
    assert heard[-1] == Ended()
    assert not any(map(is_failed, heard))

    seen = readings(heard)
    assert [reading.sequence for reading in seen] == list(range(len(seen)))
    assert all(a.captured_s < b.captured_s for a, b in pairwise(seen))
    for first, reading in ((seen[0], reading) for reading in seen):
        passed = (reading.wall_time - first.wall_time).total_seconds()
        assert passed == pytest.approx(reading.captured_s - first.captured_s, abs=1e-5)
    scored = [reading for reading in seen if isinstance(reading.outcome, Score)]
    assert len(scored) >= 0.95 * len(seen)
    assert all(reading.face_height_px is not None for reading in scored)

    beats = [message for message in heard if isinstance(message, Beat)]
    assert beats[-1].stages["score"].state is StageState.OK
    assert beats[-1].dropped_frames == 0
    assert beats[-1].stream_started_at == seen[0].wall_time


def test_a_failing_model_is_told_once_and_never_a_level(
    start_worker: StartWorker, tmp_path: Path
) -> None:
    make_bundle(tmp_path / "broken", Recipe(nan_above=0.5))
    worker = start_worker(RESIDENT_CLIP, fast=True, bundle=tmp_path / "broken", fps_limit=2)
    heard = worker.hear_out()
    assert worker.exitcode == 0
    (failed,) = filter(is_failed, heard)
    assert isinstance(failed, Failed)
    assert (failed.reason, failed.fatal) == (Reason.MODEL_FAILED, False)
    outcomes = [reading.outcome for reading in readings(heard)]
    assert not any(isinstance(outcome, Score) for outcome in outcomes)
    assert Unavailable(reason=Reason.MODEL_FAILED) in outcomes


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        # The package is absent here, so its refusal is real; nothing of TensorRT itself was run.
        ({"provider": "tensorrt-native"}, "tensorrt-native fp32 was asked for, cpu fp32 runs. "),
        ({"precision": "int8"}, "cpu int8 was asked for, cpu fp32 runs. cpu int8: "),
    ],
)
def test_what_cannot_prove_itself_gives_way_and_the_resident_stays_watched(
    start_worker: StartWorker, tmp_path: Path, asked: dict[str, object], why: str
) -> None:
    make_bundle(tmp_path / "bundle", Recipe(other_graphs=(("int8", 3.5),)))
    scoring = {**asked, "engines": tmp_path / "engines"}
    worker = start_worker(
        RESIDENT_CLIP, fast=True, bundle=tmp_path / "bundle", scoring=scoring, fps_limit=2
    )
    heard = worker.hear_until(is_scored)
    hello = hello_of(heard)
    assert hello.provider_requested == asked.get("provider", "cpu")
    assert (hello.provider_actual, hello.precision_actual) == ("cpu", "fp32")
    assert str(hello.degraded).startswith(why)
    outcome = readings(heard)[-1].outcome
    assert isinstance(outcome, Score)
    assert outcome.level == pytest.approx(3.0, abs=1e-5)
    assert not any(map(is_failed, heard))


def test_without_fallback_a_wrong_graph_ends_the_worker(
    start_worker: StartWorker, tmp_path: Path
) -> None:
    make_bundle(tmp_path / "bundle", Recipe(other_graphs=(("int8", 3.5),), preferred="int8"))
    worker = start_worker(
        RESIDENT_CLIP, fast=True, bundle=tmp_path / "bundle", scoring={"fallback": False}
    )
    (failed,) = worker.hear_out()
    assert isinstance(failed, Failed)
    assert (failed.reason, failed.fatal) == (Reason.MODEL_FAILED, True)
    assert "model.int8.onnx: does not compute on 'cpu'" in failed.detail
    assert worker.exitcode == 2


def test_a_clip_without_a_face_gives_reasons_in_real_time(
    start_worker: StartWorker, endless: Path
) -> None:
    worker = start_worker(endless)
    heard = worker.hear_out()
    assert worker.exitcode == 0
    assert {reading.outcome for reading in readings(heard)} == {Unavailable(reason=Reason.NO_FACE)}


def test_a_video_that_changes_size_is_watched_through(
    start_worker: StartWorker, tmp_path: Path
) -> None:
    clip = make_clip(tmp_path / "glued.ts", sizes=((320, 240), (640, 480), (176, 144)))
    heard = start_worker(clip, fast=True).hear_out()
    assert len(readings(heard)) == 30
    assert not any(map(is_failed, heard))
    assert heard[-1] == Ended()


def words(folder: Path) -> Path:
    (folder / "words.mp4").write_text("these are words, not pictures\n" * 50)
    return folder / "words.mp4"


def empty(folder: Path) -> Path:
    (folder / "empty.mp4").touch()
    return folder / "empty.mp4"


def cut_off(folder: Path) -> Path:
    clip = make_clip(
        folder / "cut.mp4", frames=100, sizes=((320, 240),), options={"movflags": "faststart"}
    )
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size * 6 // 10])
    return clip


BROKEN_VIDEOS: list[tuple[Callable[[Path], object], str]] = [
    (words, "is no video that can be read"),
    (empty, "is empty (0 bytes)"),
    (lambda folder: folder / "absent.mp4", "does not exist"),
    (cut_off, "is cut off or damaged"),
    (lambda _: "gopher://cam", "reads no gopher:// sources"),
]


@pytest.mark.parametrize(("make", "sentence"), BROKEN_VIDEOS)
def test_a_broken_video_is_fatal_with_a_sentence(
    start_worker: StartWorker, tmp_path: Path, make: Callable[[Path], object], sentence: str
) -> None:
    worker = start_worker(make(tmp_path), fast=True)
    failed = worker.hear_out()[-1]
    assert isinstance(failed, Failed)
    assert (failed.reason, failed.fatal) == (Reason.CAMERA_LOST, True)
    assert sentence in failed.detail
    assert worker.exitcode == 2


def test_a_bundle_that_is_absent_is_fatal(
    start_worker: StartWorker, tmp_path: Path, endless: Path
) -> None:
    worker = start_worker(endless, bundle=tmp_path / "nowhere")
    (failed,) = worker.hear_out()
    assert isinstance(failed, Failed)
    assert (failed.reason, failed.fatal) == (Reason.MODEL_FAILED, True)
    assert str(tmp_path / "nowhere") in failed.detail
    assert worker.exitcode == 2


def test_a_network_camera_is_opened_again_whenever_it_ends(
    start_worker: StartWorker, endless: Path
) -> None:
    with serve(endless, user="nurse", password=RIGHT) as server:
        worker = start_worker(server.uri(user="nurse", password=RIGHT))
        before = worker.hear_until(is_failed)
        assert hello_of(before).network.startswith("open: ")
        assert readings(before)
        failed = before[-1]
        assert isinstance(failed, Failed)
        assert (failed.reason, failed.fatal) == (Reason.CAMERA_LOST, False)
        assert "has ended the stream" in failed.detail
        again = readings(worker.hear_until(is_reading))[0]
        assert again.sequence == 0
        assert again.captured_s > readings(before)[-1].captured_s


def test_a_camera_that_is_absent_is_waited_for(start_worker: StartWorker) -> None:
    worker = start_worker("v4l2:///dev/video99")
    failed = worker.hear_until(is_failed)[-1]
    assert isinstance(failed, Failed)
    assert (failed.reason, failed.fatal) == (Reason.CAMERA_LOST, False)
    beat = worker.hear_until(
        lambda message: (
            isinstance(message, Beat) and message.stages["capture"].state is StageState.FAILED
        )
    )[-1]
    assert isinstance(beat, Beat)
    assert "is it plugged in?" in str(beat.stages["capture"].detail)
    assert worker.is_alive()


def test_a_killed_worker_is_an_end_of_file(start_worker: StartWorker, endless: Path) -> None:
    worker = start_worker(endless, loop=True)
    worker.hear_until(is_reading)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    worker.hear_out()
    assert worker.exitcode == -signal.SIGKILL
    assert not worker.is_alive()


def test_a_hung_worker_is_killed(start_worker: StartWorker, endless: Path) -> None:
    worker = start_worker(endless, loop=True)
    worker.hear_until(is_reading)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGSTOP)
    worker.stop(0.2)
    assert worker.exitcode == -signal.SIGKILL


def test_term_ends_a_worker_cleanly(start_worker: StartWorker, endless: Path) -> None:
    worker = start_worker(endless, loop=True)
    worker.hear_until(is_reading)
    worker.stop(SOON_S)
    assert worker.exitcode == 0
    assert not any(map(is_failed, worker.hear_out()))


def test_term_ends_a_worker_that_waits_for_a_silent_camera(start_worker: StartWorker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        worker = start_worker(f"rtsp://127.0.0.1:{port}/room", open_timeout_s=600)
        worker.hear_until(lambda message: isinstance(message, Beat))
        worker.stop(SOON_S)
    assert worker.exitcode == 0


def test_term_before_the_models_are_loaded_ends_it_too(
    start_worker: StartWorker, endless: Path
) -> None:
    worker = start_worker(endless, loop=True)
    worker.stop(SOON_S)
    # By itself, or by the signal's default before it could be blocked; but not by KILL.
    assert worker.exitcode in (0, -signal.SIGTERM)


def test_interrupts_are_the_gateways_business(start_worker: StartWorker, endless: Path) -> None:
    worker = start_worker(endless, loop=True)
    worker.hear_until(is_reading)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGINT)
    for _ in range(10):
        worker.hear_until(is_reading)
    assert os.getpgid(worker.pid) != os.getpgid(0)


def test_a_worker_never_outlives_its_gateway(
    landmarker_path: Path, small_bundle: Path, endless: Path
) -> None:
    config = EdgeConfig.model_validate(
        {
            "site": "test",
            "mqtt": {"host": "localhost"},
            "rooms": [{"id": "room-1", "camera": {"uri": str(endless), "loop": True}}],
            "tracking": {"landmarker": landmarker_path},
            "scoring": {"bundle": small_bundle},
        }
    )
    gateway = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("orphan.py")), config.model_dump_json()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert gateway.stdout is not None
    worker = os.pidfd_open(int(gateway.stdout.readline()))
    gateway.kill()
    gateway.communicate()
    ended, _, _ = select.select([worker], [], [], SOON_S)
    os.close(worker)
    assert ended


def test_the_process_is_confined(start_worker: StartWorker, endless: Path) -> None:
    worker = start_worker(endless, loop=True)
    worker.hear_until(is_reading)
    process = Path("/proc") / str(worker.pid)
    status = dict(
        line.split(":\t", 1)
        for line in (process / "status").read_text().splitlines()
        if ":\t" in line
    )
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    core = next(
        line for line in (process / "limits").read_text().splitlines() if "core file" in line
    )
    assert core.split()[4:6] == ["0", "0"]


def test_passwords_are_in_no_process_list_and_no_log(
    start_worker: StartWorker, endless: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with serve(endless, user="nurse", password=RIGHT) as server:
        worker = start_worker(server.uri(user="nurse", password=WRONG))
        failed = worker.hear_until(is_failed)[-1]
        process = psutil.Process(worker.pid)
        listed = " ".join(process.cmdline()) + str(process.environ())
        worker.stop(SOON_S)
    assert isinstance(failed, Failed)
    assert "refuses the user name or password" in failed.detail
    output = capfd.readouterr()
    assert "refuses the user name or password" in output.err
    for secret in (WRONG, "br0ker-pw"):
        assert secret not in failed.detail + listed + output.err + output.out


def test_nothing_is_written_to_disk(
    start_worker: StartWorker, endless: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = {name: tmp_path / name for name in ("home", "tmp", "work")}
    for folder in folders.values():
        folder.mkdir()
    monkeypatch.setenv("HOME", str(folders["home"]))
    monkeypatch.setenv("TMPDIR", str(folders["tmp"]))
    for variable in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "MPLCONFIGDIR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(folders["work"])
    worker = start_worker(RESIDENT_CLIP, fast=True, fps_limit=2)
    assert any(isinstance(reading.outcome, Score) for reading in readings(worker.hear_out()))
    assert worker.exitcode == 0
    assert [path for folder in folders.values() for path in folder.rglob("*")] == []


def test_a_handle_is_for_one_start_and_says_so(start_worker: StartWorker, endless: Path) -> None:
    worker = start_worker(endless)
    with pytest.raises(WorkerError, match="make a new handle"):
        worker.start()


def test_a_handle_that_was_not_started_has_nothing_to_stop(endless: Path) -> None:
    config = EdgeConfig.model_validate(
        {
            "site": "test",
            "mqtt": {"host": "localhost"},
            "rooms": [{"id": "room-1", "camera": {"uri": str(endless)}}],
        }
    )
    handle = WorkerHandle(room=config.rooms[0], config=config, fast=False)
    handle.stop(0)
    handle.close()
    assert (handle.pid, handle.exitcode, handle.is_alive()) == (None, None, False)
    with pytest.raises(WorkerError, match="not started"):
        _ = handle.connection
