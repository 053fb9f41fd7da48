"""A systemd of our own as process 1 of a root of its own, with the shipped units in it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
import yaml

from tests.brokers import PATIENCE_S
from tests.systemd.shipped import SHIPPED, UNITS

SCRIPT: Final = Path(__file__).parent / "boot.sh"
TOOLS: Final = (
    *("unshare", "nsenter", "setpriv", "mountpoint", "mosquitto"),
    *("systemctl", "systemd-sysusers"),
)
SYSTEMD: Final = Path("/lib/systemd/systemd")
NAMESPACES: Final = ("--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup")
LOG: Final = "/run/painwatch.log"
BOARD_PORT: Final = 8440

# What a unit here may ask for; none of this machine's own targets is in reach.
TARGETS: Final = (
    *("idle", "sysinit", "basic", "shutdown", "multi-user"),
    *("network-online", "time-sync"),
)

# Whatever could still reach the kernel of the machine is taken from systemd.
START_SYSTEMD: Final = (
    "setpriv",
    "--bounding-set=-sys_module,-sys_rawio,-sys_time,-sys_boot,-syslog,-mknod,-audit_control",
    *("env", "-i", "container=painwatch-test", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"),
    "SYSTEMD_UNIT_PATH=/etc/systemd/system",
    "SYSTEMD_GENERATOR_PATH=/nonexistent",
    "SYSTEMD_ENVIRONMENT_GENERATOR_PATH=/nonexistent",
    *(str(SYSTEMD), "--system", "--unit=idle.target", "--log-target=console"),
)


def cgroup2() -> Path | None:
    """Where the unified hierarchy is mounted and can be written: alone or beside the old ones."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        mounted, _, kind = line.partition(" - ")
        folder = Path(mounted.split()[4])
        if kind.startswith("cgroup2 ") and mounted.split()[3] == "/" and os.access(folder, os.W_OK):
            return folder
    return None


def hindrance() -> str | None:
    """Why no systemd can be booted on this machine, for people; None where one can."""
    if os.geteuid() != 0:
        return "the units cannot be booted: only root may make namespaces, mounts and cgroups"
    missing = [name for name in TOOLS if shutil.which(name) is None]
    missing += [] if SYSTEMD.exists() else [str(SYSTEMD)]
    if missing:
        return f"the units cannot be booted: {', '.join(missing)} missing here"
    if cgroup2() is None:
        return "the units cannot be booted: no cgroup2 hierarchy that can be written is mounted"
    mounts = "mount -t tmpfs own /mnt && mount -t proc proc /mnt && mount -t cgroup2 cgroup2 /mnt"
    command = ("unshare", *NAMESPACES, "--fork", "--propagation", "private", "sh", "-c", mounts)
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        return f"the units cannot be booted: no namespaces or mounts here: {tried.stderr.strip()}"
    return None


def lay_out(folder: Path, *, landmarker: Path, clip: Path) -> None:
    """Put what a machine's administrator would install into ``folder``, shown as /srv in there."""
    folder.chmod(0o755)  # read by the units' own users
    shutil.copy(landmarker, folder / "face.task")
    shutil.copy(clip, folder / clip.name)
    etc, units = folder / "etc" / "painwatch", folder / "etc" / "systemd" / "system"
    etc.mkdir(parents=True)
    units.mkdir(parents=True)
    mqtt = {"host": "127.0.0.1", "port": 1883, "plaintext": True}
    camera = {"uri": f"/srv/{clip.name}", "loop": True, "fps_limit": 5}
    room = {
        "site": "home",
        "mqtt": mqtt,
        "rooms": [{"id": "room-12", "camera": camera}],
        "tracking": {"landmarker": "/srv/face.task"},
    }
    (etc / "room-12.yaml").write_text(yaml.safe_dump(room))
    station = {"site": "home", "station": "ward-2", "mqtt": mqtt, "web": {"port": BOARD_PORT}}
    (etc / "station.yaml").write_text(yaml.safe_dump(station))
    for name in TARGETS:
        (units / f"{name}.target").write_text("[Unit]\nDefaultDependencies=no\n")
    (units / "mosquitto.service").write_text("[Service]\nExecStart=/usr/sbin/mosquitto -p 1883\n")
    # The checkout takes the place of an installed package.
    found = "PYTHONPATH=/opt/checkout PYTHONDONTWRITEBYTECODE=1"
    (units.parent / "system.conf").write_text(f"[Manager]\nDefaultEnvironment={found}\n")
    for name in UNITS:
        shutil.copy(SHIPPED / name, units)
        drop_in = units / f"{name}.d" / "log.conf"
        drop_in.parent.mkdir()
        drop_in.write_text(f"[Service]\nStandardOutput=append:{LOG}\nStandardError=append:{LOG}\n")


def boot_command(
    folder: Path,
    canary: Path,
    group: Path,
    *command: str,
    script: Path = SCRIPT,
    namespaces: Sequence[str] = NAMESPACES,
) -> list[str]:
    """The command line that runs ``command`` as process 1 behind ``script``'s proof."""
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return [
        *("sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh"),
        # Nothing of it outlives this process, whatever ends it.
        *("setpriv", "--pdeathsig", "KILL"),
        *("unshare", *namespaces, "--fork", "--kill-child", "--propagation", "private"),
        *("sh", str(script), str(canary), str(folder), str(SHIPPED.parent)),
        *(sys.prefix, sys.base_prefix, python, *command),
    ]


@contextlib.contextmanager
def a_canary() -> Iterator[Path]:
    """A file in the machine's own /tmp, where systemd would clean."""
    number, name = tempfile.mkstemp(dir="/tmp", prefix="painwatch-canary-")
    os.close(number)
    try:
        yield Path(name)
    finally:
        Path(name).unlink()


@contextlib.contextmanager
def a_cgroup() -> Iterator[Path]:
    """A group for whom is started in it; gone afterwards with all that systemd made below."""
    root = cgroup2()
    assert root is not None
    group = Path(tempfile.mkdtemp(dir=root, prefix="painwatch-boot-"))
    group.chmod(0o755)
    try:
        yield group
    finally:
        # The kernel lets go of a killed process a little later.
        until(lambda: _removed(group), "its cgroup is still in use")


def _removed(group: Path) -> bool:
    for folder in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
        with contextlib.suppress(OSError):
            folder.rmdir()
    with contextlib.suppress(OSError):
        group.rmdir()
    return not group.exists()


def until(came: Callable[[], bool], otherwise: str, *, patience_s: float = PATIENCE_S) -> None:
    """Wait until ``came`` says so."""
    deadline_s = time.monotonic() + patience_s
    while not came():
        assert time.monotonic() < deadline_s, otherwise
        time.sleep(0.05)  # what is looked at lies in another system, which tells us nothing


@dataclass(frozen=True, slots=True)
class Machine:
    """A booted systemd; its processes are seen from here under other numbers."""

    init: psutil.Process

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in there, as root."""
        inside = ("nsenter", "-t", str(self.init.pid), "--mount", "--pid", "--net", "--cgroup")
        return subprocess.run([*inside, *command], capture_output=True, text=True, check=False)

    def systemctl(self, *arguments: str) -> str:
        """What systemctl answers to a command that must succeed."""
        done = self.run("systemctl", *arguments)
        assert done.returncode == 0, f"{arguments}: {done.stderr}\n{self.log()}"
        return done.stdout.strip()

    def show(self, unit: str, name: str) -> str:
        """One property of a unit."""
        return self.systemctl("show", "--value", "-p", name, unit)

    def log(self) -> str:
        """What painwatch wrote."""
        return self.run("cat", LOG).stdout

    def process(self, *words: str) -> psutil.Process:
        """The one process with these words in its command line."""
        found = [
            process
            for process in self.init.children(recursive=True)
            if set(words) <= set(process.cmdline())
        ]
        assert len(found) == 1, (words, found)
        return found[0]


@contextlib.contextmanager
def booted(folder: Path) -> Iterator[Machine]:
    """Boot what ``lay_out`` put into ``folder``; all of it is killed at the end."""
    said = folder / "boot.log"
    with a_canary() as canary, a_cgroup() as group, said.open("wb") as log:
        command = boot_command(folder, canary, group, *START_SYSTEMD)
        started = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            until(lambda: _is_up(started, said), "systemd does not come up")
            yield Machine(psutil.Process(started.pid).children()[0])
        finally:
            # SIGKILL of process 1 ends all of its pid namespace; unshare hands it on.
            started.kill()
            started.wait(PATIENCE_S)
        assert canary.exists(), "the boot reached this machine's /tmp"


def _is_up(started: subprocess.Popen[bytes], said: Path) -> bool:
    assert started.poll() is None, said.read_text()
    if "isolated\n" not in said.read_text():
        return False
    init = psutil.Process(started.pid).children()
    return bool(init) and _idle(Machine(init[0]))


def _idle(machine: Machine) -> bool:
    return machine.run("systemctl", "is-active", "idle.target").stdout.strip() == "active"
