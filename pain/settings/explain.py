"""What pydantic found, in words that say what to do."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pain.settings.document import Document
from pain.settings.problem import KeyPath, Problem
from pain.settings.section import Section
from pain.settings.sections import section_at, walk

_NAME_RULE: Final = (
    "must be 1 to 63 lower-case letters, digits, '-' or '_', beginning with a letter or digit, "
    "e.g. room-12"
)
"""Said for ``pain.topics.NAME_PATTERN``, the one pattern in the config."""

_PLAIN: Final = {
    "bool_type": "must be true or false",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "tuple_type": "must be a list",
    "too_short": "must not be empty",
}


def explain(error: ValidationError, document: Document, root: type[Section]) -> Iterator[Problem]:
    """One problem for each of pydantic's, with line and value from the document.

    Args:
        error: what pydantic found.
        document: the file.
        root: the section of the whole file.
    """
    for details in error.errors(include_url=False, include_context=True):
        path = tuple(details["loc"])
        value = _at(document.data, path)
        if details["type"] == "too_short" and value:
            continue  # its items are wrong and each is told; that none is left is no news
        yield Problem(
            message=_message(details, path, value, root),
            line=document.line(path),
            path=path,
            # The value of a key that we do not know may be anything, a password too.
            value=None if details["type"] == "extra_forbidden" else value,
        )


def _message(details: ErrorDetails, path: KeyPath, value: object, root: type[Section]) -> str:
    match details["type"]:
        case "extra_forbidden":
            text = _unknown(path, root)
        case "missing":
            text = f"is missing: {_description(path, root)}"
        case "model_type":
            text = _no_section(path, value, root)
        case "literal_error":
            choices = str(details["ctx"]["expected"])
            text = f"must be {choices}{_quotes(value)}{_nearest(value, choices)}"
        case "string_pattern_mismatch":
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
        place.path or "the top level" for place in walk(root) if wrong in place.model.model_fields
    ]
    if elsewhere:
        return f"unknown key here; it belongs to {' or '.join(elsewhere)}"
    nearest = difflib.get_close_matches(wrong.lower().replace("-", "_"), keys, n=1, cutoff=0.5)
    if nearest:
        return f"unknown key; did you mean {nearest[0]!r}? Known here: {', '.join(keys)}"
    return f"unknown key; known here: {', '.join(keys)}"


def _no_section(path: KeyPath, value: object, root: type[Section]) -> str:
    model = section_at(root, path)
    keys = ", ".join(model.model_fields) if model else ""
    state = "is empty; " if value is None else ""
    return f"{state}must be a section with keys of its own: {keys}"


def _nearest(value: object, choices: str) -> str:
    known = re.findall(r"'([^']*)'", choices)
    nearest = difflib.get_close_matches(str(value).lower(), known, n=1)
    return f"; did you mean {nearest[0]!r}?" if nearest and nearest[0] != str(value) else ""


def _quotes(value: object) -> str:
    return "; put it in quotes" if isinstance(value, bool | int | float) else ""


def _description(path: KeyPath, root: type[Section]) -> str:
    names = [key for key in path if isinstance(key, str)]
    model: type[Section] | None = section_at(root, tuple(names[:-1])) if names else None
    if model is None or names[-1] not in model.model_fields:
        return ""
    return (model.model_fields[names[-1]].description or "").rstrip(".")


def _at(data: object, path: KeyPath) -> object:
    for key in path:
        if isinstance(data, dict) and isinstance(key, str):
            data = data.get(key)
        elif isinstance(data, list) and isinstance(key, int) and key < len(data):
            data = data[key]
        else:
            return None
    return data
