"""Bundles to one bundle: their graphs joined, and proved to be their mean on real faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import numpy as np
import onnx

from export.bundle import GOLDEN_NAME, GRAPH_NAMES, library_versions, staged
from export.ensemble.merge import Part, joint_units, merge, unit_weights
from export.faces import Faces
from export.golden import choose_golden, write_golden
from export.verify.compare import compare
from export.verify.gate import require
from export.verify.run import Outputs, outputs_of
from pain.bundle import (
    Bundle,
    Calibration,
    InputName,
    LevelRule,
    Member,
    OutputName,
    Training,
    load_bundle,
    write_manifest,
)
from pain.errors import BundleError, ConfigError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Opened:
    directory: Path
    bundle: Bundle
    part: Part

    @property
    def graph(self) -> Path:
        return self.directory / self.bundle.artefacts["model"].file


def needed_inputs(directories: Sequence[Path]) -> tuple[InputName, ...]:
    """Every input that one of these bundles takes.

    Raises:
        BundleError: one of them is damaged.
    """
    return tuple(dict.fromkeys(name for path in directories for name in load_bundle(path).inputs))


def export_ensemble(
    directories: Sequence[Path],
    out: Path,
    faces: Faces,
    *,
    weights: Sequence[float] = (),
    name: str | None = None,
    version: str,
    now: datetime | None = None,
    on_done: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> Bundle:
    """Join the fp32 graphs of bundles; nothing is written unless the graph is their mean.

    Args:
        directories: bundles, two or more.
        out: folder of the new one.
        faces: real tracked faces, at least one.
        weights: of the bundles, in their order; all the same when empty.
        name: of the new one; the names of the members when None.
        version: of the new one.
        now: time of export, UTC; the present when None.
        on_done: told what runs, how many faces are done, and of how many.

    Returns:
        The manifest as written.

    Raises:
        ConfigError: fewer than two bundles, or weights that do not fit.
        BundleError: a bundle is damaged, or their graphs cannot be joined.
        ExportError: the graph is not the mean of its members.
    """
    members = _open(directories, _shares(directories, weights))
    parts = [member.part for member in members]
    chosen = name or "-".join(member.bundle.name for member in members)
    proto = merge(parts, name=chosen)
    inputs = faces.of(tuple(cast("InputName", port.name) for port in proto.graph.input))
    with staged(out) as draft:
        graph = draft / GRAPH_NAMES["fp32"]
        onnx.helper.set_model_props(proto, {"name": chosen, "version": version})
        graph.write_bytes(proto.SerializeToString())
        said = [
            outputs_of(
                member.graph,
                inputs,
                on_done=lambda done, total, what=member.bundle.name: on_done(what, done, total),  # type: ignore[misc]
            )
            for member in members
        ]
        expected = _mean(parts, said)
        found = outputs_of(
            graph, inputs, on_done=lambda done, total: on_done("ensemble", done, total)
        )
        comparison = compare(expected, found, faces.levels, units=joint_units(parts))
        require(comparison, precision="fp32", of=chosen)
        write_golden(
            draft / GOLDEN_NAME,
            inputs=inputs,
            outputs=expected,
            rows=choose_golden(expected["level"]),
        )
        return write_manifest(
            draft,
            files={"model": (graph.name, "fp32"), "golden": (GOLDEN_NAME, None)},
            name=chosen,
            version=version,
            created=(now or datetime.now(UTC)).isoformat(timespec="seconds"),
            inputs=tuple(inputs),
            outputs=tuple(port.name for port in proto.graph.output),
            action_units=joint_units(parts),
            training=_training(members),
            metrics=(),
            calibration=Calibration(level=_rule(members)),
            parity=comparison.as_parity(),
            members=tuple(
                Member(
                    name=member.bundle.name,
                    version=member.bundle.version,
                    weight=member.part.weight,
                    bundle_sha256=member.bundle.bundle_sha256,
                )
                for member in members
            ),
            intended_use=" ".join(dict.fromkeys(m.bundle.intended_use for m in members)),
            limits=" ".join(dict.fromkeys(m.bundle.limits for m in members)),
            library_versions=library_versions(),
        )


def _shares(directories: Sequence[Path], weights: Sequence[float]) -> list[float]:
    if len(directories) < 2:  # noqa: PLR2004  (one bundle is no ensemble)
        raise ConfigError("name two bundles or more", key="BUNDLE", value=len(directories))
    chosen = list(weights) or [1.0] * len(directories)
    if len(chosen) != len(directories) or not all(
        np.isfinite(weight) and weight > 0.0 for weight in chosen
    ):
        raise ConfigError(
            f"give one weight above 0 for each of the {len(directories)} bundles, or none",
            key="--weight",
            value=list(weights),
        )
    return [weight / sum(chosen) for weight in chosen]


def _open(directories: Sequence[Path], shares: Sequence[float]) -> list[_Opened]:
    members = []
    for directory, share in zip(directories, shares, strict=True):
        bundle = load_bundle(directory)
        part = Part(
            graph=onnx.load(directory / bundle.artefacts["model"].file),
            inputs=bundle.inputs,
            outputs=bundle.outputs,
            action_units=bundle.action_units,
            weight=share,
        )
        members.append(_Opened(directory=directory, bundle=bundle, part=part))
    kinds = {
        (member.part.graph.ir_version, _opset(member.part.graph)): member for member in members
    }
    if len(kinds) > 1:
        known = ", ".join(
            f"{m.directory}: IR {ir}, opset {opset}" for (ir, opset), m in kinds.items()
        )
        raise BundleError(
            f"graphs of several versions cannot be joined ({known}); export them again"
        )
    return members


def _opset(proto: onnx.ModelProto) -> int:
    return next(int(entry.version) for entry in proto.opset_import if not entry.domain)


def _mean(parts: Sequence[Part], said: Sequence[Outputs]) -> Outputs:
    """What the ensemble must say, from what its members say alone."""
    shares = np.array([part.weight for part in parts])
    probabilities = sum(
        share * one["probabilities"].astype(np.float64)
        for share, one in zip(shares, said, strict=True)
    )
    expected: dict[OutputName, np.ndarray] = {
        "probabilities": np.asarray(probabilities),
        "level": np.average([one["level"] for one in said], axis=0, weights=shares),
    }
    readers = [number for number, part in enumerate(parts) if "pspi" in part.outputs]
    if readers:
        expected["pspi"] = np.average(
            [said[number]["pspi"] for number in readers], axis=0, weights=shares[readers]
        )
    if joint_units(parts):
        expected["action_units"] = np.asarray(
            sum(
                one["action_units"] @ matrix
                for one, matrix in zip(said, unit_weights(parts), strict=True)
                if len(matrix)
            )
        )
    return {name: values.astype(np.float32) for name, values in expected.items()}


def _rule(members: Sequence[_Opened]) -> LevelRule:
    """A mean of means is the mean of the joint distribution; of moved levels it is not."""
    means = all(member.bundle.calibration.level == "mean" for member in members)
    return "mean" if means else "own"


def _training(members: Sequence[_Opened]) -> Training:
    """Each member's own words after its name."""
    cards = [(member.bundle.name, member.bundle.training) for member in members]
    joint = {
        field: " | ".join(f"{name}: {getattr(card, field)}" for name, card in cards)
        for field in Training.model_fields
        if field != "command"
    }
    weights = " ".join(f"--weight {member.part.weight:g}" for member in members)
    names = " ".join(name for name, _ in cards)
    return Training(**joint, command=f"painwatch export ensemble {names} {weights} --out BUNDLE")
