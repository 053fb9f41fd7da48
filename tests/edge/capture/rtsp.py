"""Runs ``rtsp_server.py``, a real GStreamer RTSP server, for a test."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SYSTEM_PYTHON = "/usr/bin/python3"
"""Debian's GStreamer bindings belong to its own Python, not to a virtual environment."""

SCRIPT = Path(__file__).with_name("rtsp_server.py")


@dataclass(frozen=True, kw_only=True)
class RtspServer:
    """A server that runs."""

    port: int
    pid: int

    def uri(self, *, user: str | None = None, password: str | None = None) -> str:
        userinfo = f"{user}:{password}@" if user else ""
        return f"rtsp://{userinfo}127.0.0.1:{self.port}/room"


@contextmanager
def serve(
    clip: Path,
    *,
    user: str | None = None,
    password: str | None = None,
    port: int = 0,
    transport: str = "any",
) -> Iterator[RtspServer]:
    """Serve a clip, from its beginning for each client; port 0 for a free one."""
    credentials = [user, password] if user and password else []
    process = subprocess.Popen(
        [SYSTEM_PYTHON, str(SCRIPT), str(clip), *credentials],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "RTSP_PORT": str(port), "RTSP_TRANSPORT": transport},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the RTSP server did not start; see tests/system-packages.txt"
        yield RtspServer(port=int(line), pid=process.pid)
    finally:
        process.kill()
        process.communicate()
