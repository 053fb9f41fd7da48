"""The demonstration as a newcomer starts it: real clip, real MediaPipe, real model, real MQTT."""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "alarms.csv"


@pytest.fixture
def speed() -> str:
    return "real"


@pytest.fixture
def demo(landmarker_path: Path, speed: str, results: Path) -> Iterator[subprocess.Popen[str]]:
    options = ["--headless", "--speed", speed, "--results", str(results)]
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "painwatch", "demo", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


@pytest.mark.slow
@pytest.mark.parametrize("speed", ["fast"])
def test_both_alarms_come_once_and_in_time(demo: subprocess.Popen[str]) -> None:
    # The clip's own time is the clock, so a busy machine makes no alarm late.
    out, err = demo.communicate(timeout=200)
    assert demo.returncode == 0, out + err
    assert "One moderate and one severe alarm, each in time" in out
    assert out.rstrip().endswith("research aid, not a medical device")
    assert err == ""


@pytest.mark.slow
def test_in_real_time_each_painful_scene_raises_its_own_alarm(
    demo: subprocess.Popen[str], results: Path
) -> None:
    out, err = demo.communicate(timeout=200)
    # How late an alarm is depends on what else this machine does; which one came does not.
    faults = [line for line in out.splitlines() if line.startswith("✕")]
    assert all("are allowed" in fault for fault in faults), out + err
    assert demo.returncode == bool(faults), out + err
    with results.open(encoding="utf-8", newline="") as rows:
        alarms = {row["scene"]: row["alarms"] for row in csv.DictReader(rows)}
    assert alarms == {
        **dict.fromkeys(("neutral", "talking", "smiling", "relief"), "none"),
        "moderate": "pain_moderate",
        "severe": "pain_severe",
    }
    assert err == ""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_all_children(
    demo: subprocess.Popen[str], number: signal.Signals
) -> None:
    assert demo.stdout is not None
    for line in demo.stdout:
        if "in the clip: neutral" in line:
            break
    children = psutil.Process(demo.pid).children(recursive=True)
    assert len(children) >= 3, "broker, daemon and vision worker"
    demo.send_signal(number)
    _, err = demo.communicate(timeout=60)
    assert demo.returncode == 130, err
    assert "Traceback" not in err
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == []
