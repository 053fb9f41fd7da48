"""Read a settings file; every mistake in it is told with file, line, key and what to do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from pain.errors import ConfigError
from pain.settings.document import Document, parse
from pain.settings.explain import explain
from pain.settings.problem import Problem, as_error
from pain.settings.section import Section

SettingsT = TypeVar("SettingsT", bound=Section)


def read_settings(path: Path, root: type[SettingsT], *, example: str) -> tuple[SettingsT, Document]:
    """Read and check a file; files that it names are not looked for.

    Args:
        path: YAML file, UTF-8.
        root: the section of the whole file.
        example: an example file, for the person whose file is wrong.

    Returns:
        The settings, and the document that knows the line of every key.

    Raises:
        ConfigError: anything is wrong; ``ConfigErrors`` when several things are. No message shows
            a password, or the user and password in an address.
    """
    document = read_document(path, example=example)
    return settings_of(document, root, example=example), document


def read_document(path: Path, *, example: str) -> Document:
    """Read one YAML file.

    Args:
        path: UTF-8.
        example: an example file, for the person whose file is wrong.

    Raises:
        ConfigError: absent, not text, not YAML, or with values that no setting can hold.
    """
    document = parse(_text(path, example), file=str(path))
    if document.problems:
        raise as_error(document.problems, document.file)
    return document


def settings_of(document: Document, root: type[SettingsT], *, example: str) -> SettingsT:
    """Check the values of a document.

    Args:
        document: what was read.
        root: the section of the whole file.
        example: an example file, for the person whose file is wrong.

    Raises:
        ConfigError: anything is wrong.
    """
    if not isinstance(document.data, dict):
        required = (name for name, key in root.model_fields.items() if key.is_required())
        problem = Problem(
            message=f"must be a list of keys with values ({', '.join(required)}); "
            f"start from {example}",
            line=document.line(()),
        )
        raise as_error([problem], document.file)
    try:
        # From JSON, strictly: a list is a tuple and text is a path, but "25" is no number and
        # true is no 1.
        return root.model_validate_json(json.dumps(document.data), strict=True)
    except ValidationError as error:
        # Not chained: pydantic's own message quotes values, passwords too.
        raise as_error(list(explain(error, document, root)), document.file) from None


def refuse(problems: Sequence[Problem], document: Document) -> None:
    """Refuse a document for what its values name, if anything is wrong with that.

    Args:
        problems: what is wrong, by keys.
        document: where they stand.

    Raises:
        ConfigError: there are problems.
    """
    if problems:
        told = [replace(problem, line=document.line(problem.path)) for problem in problems]
        raise as_error(told, document.file)


def _text(path: Path, example: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(
            f"no such file; give the path of a config file, {example} is an example",
            file=str(path),
        ) from error
    except IsADirectoryError as error:
        raise ConfigError("is a folder; give the YAML file in it", file=str(path)) from error
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", file=str(path)) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(
            "is not UTF-8 text; save it as UTF-8", file=str(path), line=line
        ) from error
