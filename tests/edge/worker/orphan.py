"""A gateway that dies: starts a worker, passes on its first beat, and is gone.

Usage: orphan.py SETTINGS, the configuration as JSON. Prints the worker's process id.
"""

from __future__ import annotations

import os
import sys

from edge.config import EdgeConfig
from edge.worker.handle import WorkerHandle
from edge.worker.messages import Hello, decode

config = EdgeConfig.model_validate_json(sys.argv[1])
worker = WorkerHandle(room=config.rooms[0], config=config, fast=False)
worker.start()
while not isinstance(decode(worker.connection.recv_bytes()), Hello):
    pass
sys.stdout.write(f"{worker.pid}\n")
sys.stdout.flush()
sys.stdin.read()
os._exit(0)
