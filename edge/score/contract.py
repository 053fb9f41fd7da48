"""Does the graph have the inputs and outputs that its manifest claims?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from edge.score.runner import Port, Runner
from pain.action_units import BLENDSHAPES, ActionUnit
from pain.align import CROP_SIZE, LANDMARK_COUNT
from pain.bundle import Bundle, InputName
from pain.errors import BundleCorrupt
from pain.scales import LEVEL_COUNT

_FLOAT: Final = "tensor(float)"

INPUTS: Final[Mapping[InputName, Port]] = {
    "face": Port(name="face", element="tensor(uint8)", shape=(None, CROP_SIZE, CROP_SIZE, 3)),
    "landmarks": Port(name="landmarks", element=_FLOAT, shape=(None, LANDMARK_COUNT, 3)),
    "blendshapes": Port(name="blendshapes", element=_FLOAT, shape=(None, len(BLENDSHAPES))),
}
"""Every input that a bundle may ask for."""


def check_contract(runner: Runner, bundle: Bundle, *, model: Path) -> None:
    """Compare names, element types and shapes of the graph with the manifest.

    Args:
        runner: the loaded graph.
        bundle: its manifest.
        model: path of the graph, for the message.

    Raises:
        BundleCorrupt: they differ; the message says where.
    """
    outputs = {
        "probabilities": (None, LEVEL_COUNT),
        "level": (None,),
        "pspi": (None,),
        "action_units": (None, len(bundle.action_units)),
    }
    expected_outputs = [
        Port(name=name, element=_FLOAT, shape=outputs[name]) for name in bundle.outputs
    ]
    _compare("input", runner.inputs, [INPUTS[name] for name in bundle.inputs], model)
    _compare("output", runner.outputs, expected_outputs, model)


def action_units(bundle: Bundle, *, model: Path) -> tuple[ActionUnit, ...]:
    """Names of the columns of the output ``action_units``.

    Raises:
        BundleCorrupt: a name is unknown or stands twice.
    """
    try:
        units = tuple(ActionUnit(name) for name in bundle.action_units)
    except ValueError as error:
        raise BundleCorrupt(f"{model.parent}: action_units: {error}") from error
    if len(set(units)) != len(units):
        raise BundleCorrupt(f"{model.parent}: action_units names a unit twice")
    return units


def _compare(kind: str, found: Sequence[Port], claimed: Sequence[Port], model: Path) -> None:
    names, wanted = {port.name for port in found}, {port.name for port in claimed}
    if names != wanted:
        raise BundleCorrupt(
            f"{model}: the manifest claims the {kind}s {sorted(wanted)}, the graph has "
            f"{sorted(names)}; export the bundle again"
        )
    by_name = {port.name: port for port in found}
    for port in claimed:
        actual = by_name[port.name]
        if (actual.element, actual.shape) != (port.element, port.shape):
            raise BundleCorrupt(
                f"{model}: {kind} {port.name!r} must be {_describe(port)}, the graph has "
                f"{_describe(actual)}; export the bundle again"
            )


def _describe(port: Port) -> str:
    sizes = ", ".join("N" if size is None else str(size) for size in port.shape)
    return f"{port.element} ({sizes})"
