"""A mosquitto of the bench's own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pain.errors import BrokerError

START_S: Final = 10.0


def free_port() -> int:
    """A port on loopback that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def mosquitto(folder: Path) -> Iterator[int]:
    """Run mosquitto on a free loopback port for the length of a block; gives the port.

    Raises:
        BrokerError: it is not installed, or does not start.
    """
    program = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise BrokerError("the bench runs a broker of its own: apt-get install mosquitto")
    port = free_port()
    config = folder / "mosquitto.conf"
    lines = [f"listener {port} 127.0.0.1", "allow_anonymous true", "log_type error"]
    if os.geteuid() == 0:
        lines.append("user root")  # else it gives up root and cannot read our folder
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with subprocess.Popen([program, "-c", str(config)]) as process:  # noqa: S603  our own config
        try:
            _wait(port)
            yield port
        finally:
            process.terminate()


def _wait(port: int) -> None:
    deadline_s = time.monotonic() + START_S
    while time.monotonic() < deadline_s:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
        except OSError:
            time.sleep(0.05)  # mosquitto tells nobody when it listens
        else:
            return
    raise BrokerError("mosquitto did not start within 10 s")
