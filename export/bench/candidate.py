"""What is timed: a graph on a provider, a PyTorch network, or the crop that pictures need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from pain.bundle import ROLES, Precision, load_bundle


class Kind(StrEnum):
    """Who computes."""

    GRAPH = "graph"
    EAGER = "torch eager"
    COMPILED = "torch compile"
    PREPROCESS = "preprocess"


class Provider(StrEnum):
    """Where it is computed."""

    CPU = "cpu"
    CUDA = "cuda"
    TENSORRT = "tensorrt"


ORT_NAMES: Final = {
    Provider.CPU: "CPUExecutionProvider",
    Provider.CUDA: "CUDAExecutionProvider",
    Provider.TENSORRT: "TensorrtExecutionProvider",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One row of the benchmark; crosses to the process that is timed.

    Attributes:
        kind: who computes.
        source: folder of the bundle or the checkpoint, or the name of a backbone.
        name: for tables.
        sha256: of the bundle, empty for others.
        provider: where.
        precision: of the graph.
        batch: faces at once.
        threads: of the processor.
    """

    kind: Kind
    source: str
    name: str
    sha256: str = ""
    provider: Provider = Provider.CPU
    precision: Precision = "fp32"
    batch: int = 1
    threads: int = 1

    @property
    def title(self) -> str:
        """All that tells it from others."""
        return f"{self.name} {self.precision}, {self.kind} {self.provider}, batch {self.batch}"


def candidates(
    bundles: Sequence[Path],
    *,
    baseline: str | None,
    providers: Sequence[Provider],
    batches: Sequence[int],
    threads: int,
    gpu: bool,
) -> list[Candidate]:
    """Every bundle x provider x precision x batch, the baseline, and the aligned crop.

    Raises:
        BundleError: a bundle is damaged.
    """
    found = [Candidate(kind=Kind.PREPROCESS, source="", name="aligned crop", threads=threads)]
    kinds = [(Kind.EAGER, Provider.CPU)]
    if gpu:
        kinds += [(Kind.EAGER, Provider.CUDA), (Kind.COMPILED, Provider.CUDA)]
    for batch in batches:
        if baseline is not None:
            found += [
                Candidate(
                    kind=kind,
                    source=baseline,
                    name=Path(baseline).name,
                    provider=provider,
                    batch=batch,
                    threads=threads,
                )
                for kind, provider in kinds
            ]
        for folder in bundles:
            bundle = load_bundle(folder)
            found += [
                Candidate(
                    kind=Kind.GRAPH,
                    source=str(folder),
                    name=f"{bundle.name} {bundle.version}",
                    sha256=bundle.bundle_sha256,
                    provider=provider,
                    precision=precision,
                    batch=batch,
                    threads=threads,
                )
                for provider in providers
                for precision, role in ROLES.items()
                if role in bundle.artefacts
            ]
    return found
