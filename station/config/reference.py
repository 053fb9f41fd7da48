"""Writes docs/station-configuration.md: ``python -m station.config.reference``."""

from __future__ import annotations

from typing import Final

from pydantic import AwareDatetime

from pain.settings.reference import ReferencePage
from station.config.root import StationConfig

_INTRODUCTION: Final = """\
# Configuration of a nursing station

One YAML file describes one nursing station. `painwatch station check-config -c FILE` reads it and
says what is wrong, with file, line and key. [configs/station.yaml](../configs/station.yaml) is an
example to start from.

- A key that is not listed here is an error, and so is a key that stands twice.
- Types are strict: `"25"` in quotes is text, not a number.
- The unit is the end of a key's name.
- Relative paths start at the folder of the config file, `~` is the home folder. Files that are
  named must be there when the station starts; the broker and the rooms may come later.

This page is generated from `station/config/`; change it there and run `make docs`.
"""


def render() -> str:
    """The whole page, Markdown."""
    return ReferencePage(
        StationConfig, introduction=_INTRODUCTION, names={AwareDatetime: "time with its zone"}
    ).render()


if __name__ == "__main__":
    print(render(), end="")  # noqa: T201  (the page is this command's output)
