"""Nested states, e.g. of optimisers, in one safetensors file; reading it runs nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from pain.errors import DataError

_TENSOR: Final = "tensor"
_PAIRS: Final = "pairs"
_TUPLE: Final = "tuple"
_PLAIN: Final = "plain"
_HEADER: Final = "tree"


def save_tree(tree: Mapping[str, Any], path: Path) -> None:
    """Write a tree so that it is there whole or not at all.

    Args:
        tree: mappings, lists and tuples of tensors and of what JSON knows.
        path: the file; one that is there is replaced.
    """
    tensors: dict[str, Tensor] = {}
    described = _packed(tree, tensors)
    staging = path.with_name(f".{path.name}")
    save_file(tensors, staging, metadata={_HEADER: json.dumps(described)})
    staging.replace(path)


def load_tree(path: Path) -> dict[str, Any]:
    """Read a tree; its tensors are on the CPU.

    Raises:
        DataError: the file is damaged, or is no such file.
    """
    try:
        with safe_open(str(path), framework="pt") as file:
            described = json.loads(file.metadata()[_HEADER])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        tree: dict[str, Any] = _unpacked(described, tensors)
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path} is damaged ({error}); delete it, and the training begins anew"
        ) from error
    return tree


def _packed(value: Any, tensors: dict[str, Tensor]) -> list[Any]:
    if isinstance(value, Tensor):
        name = str(len(tensors))
        # A copy: parts of one storage cannot be written, and the training goes on changing it.
        tensors[name] = value.detach().cpu().contiguous().clone()
        return [_TENSOR, name]
    if isinstance(value, Mapping):
        # Keys of an optimiser's state are numbers, which JSON would turn into words.
        return [_PAIRS, [[key, _packed(inner, tensors)] for key, inner in value.items()]]
    if isinstance(value, list | tuple):
        return [_TUPLE, isinstance(value, tuple), [_packed(inner, tensors) for inner in value]]
    return [_PLAIN, value]


def _unpacked(described: list[Any], tensors: Mapping[str, Tensor]) -> Any:
    kind, *rest = described
    if kind == _TENSOR:
        return tensors[rest[0]]
    if kind == _PAIRS:
        return {key: _unpacked(inner, tensors) for key, inner in rest[0]}
    if kind == _TUPLE:
        items = [_unpacked(inner, tensors) for inner in rest[1]]
        return tuple(items) if rest[0] else items
    return rest[0]
