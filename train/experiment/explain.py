"""What pydantic found, in words that say what to do."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from train.experiment.document import Document, KeyPath, Problem

_QUOTED: Final = r"'([^']*)'"
_PLAIN: Final = {
    "bool_type": "must be true or false",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "string_type": "must be text",
    "path_type": "must be text",
    "tuple_type": "must be a list",
    "dict_type": "must be keys with values",
}


def explain(error: ValidationError, document: Document, root: type[BaseModel]) -> Iterator[Problem]:
    """One problem for each of pydantic's, with line and value from the document."""
    found = error.errors(include_url=False, include_context=True)
    misspelt = {
        (*path[:-1], nearest)
        for details in found
        if details["type"] == "extra_forbidden"
        if (nearest := _nearest_key(path := tuple(details["loc"]), root)) is not None
    }
    for details in found:
        path = _written(tuple(details["loc"]), document)
        if details["type"] == "missing" and path in misspelt:
            continue  # it is there under a name that is told
        value = document.at(path)
        yield Problem(
            message=_message(details, path, value, root),
            path=path,
            line=document.line(path),
            value=value,
        )


def _written(path: KeyPath, document: Document) -> KeyPath:
    """The path without pydantic's names of the alternatives of a union."""
    while len(path) > 1 and path not in document.lines and path[:-1] in document.lines:
        if isinstance(document.at(path[:-1]), dict):
            break
        path = path[:-1]
    return path


def _message(details: ErrorDetails, path: KeyPath, value: object, root: type[BaseModel]) -> str:
    match details["type"]:
        case "extra_forbidden":
            return _unknown(path, root)
        case "missing":
            return f"is missing: {description_at(root, path)}"
        case "enum" | "literal_error":
            choices = str(details["ctx"]["expected"])
            return f"must be {choices}{_nearest(value, re.findall(_QUOTED, choices))}"
        case "model_type" | "model_attributes_type":
            section = section_at(root, path)
            keys = ", ".join(section.model_fields) if section else ""
            return f"must be a section with keys of its own: {keys}"
        case "value_error":
            return str(details["ctx"]["error"])
    plain = _PLAIN.get(details["type"], details["msg"].replace("Input should", "must", 1))
    described = description_at(root, path)
    return f"{plain} ({described})" if described else plain


def _unknown(path: KeyPath, root: type[BaseModel]) -> str:
    wrong = str(path[-1])
    section = section_at(root, path[:-1])
    known = list(section.model_fields) if section else []
    nearest = _nearest_key(path, root)
    if nearest is not None:
        return f"unknown key; did you mean {nearest!r}? Known here: {', '.join(known)}"
    elsewhere = [name for name, model in sections(root) if wrong in model.model_fields]
    if elsewhere:
        return f"unknown key here; it belongs to {' or '.join(elsewhere)}"
    return f"unknown key; known here: {', '.join(known)}"


def _nearest_key(path: KeyPath, root: type[BaseModel]) -> str | None:
    section = section_at(root, path[:-1])
    known = list(section.model_fields) if section else []
    wrong = str(path[-1]).lower().replace("-", "_")
    return next(iter(difflib.get_close_matches(wrong, known, n=1, cutoff=0.5)), None)


def _nearest(value: object, choices: list[str]) -> str:
    wanted = str(value).lower().replace("-", "_")
    found = difflib.get_close_matches(wanted, choices, n=1)
    return f"; did you mean {found[0]!r}?" if found and found[0] != value else ""


def sections(root: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """Every section by name, the top level first."""
    yield "the top level", root
    for name in root.model_fields:
        model = section_at(root, (name,))
        if model is not None:
            yield name, model


def section_at(root: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    """The section that a path leads to, None where there is none."""
    model: type[BaseModel] | None = root
    for key in path:
        if model is None or str(key) not in model.model_fields:
            return None
        annotation = model.model_fields[str(key)].annotation
        kinds = [annotation, *get_args(annotation)]
        model = next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), None)
    return model


def description_at(root: type[BaseModel], path: KeyPath) -> str:
    """The description of the key that a path leads to; empty when there is none."""
    names = [key for key in path if isinstance(key, str)]
    section = section_at(root, tuple(names[:-1])) if names else None
    if section is None or names[-1] not in section.model_fields:
        return ""
    return (section.model_fields[names[-1]].description or "").rstrip(".")
