"""The vision worker process: ``python -m edge.worker``, started by ``WorkerHandle`` alone.

Its settings come on standard input, its messages go to the pipe named on the command line.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from multiprocessing.connection import Connection

from edge.config.source_uri import parse_uri
from edge.quiet import hush
from edge.worker.plotting import without_plotting
from edge.worker.sandbox import confine
from edge.worker.settings import WorkerSettings
from pain.errors import SourceError, WorkerError
from pain.settings.redact import RedactingFormatter, secrets_of


def main() -> int:
    """Confine this process, then watch one room.

    Returns:
        The exit code.
    """
    # The gateway decides when to end; a Ctrl-C in the terminal is meant for it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Kept until the thread that waits for it is there; threads inherit this.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    arguments = _parse_arguments()
    settings = WorkerSettings.model_validate_json(sys.stdin.buffer.read())
    _log_to_stderr(settings, level=arguments.log_level)
    with Connection(arguments.pipe, readable=False) as connection:
        try:
            network = confine(network=_needs_network(settings), parent_pid=arguments.parent)
        except WorkerError as error:
            return _refuse(connection, str(error))
        hush()
        without_plotting()
        # Only now: these load numpy, FFmpeg, MediaPipe and ONNX Runtime, and start threads.
        from edge.worker.process import run

        return run(settings, connection, network=network)


def _refuse(connection: Connection, detail: str) -> int:
    """Look at no picture: a worker that is not confined must not see one."""
    from edge.worker.messages import Failed, encode
    from pain.values import Reason

    message = Failed.because(Reason.MODEL_FAILED, detail, fatal=True)
    connection.send_bytes(encode(message))
    return WorkerError.exit_code


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m edge.worker", description=__doc__)
    parser.add_argument("--room", required=True, help="id of the room, for the process list")
    parser.add_argument("--pipe", type=int, required=True, help="descriptor for messages")
    parser.add_argument("--parent", type=int, required=True, help="process id of the gateway")
    parser.add_argument("--log-level", default="INFO", help="least severity that is logged")
    return parser.parse_args()


def _needs_network(settings: WorkerSettings) -> bool:
    try:
        return parse_uri(settings.room.camera.uri).needs_network
    except SourceError:
        # Reported once the pipe is there; nothing will be opened.
        return False


def _log_to_stderr(settings: WorkerSettings, *, level: str) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(
        RedactingFormatter(
            fmt=f"%(asctime)s %(levelname)s {settings.room.id} %(name)s: %(message)s",
            secrets=secrets_of(settings.room.camera.uri),
        )
    )
    logging.basicConfig(level=level, handlers=[handler])


def _run_and_exit() -> None:
    try:
        code = main()
    except Exception:  # the process ends here either way: whatever it was must be said first
        logging.getLogger(__name__).exception("the vision worker failed")
        code = 1
    logging.shutdown()
    # No interpreter shutdown: a capture thread may hang in a driver, and native thread pools
    # are known to crash when their library is taken down under them.
    os._exit(code)


if __name__ == "__main__":
    _run_and_exit()
