"""Runs in a process of its own: gives something up, then tries what should no longer work.

Usage: confined.py MECHANISM PORT, where something listens on the loopback PORT.
Prints one JSON object with what was tried and what came of it.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from edge.worker import sandbox

UNIX_ADDRESS = "\0painwatch-test"


def attempt(action: Callable[[], object]) -> str:
    try:
        action()
    except OSError as error:
        return type(error).__name__ + ": " + str(error.strerror)
    return "worked"


def connect(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), timeout=5).close()


def open_socket(family: int, kind: int = socket.SOCK_STREAM) -> None:
    socket.socket(family, kind).close()


def status_of(field: str) -> str:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"{field}:"))


def main() -> None:
    mechanism, port = sys.argv[1], int(sys.argv[2])
    parent = os.getppid()
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    answer: object
    if mechanism == "nothing":
        answer = None
    elif mechanism == "namespace":
        answer = sandbox.leave_network()
    elif mechanism == "seccomp":
        sandbox.forbid_new_privileges()
        answer = sandbox.deny_sockets()
    elif mechanism == "without namespaces":
        sandbox.leave_network = lambda: False
        answer = sandbox.confine(network=False, parent_pid=parent)
    elif mechanism == "with network":
        answer = sandbox.confine(network=True, parent_pid=parent)
    else:
        answer = sandbox.confine(network=False, parent_pid=parent)
    report = {
        "answer": answer,
        "connect": attempt(lambda: connect(port)),
        "inet": attempt(lambda: open_socket(socket.AF_INET)),
        "inet6": attempt(lambda: open_socket(socket.AF_INET6, socket.SOCK_DGRAM)),
        "packet": attempt(lambda: open_socket(socket.AF_PACKET, socket.SOCK_RAW)),
        "netlink": attempt(lambda: open_socket(socket.AF_NETLINK, socket.SOCK_RAW)),
        "unix": attempt(lambda: open_socket(socket.AF_UNIX)),
        "no_new_privs": status_of("NoNewPrivs"),
        "seccomp": status_of("Seccomp"),
        "core_limit": resource.getrlimit(resource.RLIMIT_CORE),
        "user": os.getuid(),
        "dumpable": sandbox._libc.prctl(3, 0, 0, 0, 0),  # PR_GET_DUMPABLE
        "setns": attempt(lambda: setns(home)),
    }
    sys.stdout.write(json.dumps(report))


def setns(descriptor: int) -> None:
    if sandbox._libc.setns(descriptor, sandbox.CLONE_NEWNET) != 0:
        number = sandbox.ctypes.get_errno()
        raise OSError(number, os.strerror(number))


main()
