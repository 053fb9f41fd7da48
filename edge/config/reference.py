"""Writes docs/configuration.md from the config models: ``python -m edge.config.reference``."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any, Final, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from edge.config.room import Polygon
from edge.config.root import EdgeConfig
from pain.settings.section import Section
from pain.settings.sections import SectionPlace, section_of, walk

_INTRODUCTION: Final = """\
# Configuration

One YAML file describes one camera box. `painwatch edge check-config -c FILE` reads it and says
what is wrong, with file, line and key. [configs/room.yaml](../configs/room.yaml) is an example to
start from.

- A key that is not listed here is an error, and so is a key that stands twice.
- Types are strict: `"25"` in quotes is text, not a number.
- Times are in seconds, sizes in pixels; the unit is the end of the key's name.
- Relative paths start at the folder of the config file, `~` is the home folder. Files that are
  named must be there when the daemon starts; cameras may come later.

This page is generated from `edge/config/`; change it there and run `make docs`.
"""

_NAMES: Final[dict[object, str]] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path",
    SecretStr: "text, never shown",
    Polygon: "list of at least 3 points [x, y], each 0 to 1",
}

_SIGNS: Final = ((Gt, "gt", "more than"), (Ge, "ge", "at least"))
_UPPER: Final = ((Lt, "lt", "less than"), (Le, "le", "at most"))


def render() -> str:
    """The whole page, Markdown."""
    sections = [_section(place) for place in walk(EdgeConfig)]
    return "\n".join((_INTRODUCTION, *sections))


def _section(place: SectionPlace) -> str:
    title = f"`{place.path}`" if place.path else "Top level"
    rows = (
        _row(name, field, path=f"{place.path}.{name}" if place.path else name)
        for name, field in place.model.model_fields.items()
    )
    summary = (place.model.__doc__ or "").strip().splitlines()[0]
    head = ("| key | type | default | meaning |", "|---|---|---|---|")
    return "\n".join((f"## {title}", "", summary, "", *head, *rows, ""))


def _row(name: str, field: FieldInfo, *, path: str) -> str:
    child = section_of(field.annotation)
    kind = _limited(field) if child is None else _linked(child, field, path)
    cells = (f"`{name}`", kind, _default(field), field.description or "")
    return "| " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells) + " |"


def _linked(child: type[Section], field: FieldInfo, path: str) -> str:
    many = child is not field.annotation
    anchor = "".join(letter for letter in path.lower() if letter.isalnum() or letter in "-_")
    return f"{'list of ' if many else ''}[{'sections' if many else 'section'}](#{anchor})"


def _limited(field: FieldInfo) -> str:
    bounds = [text for text in (_bound(field, _SIGNS), _bound(field, _UPPER)) if text]
    return ", ".join((_type(field.annotation), *bounds))


def _bound(field: FieldInfo, signs: tuple[tuple[Any, str, str], ...]) -> str | None:
    for mark in field.metadata:
        for kind, attribute, words in signs:
            if isinstance(mark, kind):
                return f"{words} {getattr(mark, attribute):g}"
    return None


def _type(annotation: object) -> str:
    if annotation in _NAMES:
        return _NAMES[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(f'`"{choice}"`' for choice in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(_type(part) for part in arguments if part is not type(None))
    if origin is tuple:
        return f"list of: {_type(arguments[0])}"
    raise TypeError(f"no words for the type {annotation!r}; add them to edge/config/reference.py")


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


if __name__ == "__main__":
    print(render(), end="")  # noqa: T201  (the page is this command's output)
