"""The exception tree.

PainwatchError
├── UsageError              the person who runs painwatch can mend it; exit code 2
│   ├── ConfigError         a key of a config file (file, line, key, value, what to do)
│   │   └── ConfigErrors    several of them at once
│   ├── SourceError         a camera or video that cannot be opened or read
│   │   └── SourceLost      it was open and stopped answering
│   ├── ModelFileError      a model file that is absent or is not the one we trust
│   ├── BundleError         a model bundle that cannot be used
│   │   ├── BundleCorrupt   unreadable, incomplete or not of a known schema
│   │   └── BundleTampered  an artefact differs from its recorded SHA-256
│   ├── ProviderError       the execution provider asked for does not run here
│   ├── BrokerError         the MQTT broker cannot be reached or refuses us
│   ├── StorageError        the state folder's disk is full, failing or not ours
│   ├── DeliveryError       a mail server, web service or broker did not take a message
│   ├── CommandRefused      a command from the station that cannot be carried out
│   ├── AssetError          training material that must be obtained first
│   └── DataError           a data set that cannot be used to train or to test
└── InternalError           painwatch itself is at fault; exit code 1
    ├── WorkerError         a vision worker broke its contract
    ├── ScoringError        the pain model failed on one face, or gave something implausible
    └── ExportError         an exported model does not compute what its checkpoint computes
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class PainwatchError(Exception):
    """Root of every error that painwatch raises on purpose."""

    exit_code: ClassVar[int] = 1


class UsageError(PainwatchError):
    """Something outside painwatch is wrong; the message says what, where and what to do."""

    exit_code: ClassVar[int] = 2


class ConfigError(UsageError):
    """A config file or one of its keys is wrong.

    Args:
        message: what is wrong and what to do.
        file: path of the config file.
        line: 1-based line of the key, when known.
        key: dotted path of the key, e.g. ``rooms[0].camera.uri``.
        value: the offending value as written.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        key: str | None = None,
        value: object = None,
    ) -> None:
        self.message = message
        self.file = file
        self.line = line
        self.key = key
        self.value = value
        super().__init__(str(self))

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        what = f"{self.key}" if self.key else ""
        if self.key and self.value is not None:
            what += f" = {self.value!r}"
        return ": ".join(part for part in (where, what, self.message) if part)


class ConfigErrors(ConfigError):
    """Several things are wrong with one config file.

    Args:
        errors: each of them, in the order of the file; at least one.
    """

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        self.errors = tuple(errors)
        first = self.errors[0]
        super().__init__(
            first.message, file=first.file, line=first.line, key=first.key, value=first.value
        )

    def __str__(self) -> str:
        return "\n".join(
            (f"{len(self.errors)} things are wrong:", *(str(error) for error in self.errors))
        )


class SourceError(UsageError):
    """A camera or video cannot be opened or read."""


class SourceLost(SourceError):
    """A source that was open stopped giving frames."""


class ModelFileError(UsageError):
    """A model file is absent, or its SHA-256 is not the one that was approved."""


class BundleError(UsageError):
    """A model bundle cannot be used."""


class BundleCorrupt(BundleError):
    """A bundle is unreadable, incomplete, or of an unknown schema."""


class BundleTampered(BundleError):
    """An artefact of a bundle differs from its recorded SHA-256."""


class ProviderError(UsageError):
    """The requested execution provider does not run on this machine."""


class BrokerError(UsageError):
    """The MQTT broker cannot be reached, or refuses the connection."""


class StorageError(UsageError):
    """The file that keeps events over a restart cannot be read or written."""


class DeliveryError(UsageError):
    """A recipient of an escalation could not be reached; it is tried again."""


class CommandRefused(UsageError):
    """A command cannot be carried out now.

    Args:
        reason: a sentence for the person who gave the command.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class AssetError(UsageError):
    """Training material is absent or is not the expected version."""


class DataError(UsageError):
    """A data set cannot be used to train or to test; says what was looked for and what to do."""


class InternalError(PainwatchError):
    """Painwatch is at fault."""


class WorkerError(InternalError):
    """A vision worker sent something that is not part of its contract."""


class ScoringError(InternalError):
    """The pain model failed on one face or gave an implausible result; there is no level."""


class ExportError(InternalError):
    """An exported model does not compute what its checkpoint computes; it is not written."""
