from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from edge.watch import run
from edge.watch.command import watch
from pain.errors import BrokerError, UsageError
from tests.brokers import free_port

CONFIG = """\
site: elm-court
mqtt: {host: broker.example, port: 8884}
rooms:
  - {id: room-12, camera: {uri: "v4l2:///dev/video0"}}
alarms:
  pain_moderate: {level: 2.5}
"""


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    made.command()(watch)
    return made


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    calls: list[dict[str, object]] = []

    def run_board(**arguments: object) -> int:
        calls.append(arguments)
        return 0

    monkeypatch.setattr(run, "run_board", run_board)
    return calls


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--host", "broker"],
        ["--site", "elm-court"],
        ["--host", "broker", "--site", "Elm Court"],
        ["--host", "broker", "--site", "elm-court", "--person", ""],
        ["-c", "box.yaml", "--host", "broker"],
        ["-c", "box.yaml", "--plaintext"],
        ["-c", "absent.yaml"],
    ],
)
def test_what_cannot_work_is_a_usage_error(
    app: typer.Typer, asked: list[dict[str, object]], arguments: list[str]
) -> None:
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2
    assert asked == []


@pytest.mark.parametrize(("flags", "port"), [([], 8883), (["--plaintext"], 1883)])
def test_host_and_site_are_enough(
    app: typer.Typer, asked: list[dict[str, object]], flags: list[str], port: int
) -> None:
    arguments = ["--host", "broker", "--site", "elm-court", "--person", "anna", *flags]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    (call,) = asked
    assert (call["site"], call["person"]) == ("elm-court", "anna")
    assert call["mqtt"].port == port
    assert call["mqtt"].plaintext is bool(flags)


def test_a_config_file_gives_broker_site_and_limits(
    app: typer.Typer, asked: list[dict[str, object]], tmp_path: Path
) -> None:
    file = tmp_path / "box.yaml"
    file.write_text(CONFIG, encoding="utf-8")
    result = CliRunner().invoke(app, ["-c", str(file)])
    assert result.exit_code == 0, result.exception
    (call,) = asked
    assert (call["site"], call["mqtt"].host) == ("elm-court", "broker.example")
    assert call["alarms"].pain_moderate.level == 2.5


def test_an_unreachable_broker_ends_with_a_sentence(app: typer.Typer, tmp_path: Path) -> None:
    file = tmp_path / "box.yaml"
    mqtt = f"{{host: 127.0.0.1, port: {free_port()}, plaintext: true, connect_timeout_s: 0.5}}"
    text = CONFIG.replace("{host: broker.example, port: 8884}", mqtt)
    file.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["-c", str(file), "--plain"])
    assert isinstance(result.exception, BrokerError)
    assert result.exception.exit_code == 2
    assert "nothing listens at" in str(result.exception)
