"""Cut the vision worker off from the network, from core dumps, and from outliving its gateway.

Must run while the process still has one thread: namespaces are per thread, and libraries such as
numpy start threads when they are imported.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import socket
import sys
from pathlib import Path
from typing import Final

from pain.errors import WorkerError

PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_SET_NO_NEW_PRIVS: Final = 38
"""linux/prctl.h."""

CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWNET: Final = 0x40000000
"""linux/sched.h."""

_libc: Final = ctypes.CDLL(None, use_errno=True)


def confine(*, network: bool, parent_pid: int) -> str:
    """Give up everything that watching one camera does not need.

    Args:
        network: keep the network, since the camera is reached through it.
        parent_pid: the gateway; this process ends with it.

    Returns:
        How the worker is kept off the network, for people.

    Raises:
        WorkerError: it cannot be kept off, or the process has more than one thread.
    """
    _check_single_thread()
    # The order matters: a new user namespace clears the parent-death signal and needs a
    # dumpable process; a seccomp filter without root needs no_new_privs.
    namespace = not network and leave_network()
    die_with(parent_pid)
    forbid_core_dumps()
    forbid_new_privileges()
    filtered = not network and deny_sockets()
    if network:
        return "open: the camera is on the network; the service unit must limit it to the camera"
    kept_off_by = [
        name for name, done in (("network namespace", namespace), ("seccomp", filtered)) if done
    ]
    if not kept_off_by:
        raise WorkerError(
            "the vision worker cannot be kept off the network here: the system allows no network "
            "namespace and libseccomp is absent; install libseccomp2"
        )
    return f"none: {' and '.join(kept_off_by)}"


def leave_network() -> bool:
    """Enter a new, empty network namespace.

    Returns:
        Whether the system allows it, with or without root.
    """
    if _libc.unshare(CLONE_NEWNET) == 0:
        return True
    user, group = os.getuid(), os.getgid()
    if _libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return False
    # Remain who we are, so that files and devices open as before.
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        Path("/proc/self", name).write_text(line, encoding="ascii")
    return True


def deny_sockets() -> bool:
    """Refuse every socket but Unix ones with EACCES, by a seccomp filter.

    Returns:
        Whether libseccomp is there and the filter stands.
    """
    try:
        import pyseccomp
    except (ImportError, OSError, RuntimeError):
        # pyseccomp raises RuntimeError without libseccomp.so.2.
        return False
    refusal = pyseccomp.ERRNO(errno.EACCES)
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    # "All but Unix" and not "no internet": vsock, Bluetooth and packet sockets carry data too.
    not_unix = pyseccomp.Arg(0, pyseccomp.NE, socket.AF_UNIX)
    rules.add_rule(refusal, "socket", not_unix)
    # io_uring can open sockets past the filter; setns can go back to the old namespace.
    rules.add_rule(refusal, "io_uring_setup")
    rules.add_rule(refusal, "setns")
    rules.load()
    return True


def die_with(parent_pid: int) -> None:
    """Have the kernel kill this process when the gateway's thread that started it ends."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        # It ended before the kernel was asked.
        sys.exit(0)


def forbid_core_dumps() -> None:
    """Never let memory, which holds pictures, be written to disk or read by a debugger."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _prctl(PR_SET_DUMPABLE, 0)


def forbid_new_privileges() -> None:
    """Make set-user-id programs powerless in this process and its children."""
    _prctl(PR_SET_NO_NEW_PRIVS, 1)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise WorkerError(f"prctl({option}, {value}) failed: {os.strerror(number)}")


def _check_single_thread() -> None:
    threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208  (the count alone matters)
    if threads != 1:
        raise WorkerError(f"the sandbox must come before all threads; there are {threads}")
