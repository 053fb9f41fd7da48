"""What a confined process can still do, tried from inside it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.worker import sandbox
from pain.errors import WorkerError

SCRIPT = Path(__file__).with_name("confined.py")
REFUSED = "PermissionError: Permission denied"

Tried = dict[str, Any]


@pytest.fixture
def tried() -> Iterator[Callable[[str], Tried]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def run(mechanism: str) -> Tried:
            result = subprocess.run(
                [sys.executable, str(SCRIPT), mechanism, str(port)],
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
            assert result.returncode == 0, result.stderr
            report: Tried = json.loads(result.stdout)
            return report

        yield run


def namespaces_allowed() -> bool:
    code = "import sys; from edge.worker import sandbox; sys.exit(not sandbox.leave_network())"
    return subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_confinement_the_network_is_there(tried: Callable[[str], Tried]) -> None:
    # Otherwise the tests below would pass for the wrong reason.
    report = tried("nothing")
    assert report["connect"] == "worked"
    assert report["inet"] == report["inet6"] == report["unix"] == "worked"


@pytest.mark.skipif(
    not namespaces_allowed(), reason="this system (a container?) allows no network namespaces"
)
def test_a_network_namespace_leads_nowhere(tried: Callable[[str], Tried]) -> None:
    report = tried("namespace")
    assert report["answer"] is True
    assert report["connect"] == "OSError: Network is unreachable"
    assert report["user"] == os.getuid()


@pytest.mark.parametrize("mechanism", ["seccomp", "without namespaces", "everything"])
def test_a_filter_refuses_all_sockets_but_unix(
    tried: Callable[[str], Tried], mechanism: str
) -> None:
    report = tried(mechanism)
    assert report["seccomp"] == "2"
    for what in ("connect", "inet", "inet6", "packet", "netlink", "setns"):
        assert report[what] == REFUSED, what
    assert report["unix"] == "worked"


def test_a_local_camera_gets_every_protection(tried: Callable[[str], Tried]) -> None:
    report = tried("everything")
    assert report["answer"].startswith("none: ")
    assert "seccomp" in report["answer"]
    assert ("network namespace" in report["answer"]) == namespaces_allowed()
    assert report["core_limit"] == [0, 0]
    assert report["dumpable"] == 0
    assert report["no_new_privs"] == "1"


def test_without_namespaces_the_filter_alone_is_named(tried: Callable[[str], Tried]) -> None:
    assert tried("without namespaces")["answer"] == "none: seccomp"


def test_a_network_camera_keeps_the_network_and_says_so(tried: Callable[[str], Tried]) -> None:
    report = tried("with network")
    assert report["answer"].startswith("open: the camera is on the network")
    assert report["connect"] == "worked"
    assert report["core_limit"] == [0, 0]
    assert report["dumpable"] == 0


def test_confinement_is_refused_once_threads_run() -> None:
    ending = threading.Event()
    thread = threading.Thread(target=ending.wait)
    thread.start()
    try:
        with pytest.raises(WorkerError, match="before all threads"):
            sandbox.confine(network=False, parent_pid=os.getppid())
    finally:
        ending.set()
        thread.join()


def test_a_worker_that_cannot_be_confined_is_refused() -> None:
    code = (
        "import os; from edge.worker import sandbox\n"
        "sandbox.leave_network = lambda: False\n"
        "sandbox.deny_sockets = lambda: False\n"
        "sandbox.confine(network=False, parent_pid=os.getppid())"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode != 0
    assert "install libseccomp2" in result.stderr


def test_a_process_whose_parent_is_gone_ends_at_once() -> None:
    code = "import os; from edge.worker import sandbox; sandbox.die_with(os.getpid()); print('on')"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
