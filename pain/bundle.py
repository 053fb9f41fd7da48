"""The model bundle: the contract between export and edge.

A bundle is a directory with ``bundle.json`` and the artefacts that it names. ``bundle.json`` holds
the SHA-256 of every artefact and one over itself, so one hash identifies everything that runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from pydantic import Field, model_validator

from pain.scales import LEVEL_COUNT, level_curve
from pain.sealed import (
    MANIFEST_NAME,
    SCHEMA_VERSION,
    Artefact,
    Metric,
    Part,
    Precision,
    Sealed,
    Training,
    load_sealed,
    manifest_sha256,
    seal,
)

__all__ = [
    "GOLDEN_TOLERANCE",
    "MANIFEST_NAME",
    "ROLES",
    "SCHEMA_VERSION",
    "AlarmParity",
    "Artefact",
    "Bundle",
    "Calibration",
    "Difference",
    "InputName",
    "LevelRule",
    "Member",
    "Metric",
    "OutputName",
    "Parity",
    "Precision",
    "Training",
    "load_bundle",
    "manifest_sha256",
    "write_manifest",
]

InputName = Literal["face", "landmarks", "blendshapes"]
OutputName = Literal["probabilities", "level", "pspi", "action_units"]

ROLES: Final[Mapping[Precision, str]] = MappingProxyType(
    {"fp32": "model", "fp16": "model.fp16", "int8": "model.int8"}
)
"""Role of the graph of each precision."""

GOLDEN_TOLERANCE: Final[Mapping[Precision, float]] = MappingProxyType(
    {"fp32": 0.02, "fp16": 0.1, "int8": 0.2}
)
"""Largest difference of any output on the golden faces between this machine and the export.

In levels, and in points of PSPI and AUs, which are never finer. fp32: room for a GPU that
multiplies in TF32. fp16: against the fp32 outputs; 0.02 levels are allowed at export, and PSPI,
whose scale is 2.7 times as long, moves more. INT8: against that graph's own outputs at export;
processors round the same integers differently, and one step of 8 bits is 1/256 of the range.
"""


LevelRule = Literal["mean", "moved", "own"]


class Calibration(Part):
    """What is part of the graph, and how its level follows from its probabilities.

    Set on training folds only. The output ``probabilities`` is the calibrated distribution, the
    output ``level`` the one calibrated reading of the face: what was scored in cross-validation,
    what the alarms see. The edge holds every reading against the rule that stands here.
    """

    temperature: float = Field(
        default=1.0, gt=0, description="Probabilities are softmax(log p / temperature)."
    )
    spread: float = Field(
        default=0.0,
        ge=-1,
        le=1,
        description="Of a regression: how much wider (narrower below 0) its distribution was made "
        "about its level, which stays.",
    )
    thresholds: dict[str, float] = Field(
        default_factory=dict,
        description="Mean of the probabilities at the border between level k - 1 and k, by the "
        "name border_k.",
    )
    level: LevelRule = Field(
        default="mean",
        description="mean: the level is the mean of the probabilities, whatever thresholds were "
        "noted; moved: that mean, moved by the thresholds (pain.scales.level_curve); own: neither, "
        "as the mean of several models' levels is.",
    )

    @property
    def borders(self) -> tuple[float, ...]:
        """The thresholds in order; none where the level is not moved."""
        if self.level != "moved":
            return ()
        return tuple(self.thresholds[f"border_{k}"] for k in range(1, LEVEL_COUNT))

    @model_validator(mode="after")
    def _moves_by_six_borders(self) -> Calibration:
        if self.level == "moved":
            wanted = {f"border_{k}" for k in range(1, LEVEL_COUNT)}
            if set(self.thresholds) != wanted:
                raise ValueError("a moved level needs the thresholds border_1 to border_6")
            level_curve(self.borders)
        return self


class Difference(Part):
    """How far one reading moved over some faces, in its own units."""

    mean: float = Field(ge=0)
    p95: float = Field(ge=0, description="95th percentile.")
    largest: float = Field(ge=0)


class AlarmParity(Part):
    """Alarms on clips before and after a change of the graph."""

    clips: tuple[str, ...] = Field(min_length=1, description="Files that were watched.")
    same: int = Field(ge=0, description="Alarms that both give; 0: none could be lost.")
    differ: int = Field(default=0, ge=0, description="Alarms that are lost or invented.")
    largest_shift_s: float = Field(ge=0, description="Of an alarm's onset, or of its being told.")


class Parity(Part):
    """How far the exported graph is from the checkpoint, on real inputs."""

    inputs: int = Field(ge=1, description="Number of inputs compared.")
    max_level_difference: float = Field(ge=0)
    mean_level_difference: float = Field(ge=0)
    max_difference: dict[OutputName, float] = Field(
        default_factory=dict, description="Largest difference of every output, in its own units."
    )
    readings: dict[str, Difference] = Field(
        default_factory=dict, description="By level, pspi and every action unit."
    )
    alarms: AlarmParity | None = Field(
        default=None, description="On clips; absent where none was watched."
    )
    class_agreement: float | None = Field(
        default=None, ge=0, le=1, description="Share of faces with the same nearest level."
    )
    mae_before: float | None = Field(
        default=None, ge=0, description="Error of the level before the change, in levels."
    )
    mae_after: float | None = Field(default=None, ge=0, description="The same after it.")
    kept_float: tuple[str, ...] = Field(
        default=(), description="Layers that INT8 leaves in float, and what each would have cost."
    )


class Member(Part):
    """One bundle of an ensemble."""

    name: str
    version: str
    weight: float = Field(gt=0, le=1)
    bundle_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Bundle(Sealed):
    """Contents of ``bundle.json`` of a pain model.

    Inputs decide what the daemon feeds: ``face`` uint8 (N, 256, 256, 3) RGB aligned crop
    (``pain.crop.aligned_crop``); ``landmarks`` float32 (N, 478, 3) as returned by
    ``pain.align.pose_normalise``; ``blendshapes`` float32 (N, 52). Outputs: ``probabilities``
    float32 (N, 7), ``level`` float32 (N,), optionally ``pspi`` (N,) and ``action_units`` (N, k).
    How the level follows from the probabilities is ``calibration.level``.
    """

    role: Literal["pain"] = Field(default="pain", description="Absent in older bundles.")
    inputs: tuple[InputName, ...] = Field(min_length=1)
    outputs: tuple[OutputName, ...] = Field(min_length=2)
    action_units: tuple[str, ...] = Field(
        default=(), description="Names of the columns of the output action_units."
    )
    calibration: Calibration = Calibration()
    parity: Parity
    parity_by_precision: dict[Precision, Parity] = Field(
        default_factory=dict, description="Of the graphs of other precisions."
    )
    preferred: Precision = Field(
        default="fp32", description="What runs when the configuration leaves the choice."
    )
    members: tuple[Member, ...] = Field(
        default=(), description="What an ensemble was made of; their mean is what it says."
    )

    @model_validator(mode="after")
    def _is_complete(self) -> Bundle:
        for needed in ("probabilities", "level"):
            if needed not in self.outputs:
                raise ValueError(f"outputs must contain '{needed}'")
        if ("action_units" in self.outputs) != bool(self.action_units):
            raise ValueError("action_units must name the columns of that output, and only then")
        if ROLES[self.preferred] not in self.artefacts:
            raise ValueError(f"preferred is {self.preferred}, for which there is no graph")
        return self


def load_bundle(directory: Path) -> Bundle:
    """Read the bundle of a pain model and verify every hash in it before anything is run.

    Args:
        directory: folder that holds ``bundle.json``.

    Returns:
        The validated manifest.

    Raises:
        BundleError: it is a bundle for something else.
        BundleCorrupt: absent, unreadable, or not of a known schema.
        BundleTampered: a hash or a size does not match.
    """
    return load_sealed(
        directory,
        Bundle,
        role="pain",
        absent="set scoring.bundle to a bundle folder or leave it out for the built-in one",
    )


def write_manifest(
    directory: Path, *, files: Mapping[str, tuple[str, Precision | None]], **fields: object
) -> Bundle:
    """Seal the bundle of a pain model: hash its artefacts and write ``bundle.json`` beside them.

    Args:
        directory: folder with the artefacts.
        files: role to (file name, precision), e.g. ``{"model": ("model.onnx", "fp32")}``.
        **fields: the other fields of ``Bundle``, except artefacts and bundle_sha256.

    Returns:
        The manifest as written and verified.

    Raises:
        BundleCorrupt: a file is absent, or a field is wrong.
    """
    seal(directory, Bundle, files=files, fields=fields)
    return load_bundle(directory)
