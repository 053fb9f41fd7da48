"""Makes the page of every key from the sections of a settings file."""

from __future__ import annotations

import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from pain.settings.section import Section
from pain.settings.sections import SectionPlace, section_of, walk

_NAMES: Final[dict[object, str]] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path",
    SecretStr: "text, never shown",
}

_SIGNS: Final = ((Gt, "gt", "more than"), (Ge, "ge", "at least"))
_UPPER: Final = ((Lt, "lt", "less than"), (Le, "le", "at most"))


class ReferencePage:
    """A page of every key, Markdown, section after section.

    Args:
        root: the section of the whole file.
        introduction: what stands before the first section.
        names: words for types of the file's own.
    """

    def __init__(
        self,
        root: type[Section],
        *,
        introduction: str,
        names: Mapping[object, str] | None = None,
    ) -> None:
        self._root = root
        self._introduction = introduction
        self._names = {**_NAMES, **(names or {})}

    def render(self) -> str:
        """The whole page."""
        sections = [self._section(place) for place in walk(self._root)]
        return "\n".join((self._introduction, *sections))

    def _section(self, place: SectionPlace) -> str:
        title = f"`{place.path}`" if place.path else "Top level"
        rows = (
            self._row(name, field, path=f"{place.path}.{name}" if place.path else name)
            for name, field in place.model.model_fields.items()
        )
        summary = (place.model.__doc__ or "").strip().splitlines()[0]
        head = ("| key | type | default | meaning |", "|---|---|---|---|")
        return "\n".join((f"## {title}", "", summary, "", *head, *rows, ""))

    def _row(self, name: str, field: FieldInfo, *, path: str) -> str:
        child = section_of(field.annotation)
        kind = self._limited(field) if child is None else _linked(child, field, path)
        cells = (f"`{name}`", kind, _default(field), field.description or "")
        return (
            "| "
            + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells)
            + " |"
        )

    def _limited(self, field: FieldInfo) -> str:
        bounds = [text for text in (_bound(field, _SIGNS), _bound(field, _UPPER)) if text]
        return ", ".join((self._type(field.annotation), *bounds))

    def _type(self, annotation: object) -> str:
        if annotation in self._names:
            return self._names[annotation]
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Literal:
            return " or ".join(f'`"{choice}"`' for choice in arguments)
        if origin in (Union, types.UnionType):
            return " or ".join(self._type(part) for part in arguments if part is not type(None))
        if origin is tuple:
            return f"list of: {self._type(arguments[0])}"
        raise TypeError(f"no words for the type {annotation!r}; add them to the page's names")


def _linked(child: type[Section], field: FieldInfo, path: str) -> str:
    many = child is not field.annotation
    anchor = "".join(letter for letter in path.lower() if letter.isalnum() or letter in "-_")
    return f"{'list of ' if many else ''}[{'sections' if many else 'section'}](#{anchor})"


def _bound(field: FieldInfo, signs: tuple[tuple[Any, str, str], ...]) -> str | None:
    for mark in field.metadata:
        for kind, attribute, words in signs:
            if isinstance(mark, kind):
                return f"{words} {getattr(mark, attribute):g}"
    return None


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "**required**"
    default = field.default
    if isinstance(default, Section):
        return _given(default)
    if default is None:
        return ""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, tuple):
        return f"`{list(default)}`"
    return f'`"{default}"`' if isinstance(default, str) else f"`{default:g}`"


def _given(section: Section) -> str:
    """What a default section sets that has no default of its own."""
    fields = type(section).model_fields
    given = [
        f"{name}: {getattr(section, name):g}"
        for name, field in fields.items()
        if field.is_required()
    ]
    return f"`{{{', '.join(given)}}}`" if given else ""
