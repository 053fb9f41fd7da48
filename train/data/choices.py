"""How a set is to be read, as words of a command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Any, Final, TypeVar

from pain.errors import DataError, UsageError
from train.data.open import DatasetKind, open_dataset
from train.data.reading import PLAIN, RatingScale, Reading
from train.data.sample import Dataset, Origin

_VOWS: Final[Mapping[str, bool]] = {"true": True, "false": False}
_ENUMS: Final[Mapping[str, type[StrEnum]]] = {
    "kind": DatasetKind,
    "origin": Origin,
    "rating_scale": RatingScale,
}
EnumT = TypeVar("EnumT", bound=StrEnum)

_SWITCHES: Final = ("level_from_pspi", "one_picture_each")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a person says of a set that it does not say itself.

    Attributes:
        kind: its layout.
        reading: everything else.
    """

    kind: DatasetKind = DatasetKind.AUTO
    reading: Reading = PLAIN

    def open(self, folder: Path) -> Dataset:
        """Read a set in this way.

        Raises:
            DataError: as ``open_dataset``.
        """
        return open_dataset(folder, kind=self.kind, options=self.reading)

    def pairs(self) -> tuple[str, ...]:
        """KEY=VALUE of what differs from a set that says everything itself."""
        said = {
            "kind": "" if self.kind is DatasetKind.AUTO else self.kind.value,
            "origin": self.reading.origin or "",
            "rating_scale": self.reading.rating_scale or "",
            **{key: "true" if getattr(self.reading, key) else "" for key in _SWITCHES},
        }
        return tuple(f"{key}={value}" for key, value in said.items() if value)

    def difference(self, other: Choices) -> tuple[str, ...]:
        """KEY=VALUE words that make these choices out of others."""
        mine, theirs = (
            dict(pair.split("=", 1) for pair in choices.pairs()) for choices in (self, other)
        )
        taken_back = [f"{key}=" for key in theirs if key not in mine]
        return (
            *(f"{key}={value}" for key, value in mine.items() if theirs.get(key) != value),
            *taken_back,
        )

    def changed(self, pairs: Sequence[str], *, option: str = "--read") -> Choices:
        """These choices with some of them made otherwise.

        Args:
            pairs: KEY=VALUE; an empty value leaves it to the set.
            option: where they come from, for the message.

        Raises:
            UsageError: no such key or value.
        """
        found = self
        for pair in pairs:
            key, equals, value = pair.partition("=")
            if not equals:
                raise UsageError(f"{option} {pair}: write KEY=VALUE")
            if key == "kind":
                kind = _one_of(DatasetKind, value or "auto", f"{option} {pair}")
                found = replace(found, kind=kind)
                continue
            changes: dict[str, Any] = {key: _value(key, value, f"{option} {pair}")}
            reading = replace(found.reading, **changes)
            found = replace(found, reading=reading)
        return found


AS_IT_SAYS: Final = Choices()
"""A set that says everything itself."""


def choices_of(pairs: Sequence[str] | None, *, option: str = "--read") -> Choices:
    """Choices from KEY=VALUE words.

    Raises:
        UsageError: no such key or value.
    """
    return AS_IT_SAYS.changed(pairs or (), option=option)


def people_of(folder: Path, *, one_picture_each: bool = False) -> Dataset:
    """Read a set for its people alone: whatever its scale and origin are, they are the same.

    Args:
        folder: of the set.
        one_picture_each: somebody vouches that no two pictures show the same person.

    Raises:
        DataError: it cannot be read in any way.
    """
    scales: tuple[RatingScale | None, ...] = (None, *RatingScale)
    for at, (kind, scale) in enumerate(product(DatasetKind, scales)):
        reading = Reading(origin=Origin.REAL, rating_scale=scale, one_picture_each=one_picture_each)
        try:
            return Choices(kind=kind, reading=reading).open(folder)
        except DataError as error:
            if at == 0:
                first = error
    raise first


def _value(key: str, value: str, where: str) -> StrEnum | bool | None:
    if key in _ENUMS:
        return _one_of(_ENUMS[key], value, where) if value else None
    if key in _SWITCHES:
        if (value or "false") not in _VOWS:
            raise UsageError(f"{where}: write {key}=true or {key}=false")
        return _VOWS[value or "false"]
    raise UsageError(
        f"{where}: unknown; write KEY=VALUE with one of {', '.join((*_ENUMS, *_SWITCHES))}"
    )


def _one_of(kind: type[EnumT], value: str, where: str) -> EnumT:
    try:
        return kind(value)
    except ValueError:
        raise UsageError(f"{where}: must be one of {', '.join(kind)}") from None
