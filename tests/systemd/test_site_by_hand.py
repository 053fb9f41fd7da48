"""The commands of systemd/README.md for the broker, run as they stand there by the real mosquitto.

Only names are led elsewhere: folders, the port, and the broker's host, which is localhost here.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.brokers import PATIENCE_S, free_port
from tests.systemd.shipped import SHIPPED

README: Final = (SHIPPED / "README.md").read_text()
ROOT: Final = os.geteuid() == 0
ROOM_16: Final = "painwatch/rosenhof/room-16/event"
ROOM_14: Final = "painwatch/rosenhof/room-14/event"


def commands(heading: str) -> list[str]:
    """The shell blocks between a heading and the next one."""
    text = README.split(f"\n{heading}\n", 1)[1]
    text = re.split(r"^#{2,3} ", text, maxsplit=1, flags=re.MULTILINE)[0]
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert blocks, f"no commands under {heading}"
    return blocks


class Site:
    """A broker's machine in a folder, on which the README is followed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._names: list[str] = []
        self._broker: subprocess.Popen[str] | None = None
        (folder / "etc" / "certs").mkdir(parents=True)
        (folder / "lib").mkdir()
        if ROOT:  # mosquitto gives up root, as at a site
            shutil.chown(folder / "lib", "mosquitto", "mosquitto")

    def follow(self, heading: str) -> str:
        """Run what stands under a heading; give what it printed."""
        printed = ""
        for block in commands(heading):
            printed += self._run(self._led_here(block))
            # The next blocks go on in the same shell at a site.
            self._names += re.findall(r"^(?:\w+=\S+ ?)+$", self._led_here(block), re.MULTILINE)
            self._do_what_systemctl_was_asked()
        return printed

    def password(self, user: str) -> str:
        return (self.folder / "ca" / "passwords" / user).read_text().strip()

    def may_write(self, user: str, topic: str, password: str | None = None) -> bool:
        """Whether the broker takes a message of this user; MQTT 5, so that it says so."""
        said = subprocess.run(
            [
                *("mosquitto_pub", "-V", "5", "-h", "localhost", "-p", str(self.port)),
                *("--cafile", str(self.folder / "ca" / "ca.crt"), "-q", "1"),
                *("-t", topic, "-m", "x", "-u", user, "-P", password or self.password(user)),
            ],
            check=False,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        if "uthori" in said.stderr:
            return False
        assert said.returncode == 0, said.stderr
        return True

    def stop(self) -> None:
        if self._broker is not None:
            self._broker.terminate()
            self._broker.communicate(timeout=PATIENCE_S)

    def _led_here(self, block: str) -> str:
        for there, here in (
            ("/etc/ssl/painwatch-ca", f"{self.folder}/ca"),
            ("/etc/mosquitto", f"{self.folder}/etc"),
            ("broker.rosenhof.example", "localhost"),
            ("8883", str(self.port)),
            ("-W 5", "-W 1"),
            *(() if ROOT else ((" -g mosquitto", ""), ("chown ", ": "))),
        ):
            block = block.replace(there, here)
        return block

    def _run(self, block: str) -> str:
        asked = f'systemctl() {{ echo "$*" >> {self.folder}/asked; }}'
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", "\n".join((asked, *self._names, block))],
            cwd=SHIPPED.parent,
            check=False,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def _do_what_systemctl_was_asked(self) -> None:
        asked = self.folder / "asked"
        if not asked.exists():
            return
        for order in asked.read_text().splitlines():
            if order == "restart mosquitto":
                self._start()
            else:
                assert order == "reload mosquitto"
                assert self._broker is not None
                self._broker.send_signal(signal.SIGHUP)
                self._wait_for_log("Reloading config.")
        asked.unlink()

    def _start(self) -> None:
        conf = self.folder / "etc" / "mosquitto.conf"
        conf.write_text(
            self._led_here(conf.read_text()).replace("/var/lib/mosquitto", f"{self.folder}/lib")
        )
        self._broker = subprocess.Popen(
            ["/usr/sbin/mosquitto", "-c", str(conf)], stderr=subprocess.PIPE, text=True
        )
        self._wait_for_log(" running")

    def _wait_for_log(self, end: str) -> None:
        assert self._broker is not None
        assert self._broker.stderr is not None
        said = []
        for line in self._broker.stderr:
            said.append(line)
            if line.rstrip().endswith(end):
                return
        pytest.fail(f"mosquitto ended: {said}")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    # Not pytest's own folder: only its owner may enter that, and mosquitto is somebody else.
    with tempfile.TemporaryDirectory(prefix="painwatch-site-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        site = Site(folder)
        try:
            site.follow("## The broker")
            site.follow("### Certificates")
            site.follow("### Users and rights")
            yield site
        finally:
            site.stop()


def test_the_broker_speaks_with_the_certificate_and_the_users_made_by_hand(site: Site):
    assert site.may_write("box-3", ROOM_14)
    assert not site.may_write("ward-2", ROOM_14)
    assert not site.may_write("box-3", ROOM_14, site.password("ward-2"))


def test_what_is_secret_is_read_by_nobody_else(site: Site):
    secrets = [site.folder / "etc" / name for name in ("passwd", "certs/broker.key")]
    assert [path.name for path in secrets if path.stat().st_mode & 0o007] == []
    assert (site.folder / "ca").stat().st_mode & 0o077 == 0


def test_a_room_comes_and_goes_and_leaves_the_other_rooms_as_they_were(site: Site):
    acl = site.folder / "etc" / "acl"
    before = [line for line in acl.read_text().splitlines() if line.startswith("topic")]
    assert not site.may_write("box-3", ROOM_16)
    site.follow("### A room is added")
    assert site.may_write("box-3", ROOM_16)
    assert site.may_write("box-3", "homeassistant/device/painwatch-rosenhof-ROOM-room-16/config")
    assert site.may_write("box-3", ROOM_14)
    site.follow("### A room is removed")
    assert not site.may_write("box-3", ROOM_16)
    assert site.may_write("box-3", ROOM_14)
    after = [line for line in acl.read_text().splitlines() if line.startswith("topic")]
    assert after == before


def test_a_changed_password_counts_at_once_and_the_old_one_no_more(site: Site):
    old = site.password("box-3")
    site.follow("### A password is changed")
    assert site.may_write("box-3", ROOM_14)
    assert not site.may_write("box-3", ROOM_14, password=old)


def test_the_lines_of_an_added_room_are_those_of_the_shipped_access_list():
    (added,) = commands("### A room is added")
    added = added.replace("$site", "rosenhof").replace("$room", "room-14")
    shipped = (SHIPPED / "mosquitto" / "acl").read_text()
    assert {line for line in added.splitlines() if line.startswith("topic")} == {
        line for line in shipped.splitlines() if line.startswith("topic") and "room-14" in line
    }
