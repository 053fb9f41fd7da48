"""Logging of a service: one line per record on standard error, never a secret in it."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Final

from pain.errors import UsageError
from pain.settings.redact import redact

_log = logging.getLogger(__name__)

_LEVELS: Final = ("debug", "info", "warning", "error")
_FORMS: Final = ("human", "json")

_secrets: set[str] = set()
"""What no line may show; a process has one log, so it has one set."""


def set_up_logging(level: str, form: str = "human") -> None:
    """Send log records, and exceptions that nobody caught, to standard error.

    Args:
        level: debug, info, warning or error.
        form: human, or json: one object per line with at, level, logger, message and, after an
            exception, trace.

    Raises:
        UsageError: another word was given.
    """
    if level not in _LEVELS:
        raise UsageError(f"--log-level {level!r}: choose one of {', '.join(_LEVELS)}")
    if form not in _FORMS:
        raise UsageError(f"--log-format {form!r}: choose one of {', '.join(_FORMS)}")
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines() if form == "json" else _HumanLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def hide(secrets: Iterable[str]) -> None:
    """Keep these out of every line from now on, tracebacks included."""
    _secrets.update(secret for secret in secrets if secret)


def without_secrets(text: str) -> str:
    """The text with every hidden secret replaced."""
    return redact(text, tuple(sorted(_secrets, key=len, reverse=True)))


class _HumanLines(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        fields = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            # Before the line is made: JSON writes quotes and backslashes of a secret otherwise.
            "message": without_secrets(record.getMessage()),
        }
        if record.exc_info:
            fields["trace"] = without_secrets(self.formatException(record.exc_info))
        return without_secrets(json.dumps(fields, ensure_ascii=False))


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    _log.critical("an internal error ends this process", exc_info=(kind, error, trace))


def _uncaught_in_thread(hook: threading.ExceptHookArgs) -> None:
    if hook.exc_value is not None:
        name = hook.thread.name if hook.thread else "unknown"
        _log.critical(
            "an internal error ended the thread %s",
            name,
            exc_info=(hook.exc_type, hook.exc_value, hook.exc_traceback),
        )
