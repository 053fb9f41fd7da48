"""What pydantic found, in words that say what to do."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pain.settings.document import Document
from pain.settings.problem import KeyPath, Problem
from pain.settings.section import Section
from pain.settings.sections import places, section_at
from pain.topics import NAME_PATTERN

_NAME_RULE: Final = (
    "must be 1 to 63 lower-case letters, digits, '-' or '_', beginning with a letter or digit, "
    "e.g. room-12"
)
"""Said for ``pain.topics.NAME_PATTERN``; other patterns are shown as they are."""

_PLAIN: Final = {
    "bool_type": "must be true or false",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "tuple_type": "must be a list",
    "dict_type": "must be keys with values",
    "too_short": "must not be empty",
}


def explain(error: ValidationError, document: Document, root: type[Section]) -> Iterator[Problem]:
    """One problem for each of pydantic's, with line and value from the document.

    Args:
        error: what pydantic found.
        document: the file.
        root: the section of the whole file.
    """
    found = error.errors(include_url=False, include_context=True)
    misspelt = {
        (*path[:-1], nearest)
        for details in found
        if details["type"] == "extra_forbidden"
        if (nearest := _nearest_key(path := tuple(details["loc"]), root)) is not None
    }
    for details in found:
        path = _written(tuple(details["loc"]), document)
        value = document.at(path)
        if details["type"] == "too_short" and value:
            continue  # its items are wrong and each is told; that none is left is no news
        if details["type"] == "missing" and path in misspelt:
            continue  # it is there under a name that is told
        yield Problem(
            message=_message(details, path, value, root),
            line=document.line(path),
            path=path,
            # The value of a key that we do not know may be anything, a password too.
            value=None if details["type"] == "extra_forbidden" else value,
        )


def _written(path: KeyPath, document: Document) -> KeyPath:
    """The path without pydantic's names of the alternatives of a union."""
    while len(path) > 1 and path not in document.lines and path[:-1] in document.lines:
        if isinstance(document.at(path[:-1]), dict):
            break
        path = path[:-1]
    return path


def _message(details: ErrorDetails, path: KeyPath, value: object, root: type[Section]) -> str:
    match details["type"]:
        case "extra_forbidden":
            text = _unknown(path, root)
        case "missing":
            text = f"is missing: {_description(path, root)}"
        case "model_type" | "model_attributes_type":
            text = _no_section(path, value, root)
        case "literal_error" | "enum":
            choices = str(details["ctx"]["expected"])
            text = f"must be {choices}{_quotes(value)}{_nearest(value, choices)}"
        case "string_pattern_mismatch" if details["ctx"]["pattern"] == NAME_PATTERN:
            text = _NAME_RULE
        case "string_type" | "path_type":
            text = f"must be text{_quotes(value)} ({_description(path, root)})"
        case "value_error":
            text = str(details["ctx"]["error"])
        case _:
            plain = details["msg"].replace("Input should", "must", 1)
            text = _PLAIN.get(details["type"], plain)
            if description := _description(path, root):
                text += f" ({description})"
    return text


def _unknown(path: KeyPath, root: type[Section]) -> str:
    parent = section_at(root, path[:-1])
    keys = list(parent.model_fields) if parent else []
    wrong = str(path[-1])
    elsewhere = [
        place.path or "the top level" for place in places(root) if wrong in place.model.model_fields
    ]
    if elsewhere:
        return f"unknown key here; it belongs to {' or '.join(elsewhere)}"
    nearest = _nearest_key(path, root)
    if nearest:
        return f"unknown key; did you mean {nearest!r}? Known here: {', '.join(keys)}"
    return f"unknown key; known here: {', '.join(keys)}"


@lru_cache(maxsize=1024)  # asked of each unknown key twice: what it stands for, and how to say so
def _nearest_key(path: KeyPath, root: type[Section]) -> str | None:
    parent = section_at(root, path[:-1])
    keys = list(parent.model_fields) if parent else []
    wrong = str(path[-1]).lower().replace("-", "_")
    return next(iter(difflib.get_close_matches(wrong, keys, n=1, cutoff=0.5)), None)


def _no_section(path: KeyPath, value: object, root: type[Section]) -> str:
    model = section_at(root, path)
    keys = ", ".join(model.model_fields) if model else ""
    state = "is empty; " if value is None else ""
    return f"{state}must be a section with keys of its own: {keys}"


def _nearest(value: object, choices: str) -> str:
    known = re.findall(r"'([^']*)'", choices)
    wanted = str(value).lower().replace("-", "_")
    nearest = difflib.get_close_matches(wanted, known, n=1)
    return f"; did you mean {nearest[0]!r}?" if nearest and nearest[0] != str(value) else ""


def _quotes(value: object) -> str:
    return "; put it in quotes" if isinstance(value, bool | int | float) else ""


def _description(path: KeyPath, root: type[Section]) -> str:
    names = [key for key in path if isinstance(key, str)]
    model: type[Section] | None = section_at(root, tuple(names[:-1])) if names else None
    if model is None or names[-1] not in model.model_fields:
        return ""
    return (model.model_fields[names[-1]].description or "").rstrip(".")
