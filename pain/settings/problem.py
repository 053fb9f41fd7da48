"""One thing that is wrong with a config file, and how it is shown without giving secrets away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pain.errors import ConfigError, ConfigErrors
from pain.settings.redact import REDACTED, redact, secrets_of

KeyPath = tuple[str | int, ...]

_SECRET_KEY: Final = re.compile(r"pass|secret|token|credential", re.IGNORECASE)

LONGEST_SHOWN: Final = 60
"""Longer values are cut in messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        message: what is wrong and what to do.
        line: 1-based line, None for the file as a whole.
        path: keys and list positions down to the key; empty for the file.
        value: the value as written; None where it says nothing.
    """

    message: str
    line: int | None = None
    path: KeyPath = ()
    value: object = None


def dotted(path: KeyPath) -> str:
    """A path as people write it: ``rooms[0].camera.uri``."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.removeprefix(".")


def as_error(problems: Sequence[Problem], file: str) -> ConfigError:
    """All problems of a file as one error, in the order of their lines."""
    ordered = sorted(problems, key=lambda problem: problem.line or 0)
    errors = [
        ConfigError(
            problem.message,
            file=file,
            line=problem.line,
            key=dotted(problem.path) or None,
            value=shown(problem.path, problem.value),
        )
        for problem in ordered
    ]
    return errors[0] if len(errors) == 1 else ConfigErrors(errors)


def shown(path: KeyPath, value: object) -> object:
    """A value as it may appear in a message: a scalar, cut short, free of secrets."""
    if not isinstance(value, str | int | float):
        return None
    if any(isinstance(key, str) and _SECRET_KEY.search(key) for key in path) and not (
        path and str(path[-1]).endswith("_file")
    ):
        return REDACTED
    if not isinstance(value, str):
        return value
    clean = redact(value, secrets_of(value))
    return clean if len(clean) <= LONGEST_SHOWN else clean[: LONGEST_SHOWN - 1] + "…"
