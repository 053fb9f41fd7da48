"""Runs a target in a process of its own and reads what libFuzzer and the target say."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.faults.fuzz.words import OUTCOMES

INPUTS: Final = 100_000
SEED: Final = os.environ.get("PAINWATCH_FUZZ_SEED", "6")
ROOT: Final = Path(__file__).parents[3]

needs_atheris = pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"),
    reason=f"atheris has no wheel for {sys.platform} on {platform.machine()}: nothing is fuzzed",
)


def outcomes_of(target: str, folder: Path, *options: str) -> Counter[str]:
    """How many of 100,000 inputs ended in which way; fails with the input that broke something.

    Args:
        target: a module beside this one.
        folder: empty, for the files of this run.
        options: libFuzzer's.
    """
    ended = subprocess.run(
        [
            *(sys.executable, "-m", f"tests.faults.fuzz.{target}", f"-runs={INPUTS}"),
            *(f"-seed={SEED}", f"-artifact_prefix={folder}/", *options),
        ],
        # A fixed order of sets, so that a seed finds the same again.
        env={**os.environ, "PYTHONHASHSEED": "0", "TMPDIR": str(folder)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    found = [
        f"{path.name}: {path.read_bytes()!r}"
        for kind in ("crash-*", "timeout-*", "oom-*", "leak-*")
        for path in sorted(folder.glob(kind))
    ]
    broke = ended.returncode != 0 or found
    assert not broke, "\n".join([f"{target}, seed {SEED}:", *found, ended.stderr[-4000:]])
    runs = re.search(r"^Done (\d+) runs in", ended.stderr, re.MULTILINE)
    told = [line for line in ended.stdout.splitlines() if line.startswith(OUTCOMES)]
    assert runs, ended.stderr[-4000:]
    assert told, ended.stdout[-4000:]
    outcomes = Counter(json.loads(told[-1].removeprefix(OUTCOMES)))
    assert int(runs[1]) >= INPUTS
    assert outcomes.total() >= INPUTS
    return outcomes
