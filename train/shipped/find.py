"""Finds the checkpoint of a shipped model by its name, ``shipped:mobilenetv3s-v1``.

They lie in the package, so that they are there offline and of the version that is installed; the
weights' SHA-256 stands in their description and is checked whenever they are read. A name and not a
path, so that a command or a file says the same on every machine.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from pain.errors import AssetError

SCHEME: Final = "shipped:"


def shipped_names() -> tuple[str, ...]:
    """Names of the models whose checkpoint is in the package."""
    return tuple(sorted({path.parent.name for path in _root().glob("*/*.json")}))


def is_shipped(text: str | Path) -> bool:
    """Whether this names a shipped model rather than a folder."""
    return str(text).startswith(SCHEME)


def checkpoint_folder(text: str | Path) -> Path:
    """Folder of a checkpoint: that of a shipped model where it is named so, else the path itself.

    Args:
        text: ``shipped:NAME``, or a path.

    Raises:
        AssetError: no model of that name ships with its checkpoint.
    """
    if not is_shipped(text):
        return Path(text)
    name = str(text).removeprefix(SCHEME)
    if name not in shipped_names():
        raise AssetError(
            f"{text}: no model of this name ships with its checkpoint; there are "
            f"{', '.join(SCHEME + known for known in shipped_names())}"
        )
    return _root() / name


def checkpoint_name(folder: Path) -> str:
    """What to call a checkpoint where paths do not belong: ``shipped:NAME``, or the folder's name.

    Args:
        folder: as ``checkpoint_folder`` gave it.
    """
    return f"{SCHEME}{folder.name}" if folder.parent == _root() else folder.name


def _root() -> Path:
    return Path(str(files("train.shipped")))
