"""Files of every kind of checkpoint: JSON and safetensors, nothing that could run code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from pain.errors import AssetError
from train.data.pictures import content_hash


def read_description(path: Path, *, what: str, made_by: str, version: int) -> dict[str, Any]:
    """Read the JSON file that makes a folder a checkpoint.

    Args:
        path: the file.
        what: what the folder should hold, for the message, e.g. ``checkpoint``.
        made_by: the command that makes one.
        version: its number under ``format``.

    Raises:
        AssetError: absent, damaged or of another format.
    """
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        below = [*sorted(path.parent.glob(f"*/{path.name}")), *path.parent.glob(f"*/*/{path.name}")]
        advice = f"give {below[0].parent}" if below else f"make one with {made_by!r}"
        raise AssetError(
            f"{path.parent} holds no {what} ({path.name} is absent); {advice}"
        ) from error
    except (OSError, ValueError) as error:
        raise AssetError(f"{path} is damaged: {error}") from error
    if not isinstance(described, dict) or described.get("format") != version:
        raise AssetError(f"{path} is not of format {version}; train it again")
    return described


def read_weights(path: Path, digest: str) -> dict[str, Tensor]:
    """Read tensors by key.

    Args:
        path: a safetensors file.
        digest: its SHA-256 when it was written.

    Raises:
        AssetError: absent, changed or damaged.
    """
    if not path.is_file():
        raise AssetError(f"{path} is absent; copy the checkpoint's folder as a whole")
    if content_hash(path) != digest:
        raise AssetError(
            f"{path} is not the file that was written (its SHA-256 differs); copy it again, or "
            "train again"
        )
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise AssetError(f"{path} is damaged: {error}") from error
