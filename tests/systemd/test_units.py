"""The shipped units as systemd itself judges them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from edge.alarm.presence import STARTING_LIMIT_S
from edge.config import AlarmsConfig
from edge.gateway.pulse import TELLING_S
from edge.gateway.supervisor import STOP_TIMEOUT_S
from edge.mqtt.link import FAREWELL_S
from tests.systemd.shipped import SHIPPED, UNITS

EXPOSURE_AT_MOST: Final = 2.0
DROP_INS: Final = tuple(sorted((SHIPPED / "drop-ins").glob("*.conf")))
INSTALLED: Final = "/opt/painwatch/bin/painwatch"

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="the command systemd-analyze is missing (Debian package systemd)",
)


def analyze(*arguments: str) -> str:
    done = subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units where this interpreter's painwatch is the one that they start."""
    for name in UNITS:
        text = (SHIPPED / name).read_text()
        assert f"ExecStart={INSTALLED} " in text
        ours = str(Path(sys.prefix) / "bin" / "painwatch")
        (tmp_path / name).write_text(text.replace(INSTALLED, ours))
    # A template is judged by an instance.
    (tmp_path / "painwatch-edge@room-12.service").symlink_to("painwatch-edge@.service")
    return tmp_path


def instance(unit: str) -> str:
    return unit.replace("@.", "@room-12.")


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_has_nothing_to_say_against_a_unit(installed: Path, unit: str):
    assert analyze("verify", str(installed / instance(unit))) == ""


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_is_hardly_exposed(installed: Path, unit: str):
    said = analyze("security", "--offline=true", "--no-pager", str(installed / unit))
    found = re.search(r"Overall exposure level for .*: ([\d.]+)", said)
    assert found is not None, said
    assert float(found[1]) <= EXPOSURE_AT_MOST, said


@pytest.mark.parametrize("drop_in", DROP_INS, ids=lambda path: path.name)
@pytest.mark.parametrize("unit", UNITS)
def test_a_drop_in_fits_its_unit(installed: Path, unit: str, drop_in: Path):
    folder = installed / f"{unit}.d"
    folder.mkdir()
    shutil.copy(drop_in, folder)
    assert analyze("verify", str(installed / instance(unit))) == ""


def test_the_certificates_can_be_read_by_daemon_and_station_and_nobody_else(tmp_path: Path):
    etc = tmp_path / "etc"
    etc.mkdir()
    root = f"--root={tmp_path}"
    shipped = SHIPPED / "painwatch.sysusers.conf"
    subprocess.run(["systemd-sysusers", root, str(shipped)], check=True, capture_output=True)
    groups = {
        name: set(filter(None, members.split(",")))
        for name, _, _, members in (
            line.split(":") for line in (etc / "group").read_text().splitlines()
        )
    }
    (folder,) = (
        line.split()
        for line in (SHIPPED / "painwatch.tmpfiles.conf").read_text().splitlines()
        if line.startswith("d /etc/painwatch/certs ")
    )
    assert folder[2:4] == ["0750", "root"]
    assert groups[folder[4]] == {"painwatch", "painwatch-station"}


def test_the_template_differs_from_the_unit_for_all_rooms_in_its_own_file_and_folders():
    def settings(name: str) -> list[str]:
        lines = (SHIPPED / name).read_text().splitlines()
        return [line for line in lines if line and not line.startswith(("#", "Description="))]

    own = {
        "%i.yaml": "edge.yaml",
        "RuntimeDirectory=painwatch-%i": "RuntimeDirectory=painwatch",
        "StateDirectory=painwatch/%i": "StateDirectory=painwatch",
    }
    template = settings(UNITS[1])
    for theirs, ours in own.items():
        template = [line.replace(theirs, ours) for line in template]
    assert template == settings(UNITS[0])


def limit_s(name: str) -> float:
    text = (SHIPPED / UNITS[0]).read_text()
    found = re.search(rf"^{name}=(\d+)$", text, re.MULTILINE)
    assert found is not None
    return float(found[1])


def test_systemd_is_more_patient_than_the_daemon_needs():
    alarms = AlarmsConfig()
    told_after_s = max(alarms.camera_lost_after_s, alarms.model_failed_after_s)
    assert limit_s("TimeoutStartSec") > STARTING_LIMIT_S
    assert limit_s("WatchdogSec") > 2 * (told_after_s + TELLING_S)
    assert limit_s("TimeoutStopSec") > FAREWELL_S + STOP_TIMEOUT_S
