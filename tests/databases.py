"""A real PostgreSQL for the tests that want one."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from tests.brokers import free_port

OWNER = "postgres"
"""PostgreSQL does not run as root; Debian's package makes this user."""


class PostgresServer:
    """A PostgreSQL of our own on a free loopback port, in a folder of its own."""

    def __init__(self) -> None:
        # Not pytest's folder: that is closed to other users.
        self._folder = Path(tempfile.mkdtemp(prefix="painwatch-postgres-"))
        self._port = free_port()
        self._databases = 0

    def __enter__(self) -> Self:
        data = self._folder / "data"
        if os.geteuid() == 0:
            shutil.chown(self._folder, OWNER)
        self._run("initdb", "-D", str(data), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(data), "-l", log, "-o", options, "-w", "start")
        return self

    def __exit__(self, *_: object) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self._folder)

    def new_database(self) -> str:
        """Make an empty database; return its URL."""
        self._databases += 1
        name = f"painwatch_{self._databases}"
        server = ("-h", "127.0.0.1", "-p", str(self._port), "-U", OWNER)
        self._run("createdb", *server, name)
        return f"postgresql+psycopg://{OWNER}@127.0.0.1:{self._port}/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
        assert found, "apt-get install postgresql (tests/system-packages.txt)"
        as_owner = ("runuser", "-u", OWNER, "--") if os.geteuid() == 0 else ()
        done = subprocess.run(
            [*as_owner, str(found[-1]), *arguments],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,  # pg_ctl's server would hold a pipe open
            stderr=subprocess.DEVNULL,
            check=False,
        )
        assert done.returncode == 0, (program, done.returncode)
