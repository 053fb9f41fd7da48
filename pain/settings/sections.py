"""The tree of sections: which keys stand where. Read from the models, never written twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import get_args

from pain.settings.section import Section


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPlace:
    """A section and where it stands.

    Attributes:
        path: dotted path, ``[]`` marks a list; empty for the whole file.
        model: its keys.
    """

    path: str
    model: type[Section]


def walk(model: type[Section], path: str = "") -> Iterator[SectionPlace]:
    """Every section of a file, in the order of its keys, parents before children."""
    yield SectionPlace(path=path, model=model)
    for name, field in model.model_fields.items():
        child = section_of(field.annotation)
        if child is not None:
            suffix = "" if child is field.annotation else "[]"
            yield from walk(child, f"{path}.{name}{suffix}" if path else f"{name}{suffix}")


@cache
def places(model: type[Section]) -> tuple[SectionPlace, ...]:
    """What ``walk`` gives; classes do not change, so it is looked up once."""
    return tuple(walk(model))


def section_of(annotation: object) -> type[Section] | None:
    """The section inside an annotation (``CameraConfig``, ``tuple[RoomConfig, ...]``), if any."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next((found for arg in get_args(annotation) if (found := section_of(arg))), None)


def section_at(model: type[Section], path: tuple[str | int, ...]) -> type[Section] | None:
    """The section at a path of keys and list positions; None where none is."""
    found: type[Section] | None = model
    for key in path:
        if isinstance(key, int):
            continue
        if found is None or key not in found.model_fields:
            return None
        found = section_of(found.model_fields[key].annotation)
    return found
