"""Carries steps out one after the other; what is done and unchanged is not done again."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from train.ship.steps import Step

RECORD_NAME: Final = "ship.json"

Run = Callable[[Sequence[str]], int]
Tell = Callable[[str], None]


def painwatch(words: Sequence[str]) -> int:
    """Run ``painwatch`` with these words in a process of its own; gives its exit code."""
    done = subprocess.run([sys.executable, "-m", "painwatch", *words], check=False)  # noqa: S603
    return done.returncode


def carry_out(
    steps: Sequence[Step], out: Path, *, inputs: str, tell: Tell, run: Run | None = None
) -> int:
    """Do what is not done yet.

    A step counts as done where it ended well with this command and these inputs, what it makes is
    there, and no earlier step had to be done again.

    Args:
        steps: in order.
        out: folder of the record.
        inputs: from ``digest_of``.
        tell: told what is done, skipped or failed.
        run: does a command; a process of its own when None.

    Returns:
        0, or the exit code of the command that failed; those before it stay done.
    """
    record = _read(out / RECORD_NAME)
    again = False
    for number, step in enumerate(steps, start=1):
        place = f"{number}/{len(steps)} {step.title}"
        key = step.key(inputs)
        known = record.get(place, {})
        if not again and known.get("key") == key and step.makes.exists():
            tell(f"{place}: done before in {known['duration_s']:.0f} s, {step.makes}")
            continue
        again = True
        record = {name: entry for name, entry in record.items() if name != place}
        tell(f"{place}: painwatch {' '.join(step.words)}")
        started_s = time.monotonic()
        code = (run or painwatch)(step.words)
        if code != 0:
            _write(out / RECORD_NAME, record)
            tell(f"{place}: failed (exit code {code}); mend it and give the same command again")
            return code
        duration_s = round(time.monotonic() - started_s, 1)
        record[place] = {"key": key, "command": list(step.words), "duration_s": duration_s}
        _write(out / RECORD_NAME, record)
        tell(f"{place}: done in {duration_s:.0f} s, {step.makes}")
    return 0


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, record: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    staging = path.with_name(f".{path.name}")
    staging.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    staging.replace(path)
