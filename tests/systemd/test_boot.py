"""The shipped units, booted by a real systemd that is process 1 of a root of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import pytest

from tests.edge.gateway.conftest import RESIDENT_CLIP
from tests.systemd.machine import (
    BOARD_PORT,
    NAMESPACES,
    SCRIPT,
    Machine,
    a_canary,
    a_cgroup,
    boot_command,
    booted,
    hindrance,
    lay_out,
    until,
)

HINDRANCE = hindrance()

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(HINDRANCE is not None, reason=str(HINDRANCE)),
]

EDGE = "painwatch-edge@room-12"
STATION = "painwatch-station"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, landmarker_path: Path) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("machine")
    lay_out(folder, landmarker=landmarker_path, clip=RESIDENT_CLIP)
    with booted(folder) as running:
        running.systemctl("start", "mosquitto")
        yield running


@pytest.fixture
def daemon(machine: Machine) -> psutil.Process:
    """The daemon of room-12, started unless it runs; systemctl returns when it has said READY."""
    machine.systemctl("start", EDGE)
    return machine.process("edge", "run")


def status(process: psutil.Process) -> dict[str, str]:
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def network(process: psutil.Process) -> str:
    return str(Path(f"/proc/{process.pid}/ns/net").readlink())


def test_a_unit_is_active_when_its_room_is_watched(machine: Machine, daemon: psutil.Process):
    assert machine.show(EDGE, "ActiveState") == "active"
    assert machine.show(EDGE, "StatusText") == "1 room, 1 watched"


def test_a_booted_worker_is_cut_off_from_the_network(machine: Machine, daemon: psutil.Process):
    worker = machine.process("edge.worker")
    assert daemon in worker.parents()
    assert network(worker) != network(daemon)
    # The unit's own filters stand in the daemon; the worker has sealed itself further.
    assert int(status(worker)["Seccomp_filters"]) > int(status(daemon)["Seccomp_filters"]) > 0
    assert "worker network: none: network namespace and seccomp" in machine.log()


def test_a_booted_daemon_can_do_little_more_than_write_its_own_folders(
    machine: Machine, daemon: psutil.Process
):
    said = status(daemon)
    assert int(said["CapEff"], 16) == int(said["CapBnd"], 16) == 0
    assert said["NoNewPrivs"] == "1"
    assert daemon.uids().effective != 0

    def touch(path: str) -> str:
        # As root, so that nothing but the unit's own mounts can stand in the way.
        command = ["nsenter", "-t", str(daemon.pid), "--mount", "touch", path]
        return subprocess.run(command, capture_output=True, text=True, check=False).stderr

    assert touch("/var/lib/painwatch/room-12/touched") == ""
    for elsewhere in ("/etc/painwatch/room-12.yaml", "/var/lib/touched", "/opt/touched"):
        assert "Read-only file system" in touch(elsewhere)


def test_a_killed_daemon_is_started_again(machine: Machine, daemon: psutil.Process):
    restarts = int(machine.show(EDGE, "NRestarts"))
    machine.systemctl("kill", "--kill-who=main", "--signal=KILL", EDGE)
    until(lambda: int(machine.show(EDGE, "NRestarts")) == restarts + 1, "no new start")
    # A start in progress is waited for.
    machine.systemctl("start", EDGE)
    assert machine.show(EDGE, "StatusText") == "1 room, 1 watched"
    assert machine.process("edge", "run") != daemon
    assert "the run before ended without a goodbye" in machine.log()


def test_a_stop_is_clean(machine: Machine, daemon: psutil.Process):
    worker = machine.process("edge.worker")
    machine.systemctl("stop", EDGE)
    assert machine.show(EDGE, "ActiveState") == "inactive"
    assert machine.show(EDGE, "Result") == "success"
    assert not daemon.is_running()
    assert not worker.is_running()


def board_answers(machine: Machine) -> bool:
    ask = f"import urllib.request as r; print(r.urlopen('http://127.0.0.1:{BOARD_PORT}/').status)"
    return machine.run("/opt/painwatch/bin/python", "-c", ask).stdout == "200\n"


def test_the_station_serves_its_board_again_after_a_kill_and_stops_cleanly(machine: Machine):
    machine.systemctl("start", STATION)
    first = machine.process("station", "run")
    machine.systemctl("kill", "--kill-who=main", "--signal=KILL", STATION)
    until(lambda: machine.show(STATION, "NRestarts") == "1", "no new start")
    machine.systemctl("start", STATION)
    assert machine.process("station", "run") != first
    until(lambda: board_answers(machine), "no board")
    machine.systemctl("stop", STATION)
    assert machine.show(STATION, "Result") == "success"


OWN_TMP = "mount -t tmpfs -o mode=1777 own tmp\n"
OUT_OF_SIGHT = "umount -l /old\nrmdir /old\n"

LEAKS = {
    "the machine's /tmp": (OWN_TMP, "mount --bind /tmp tmp\n", "[ ! -e {canary} ]"),
    "an empty folder of the machine as /tmp": (
        OWN_TMP,
        'mkdir "$folder/tmp"\nmount --bind "$folder/tmp" tmp\n',
        "is_own_mount /tmp",
    ),
    "a checkout that can be written": (
        'show "$checkout" opt/checkout\n',
        'mount --bind "$checkout" opt/checkout\n',
        "no_disk_can_be_written",
    ),
    "the old root": (OUT_OF_SIGHT, "", "no_disk_can_be_written"),
}


def try_boot(
    folder: Path, script: str, *, namespaces: Sequence[str] = NAMESPACES
) -> subprocess.CompletedProcess[str]:
    """The script with a harmless word in place of systemd."""
    changed = folder / "boot.sh"
    changed.write_text(script)
    with a_canary() as canary, a_cgroup() as group:
        command = boot_command(
            *(folder, canary, group, "echo", "reached"), script=changed, namespaces=namespaces
        )
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        done.stderr = done.stderr.replace(str(canary), "{canary}")
        return done


@pytest.fixture
def bare(tmp_path: Path, landmarker_path: Path) -> Path:
    lay_out(tmp_path, landmarker=landmarker_path, clip=RESIDENT_CLIP)
    return tmp_path


@pytest.mark.parametrize("leak", LEAKS)
def test_nothing_is_booted_where_the_machine_is_in_reach(bare: Path, leak: str):
    line, instead, proof = LEAKS[leak]
    script = SCRIPT.read_text()
    assert script.count(line) == 1
    tried = try_boot(bare, script.replace(line, instead))
    assert tried.returncode == 1
    assert f"not isolated: {proof}\n" in tried.stderr
    assert "reached" not in tried.stdout


def test_nothing_is_booted_where_other_processes_are_in_reach(bare: Path):
    without = [kind for kind in NAMESPACES if kind != "--cgroup"]
    tried = try_boot(bare, SCRIPT.read_text(), namespaces=without)
    assert tried.returncode == 1
    assert "not isolated: only_own_processes_are_seen" in tried.stderr


def test_an_isolated_root_is_booted(bare: Path):
    tried = try_boot(bare, SCRIPT.read_text())
    assert tried.stdout.endswith("reached\n"), tried.stderr
