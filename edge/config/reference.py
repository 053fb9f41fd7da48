"""Writes docs/configuration.md from the config models: ``python -m edge.config.reference``."""

from __future__ import annotations

from typing import Final

from edge.config.room import Polygon
from edge.config.root import EdgeConfig
from pain.settings.reference import ReferencePage

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
    Polygon: "list of at least 3 points [x, y], each 0 to 1",
}


def render() -> str:
    """The whole page, Markdown."""
    return ReferencePage(EdgeConfig, introduction=_INTRODUCTION, names=_NAMES).render()


if __name__ == "__main__":
    print(render(), end="")  # noqa: T201  (the page is this command's output)
