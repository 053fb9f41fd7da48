"""Reads files of weights without running anything in them, and says why one does not fit."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from pain.errors import AssetError

_NAMED: Final = 3
"""How many offending keys a message names."""


def read_state(path: Path) -> dict[str, Tensor]:
    """Read tensors by key.

    Args:
        path: ``.safetensors``, else a state dict as ``torch.save`` writes it; of a pickle, only
            tensors and plain containers are read (``weights_only``), never code.

    Raises:
        AssetError: absent, damaged, or not a plain table of tensors.
    """
    if not path.is_file():
        raise AssetError(f"weights {path}: no such file")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        with warnings.catch_warnings():
            # What the restricted unpickler cannot read raises; the guess before it only confuses.
            warnings.filterwarnings("ignore", "Detected pickle protocol", UserWarning)
            state = torch.load(path, map_location="cpu", weights_only=True)
    except (
        *(OSError, EOFError, RuntimeError, ValueError, KeyError, AttributeError),
        *(SafetensorError, pickle.UnpicklingError),
    ) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise AssetError(
            f"weights {path}: not a readable file of weights ({first}). Expected .safetensors, or "
            "a state dict saved by torch.save that holds tensors alone."
        ) from error
    if not isinstance(state, Mapping) or not all(
        isinstance(key, str) and isinstance(value, Tensor) for key, value in state.items()
    ):
        raise AssetError(
            f"weights {path}: holds {type(state).__name__}, not tensors by key. Save the "
            "network's state_dict() alone."
        )
    return dict(state)


def load_state(
    module: nn.Module, state: Mapping[str, Tensor], *, path: Path, ignored: Iterable[str] = ()
) -> None:
    """Copy weights into a network; every key must fit.

    Args:
        module: the network.
        state: weights in the network's own layout.
        path: where they come from, for the message.
        ignored: beginnings of keys that the file may hold beside, e.g. ``classifier.``.

    Raises:
        AssetError: keys are missing or unknown or of another shape; names the first of each.
    """
    expected = module.state_dict()
    skipped = tuple(ignored)
    given = {key: value for key, value in state.items() if not key.startswith(skipped)}
    # Files of old PyTorch releases lack this counter, which nothing reads when momentum is fixed.
    missing = [k for k in expected if k not in given and not k.endswith("num_batches_tracked")]
    unknown = [k for k in given if k not in expected]
    shapes = [
        f"{key} is {tuple(given[key].shape)} instead of {tuple(value.shape)}"
        for key, value in expected.items()
        if key in given and given[key].shape != value.shape
    ]
    faults = [
        f"{len(found)} {what} ({', '.join(found[:_NAMED])}{', ...' * (len(found) > _NAMED)})"
        for found, what in (
            (missing, "keys are missing"),
            (unknown, "keys are unknown"),
            (shapes, "shapes differ"),
        )
        if found
    ]
    if faults:
        raise AssetError(
            f"weights {path} do not fit the network: {'; '.join(faults)}. They belong to another "
            "network, or are not in the layout that its authors publish."
        )
    module.load_state_dict(given, strict=False)
