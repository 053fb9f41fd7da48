"""Asks the daemon's own code, in its own process, what it makes of this machine and an engine.

The gate must be the one that the daemon applies at start, and ``export`` knows nothing of the
edge's services. So this starts ``python -m edge.doctor.probe``, the process in which the doctor
tries models, confined as the vision worker is: an engine that passes here passes there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pain.bundle import Precision
from pain.errors import ExportError, ProviderError

LIMIT_S: Final = 300.0


def gpu_name() -> str:
    """Name of the GPU, as the daemon will look for its engine.

    Raises:
        ProviderError: there is none that it can use.
    """
    answer = _ask("gpu", {})
    if "error" in answer:
        raise ProviderError(answer["error"])
    return str(answer["facts"]["gpu"])


def prove(bundle: Path, *, precision: Precision, engines: Path) -> None:
    """Run the golden faces on an engine through the daemon's own runner.

    Args:
        bundle: its folder.
        precision: of the engine.
        engines: folder of engines in which it lies.

    Raises:
        ExportError: it does not give the golden results, or does not run.
    """
    settings = {
        "bundle": str(bundle.resolve()),
        "provider": "tensorrt-native",
        "precision": precision,
        "fallback": False,
        "engines": str(engines.resolve()),
    }
    answer = _ask("model", settings)
    if "error" in answer:
        raise ExportError(f"the engine fails its accuracy gate and is not kept: {answer['error']}")


def _ask(kind: str, settings: Mapping[str, object]) -> Mapping[str, Any]:
    try:
        done = subprocess.run(  # noqa: S603  (our own interpreter and module)
            [sys.executable, "-m", "edge.doctor.probe", kind],
            input=json.dumps(settings),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ExportError(f"the daemon's probe gave no answer within {LIMIT_S:g} s") from error
    try:
        answer: Mapping[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise ExportError(
            f"the daemon's probe crashed with code {done.returncode}: {last[0]}"
        ) from error
    return answer
