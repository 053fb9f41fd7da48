"""Runs a probe in its own process and brings its answer back."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from pain.errors import InternalError, ProviderError, UsageError

PROBE_TIMEOUT_S: Final = 60.0
"""Loading MediaPipe on a slow box takes seconds; a camera adds its own time-out to this."""


def probe(kind: str, settings: BaseModel | None, *, timeout_s: float) -> Mapping[str, Any]:
    """Run one probe of ``edge.doctor.probe``.

    Args:
        kind: camera, model, embedding, tracker or sandbox.
        settings: the config section it needs.
        timeout_s: after this time it is killed, seconds.

    Returns:
        The facts it found.

    Raises:
        ProviderError: what was to compute is absent on this machine.
        UsageError: what it looked at is wrong; the message says what.
        InternalError: the probe crashed or hung.
    """
    given = "{}" if settings is None else settings.model_dump_json()
    try:
        done = subprocess.run(  # noqa: S603  (our own interpreter and module)
            [sys.executable, "-m", "edge.doctor.probe", kind],
            input=given,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InternalError(f"no answer within {timeout_s:g} s") from error
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise InternalError(f"crashed with code {done.returncode}: {last[0]}") from error
    if "error" in answer:
        raise (ProviderError if answer["provider_absent"] else UsageError)(answer["error"])
    facts: Mapping[str, Any] = answer["facts"]
    return facts
