"""What each process of a pool must know: Ctrl-C is not its business; it ends with its parent."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading


def join_pool() -> None:
    """Make this process a well-behaved member of its parent's pool; call it before all else."""
    # Ctrl-C reaches every process of the terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A pool's process whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
