"""The file of one room's template: readable by this user alone, whole or not there."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from edge.identity.values import Template
from pain.errors import StorageError

_FOLDER_MODE: Final = 0o700


class Vault:
    """Keeps a template over restarts, in a file of its own that can be deleted for good.

    Args:
        file: where; it and its folder are made when a template is kept.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def kept(self) -> bool:
        """Whether there is a file, readable or not."""
        return self._file.exists()

    def load(self) -> Template | None:
        """The template, None where none is kept.

        Raises:
            StorageError: it is there and cannot be read.
        """
        try:
            return Template.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(f"{self._file}: cannot be read ({error.strerror})") from error
        except ValidationError as error:
            # The error would show the numbers.
            raise StorageError(
                f"{self._file}: is damaged or of another version ({error.error_count()} faults)"
            ) from None

    def keep(self, template: Template) -> None:
        """Write a template in place of any before; after a power cut it is the old one or the new.

        Raises:
            StorageError: it cannot be written.
        """
        folder = self._file.parent
        draft: Path | None = None
        try:
            folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            # mkstemp makes the file for this user alone.
            number, name = tempfile.mkstemp(dir=folder, prefix=f".{self._file.name}-")
            draft = Path(name)
            with os.fdopen(number, "wb") as file:
                file.write(template.model_dump_json().encode())
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._file)
            _settle(folder)
        except OSError as error:
            if draft is not None:
                with suppress(OSError):
                    draft.unlink()
            raise StorageError(f"{self._file}: cannot be written ({error.strerror})") from error

    def forget(self) -> None:
        """Delete the template and what a power cut may have left of an older one.

        Raises:
            StorageError: it cannot be deleted.
        """
        try:
            for draft in self._file.parent.glob(f".{self._file.name}-*"):
                draft.unlink()
            self._file.unlink(missing_ok=True)
            if self._file.parent.exists():
                _settle(self._file.parent)
        except OSError as error:
            raise StorageError(f"{self._file}: cannot be deleted ({error.strerror})") from error


def _settle(folder: Path) -> None:
    """Make a renamed or deleted name survive a power cut."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
