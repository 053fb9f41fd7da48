"""What a monitoring system is told, of rooms made by hand."""

from __future__ import annotations

import http.client
import json
import time
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from edge.alarm.rooms import RoomAlarms
from edge.cli import app
from edge.config import AlarmsConfig
from edge.gateway.pulse import Pulse
from edge.health.file import STALE_AFTER_S, health_file, health_of, read_health, write_health
from edge.health.reporter import Reporter
from edge.health.server import MetricsServer
from edge.health.values import RoomSample
from pain.alarms import Condition
from pain.broker.failures import Failure, Fault
from pain.clock import Moment
from pain.errors import ConfigError
from pain.wire import StatusPayload

WALL = datetime(2026, 11, 25, 12, tzinfo=UTC)
NOW = Moment(monotonic_s=1000.0, wall=WALL)


FULL = "the record in /var/lib/painwatch cannot be written: No space left on device"


def sample(
    room: str = "room-1",
    *,
    level: float | None = 2.5,
    record_error: str | None = None,
    unheard: Failure | None = None,
    clock_ahead_s: float | None = None,
    **pulse: Any,
) -> RoomSample:
    alarms = RoomAlarms(AlarmsConfig())
    if pulse.get("told") is not None:
        alarms.technical(pulse["told"], present=True, now=NOW)
    state = {"greeted": True, "unjudged_s": 0.1, "loading_s": None, "told_after_s": 3.0}
    status = StatusPayload(
        room_name="Room",
        software="0.1.0",
        bundle="mobilenetv3s-v1",
        bundle_sha256="0" * 64,
        provider_requested="cpu",
        provider_actual="CPUExecutionProvider",
        stages={},
        fps=9.5,
        dropped_frames=3,
        coverage=0.75,
        latency_p50_ms=20.0,
        worker_restarts=2,
        record_error=record_error,
        started_at=WALL,
        at=WALL,
    )
    return RoomSample(
        pulse=Pulse(**{"room": room, "told": None, "finished": False, **state, **pulse}),
        status=status,
        alarms=tuple(alarms.statuses(NOW)),
        level=level,
        connected=True,
        waiting_s=0.0,
        unheard=unheard,
        clock_ahead_s=clock_ahead_s,
    )


REFUSED = Failure(
    sentence="broker:8883 does not let user 'box-3' publish on t: have it allowed",
    lasting=True,
    fault=Fault.PUBLISH_REFUSED,
)

NOT_READY = [
    (sample(told=Condition.CAMERA_LOST), "camera_lost"),
    (sample(greeted=False), "loading the models"),
    (sample(unjudged_s=60.0), "no frame was scored for 60 s"),
    (sample(finished=True), "has been played"),
    (sample(unheard=REFUSED), "publish_refused: broker:8883 does not let user 'box-3' publish"),
    (sample(unheard=REFUSED, told=Condition.CAMERA_LOST), "camera_lost; and publish_refused"),
]


@pytest.mark.parametrize(("one", "why"), NOT_READY)
def test_a_room_is_ready_only_while_it_is_watched_and_heard(one: RoomSample, why: str):
    assert sample().ready
    assert sample().why_not is None
    assert not one.ready
    assert why in str(one.why_not)


@pytest.fixture
def config_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run"))
    path = tmp_path / "room.yaml"
    path.write_text(
        "site: home\nmqtt: {host: h}\nrooms:\n- {id: room-1, camera: {uri: 'v4l2:///dev/video0'}}\n"
    )
    return path


def asked(config_file: Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["health", "-c", str(config_file)])
    return result.exit_code, result.stdout


@pytest.mark.parametrize(
    ("samples", "age_s", "code", "says"),
    [
        ([sample()], 0.0, 0, "room-1: ready"),
        ([sample(), sample("room-2", greeted=False)], 0.0, 1, "room-2: not ready: its worker"),
        ([sample(record_error=FULL)], 0.0, 0, f"warning: {FULL}"),
        ([sample(), sample("room-2", unheard=REFUSED)], 0.0, 1, "room-2: not ready: publish_ref"),
        ([sample(clock_ahead_s=7200.0)], 0.0, 0, "warning: this box's clock is 2 h 0 min ahead"),
        ([sample()], STALE_AFTER_S + 5, 1, "said its last word"),
        ([sample()], -1000.0, 1, "said its last word"),
    ],
)
def test_the_command_asks_the_running_daemon(
    config_file: Path, samples: list[RoomSample], age_s: float, code: int, says: str
):
    write_health(health_file("home", "room-1"), health_of(samples, now_s=time.monotonic() - age_s))
    found, said = asked(config_file)
    assert found == code
    assert says in said


def test_a_session_without_a_runtime_folder_is_no_warning(
    config_file: Path, monkeypatch: pytest.MonkeyPatch
):
    def warn(_app: str) -> Path:
        warnings.warn("XDG_RUNTIME_DIR is not set, falling back", UserWarning, stacklevel=2)
        return config_file.parent

    monkeypatch.delenv("RUNTIME_DIRECTORY")
    monkeypatch.setattr("edge.health.file.user_runtime_path", warn)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        health_file("home", "room-1")
    assert warned == []


def test_without_a_daemon_nothing_is_ready(config_file: Path):
    code, said = asked(config_file)
    assert code == 1
    assert "no daemon has written" in said


def test_a_daemon_that_stops_takes_its_word_away(tmp_path: Path):
    path = tmp_path / "run" / "x.json"
    reporter = Reporter(path)
    reporter.tell(lambda: [sample()], now_s=1.0)
    found = read_health(path)
    assert found is not None
    assert found.ready
    reporter.tell(lambda: pytest.fail("asked twice in a second"), now_s=1.5)
    reporter.stop()
    assert read_health(path) is None


def test_a_runtime_folder_that_cannot_be_written_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "file").write_text("")
    reporter = Reporter(tmp_path / "file" / "x.json")
    for now_s in (1.0, 2.0, 3.0):
        reporter.tell(lambda: [sample()], now_s=now_s)
    assert len(reporter.samples) == 1
    assert len(caplog.records) == 1


@pytest.fixture
def reporter(tmp_path: Path) -> Reporter:
    return Reporter(tmp_path / "x.json")


@pytest.fixture
def server(reporter: Reporter) -> Iterator[MetricsServer]:
    server = MetricsServer(host="127.0.0.1", port=0, reporter=reporter)
    server.start()
    yield server
    server.stop()


def got(server: MetricsServer, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_metrics_are_prometheus_text_and_an_unknown_level_is_absent(
    server: MetricsServer, reporter: Reporter
):
    blind = sample(
        "room-2", level=None, record_error=FULL, told=Condition.CAMERA_LOST, unheard=REFUSED
    )
    reporter.tell(lambda: [sample(), blind], now_s=time.monotonic())
    status, text = got(server, "/metrics")
    assert status == 200
    found = {
        (
            one.name,
            one.labels["room"],
            one.labels.get("condition") or one.labels.get("fault"),
        ): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }
    assert found["painwatch_level", "room-1", None] == 2.5
    assert ("painwatch_level", "room-2", None) not in found
    assert found["painwatch_ready", "room-1", None] == 1.0
    assert found["painwatch_ready", "room-2", None] == 0.0
    assert found["painwatch_record_written", "room-1", None] == 1.0
    assert found["painwatch_record_written", "room-2", None] == 0.0
    assert found["painwatch_alarm_state", "room-2", "camera_lost"] == 1.0
    assert found["painwatch_alarm_state", "room-1", "camera_lost"] == 0.0
    assert found["painwatch_latency_p50_seconds", "room-1", None] == 0.02
    assert ("painwatch_latency_p95_seconds", "room-1", None) not in found
    assert found["painwatch_worker_restarts_total", "room-1", None] == 2.0
    assert found["painwatch_broker_fault", "room-2", "publish_refused"] == 1.0
    assert found["painwatch_broker_fault", "room-2", "unreachable"] == 0.0
    assert found["painwatch_broker_fault", "room-1", "publish_refused"] == 0.0
    assert 'provider_actual="CPUExecutionProvider"' in text


def test_ready_and_health_differ_in_what_they_forgive(server: MetricsServer, reporter: Reporter):
    assert got(server, "/health")[0] == 503  # the main loop has not spoken yet
    reporter.tell(lambda: [sample(told=Condition.CAMERA_LOST)], now_s=time.monotonic() - 2)
    assert got(server, "/health")[0] == 200
    status, text = got(server, "/ready")
    assert status == 503
    assert json.loads(text)["rooms"][0]["why_not"] == "camera_lost"
    assert json.loads(text)["record_error"] is None
    reporter.tell(lambda: [sample(record_error=FULL)], now_s=time.monotonic())
    status, text = got(server, "/ready")
    assert (status, json.loads(text)["record_error"]) == (200, FULL)
    reporter.tell(lambda: [sample(unheard=REFUSED)], now_s=time.monotonic() + 2)
    status, text = got(server, "/ready")
    assert (status, json.loads(text)["rooms"][0]["fault"]) == (503, "publish_refused")
    assert got(server, "/other")[0] == 404


def test_a_taken_port_is_told(server: MetricsServer, reporter: Reporter):
    with pytest.raises(ConfigError, match="choose another port"):
        MetricsServer(host="127.0.0.1", port=server.port, reporter=reporter)
