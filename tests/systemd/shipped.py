"""The shipped files, and a mosquitto that runs with those meant for it."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Self

from edge.config import MqttConfig
from tests.brokers import PATIENCE_S, Certificates, free_port, make_certificates

SHIPPED: Final = Path(__file__).parents[2] / "systemd"
UNITS: Final = ("painwatch-edge.service", "painwatch-edge@.service", "painwatch-station.service")


class ShippedBroker:
    """mosquitto with the shipped files, led to a folder and a port of its own.

    Args:
        folder: for its files.
        users: who has a password: the user's name and ``-pw``.
        more_acl: lines behind those of the shipped access list.
    """

    def __init__(self, folder: Path, *, users: Sequence[str], more_acl: str = "") -> None:
        self.port = free_port()
        self.certificates: Certificates = make_certificates(folder / "ca")
        self._process: subprocess.Popen[str] | None = None
        etc, state = folder / "etc", folder / "state"
        (etc / "certs").mkdir(parents=True)
        state.mkdir()
        for name, path in (
            ("broker.crt", self.certificates.certificate),
            ("broker.key", self.certificates.key),
            ("ca.crt", self.certificates.ca),
        ):
            (etc / "certs" / name).write_bytes(path.read_bytes())
        (etc / "passwd").touch(mode=0o600)
        for user in users:
            subprocess.run(
                ["mosquitto_passwd", "-b", str(etc / "passwd"), user, f"{user}-pw"],
                check=True,
                capture_output=True,
            )
        acl = (SHIPPED / "mosquitto" / "acl").read_text()
        (etc / "acl").write_text(f"{acl}\n{more_acl}")
        shipped = (SHIPPED / "mosquitto" / "mosquitto.conf").read_text()
        conf = (
            re.sub(
                r"^listener 8883$", f"listener {self.port} 127.0.0.1", shipped, flags=re.MULTILINE
            )
            .replace("/etc/mosquitto/", f"{etc}/")
            .replace("/var/lib/mosquitto/", f"{state}/")
        )
        if os.geteuid() == 0:
            conf += "\nuser root\n"  # else it gives up root and cannot read our folder
        self._conf = etc / "mosquitto.conf"
        self._conf.write_text(conf)

    def __enter__(self) -> Self:
        process = subprocess.Popen(
            ["/usr/sbin/mosquitto", "-c", str(self._conf)], stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if line.rstrip().endswith(" running"):
                break
        assert process.poll() is None, said
        # mosquitto must not wait for a reader of its log.
        threading.Thread(target=process.stderr.read, daemon=True).start()
        self._process = process
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(PATIENCE_S)
        assert self._process.stderr is not None
        self._process.stderr.close()

    def config(self, user: str, **changes: Any) -> MqttConfig:
        """Configuration of a box for this broker."""
        settings = {
            "host": "localhost",
            "port": self.port,
            "tls": {"ca_file": self.certificates.ca},
            "username": user,
            "password": f"{user}-pw",
        }
        return MqttConfig.model_validate({**settings, **changes})
