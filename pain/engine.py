"""A compiled TensorRT engine on disk: made by ``export``, run by ``edge``.

An engine runs on one kind of GPU and one version of TensorRT, so it lies outside the bundle, whose
hash must be the same on every machine: ``<engines>/<bundle>/<gpu>-<version>-<precision>.plan`` with
a JSON record beside it. An engine whose record differs from what is at hand is never run.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pain.bundle import Bundle, Precision
from pain.errors import BundleCorrupt

REBUILD: Final = "build it with 'painwatch export tensorrt' on this machine"


class EngineRecord(BaseModel):
    """What an engine was made from and for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    bundle_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    precision: Precision
    gpu: str = Field(description="Name of the GPU as its driver tells it.")
    tensorrt: str = Field(description="Version of TensorRT.")
    max_batch: int = Field(ge=1, description="Faces that it takes at once.")
    plan_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


def engine_file(
    engines: Path, *, bundle: Bundle, gpu: str, tensorrt: str, precision: Precision
) -> Path:
    """Where the engine of a bundle lies.

    Args:
        engines: folder of all engines.
        bundle: its manifest.
        gpu: name of the GPU as its driver tells it.
        tensorrt: version of TensorRT.
        precision: of the graph.
    """
    return engines / bundle.name / f"{slug(gpu)}-{tensorrt}-{precision}.plan"


def slug(text: str) -> str:
    """Lower case, with one dash for whatever is no letter or digit."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def record_file(plan: Path) -> Path:
    """Where the record of an engine lies."""
    return plan.with_suffix(".json")


def load_engine(
    plan: Path, *, bundle: Bundle, gpu: str, tensorrt: str, precision: Precision
) -> tuple[bytes, EngineRecord]:
    """Read an engine and make sure that it is the one for this bundle and machine.

    Args:
        plan: from ``engine_file``.
        bundle: the manifest at hand.
        gpu: the GPU at hand.
        tensorrt: the version at hand.
        precision: of the graph.

    Returns:
        The serialised engine and its record.

    Raises:
        BundleCorrupt: absent, damaged, or made from or for something else; says what to do.
    """
    try:
        content = plan.read_bytes()
        record = EngineRecord.model_validate_json(record_file(plan).read_bytes())
    except OSError as error:
        raise BundleCorrupt(f"{plan}: no engine here ({error.strerror}); {REBUILD}") from error
    except ValidationError as error:
        raise BundleCorrupt(f"{record_file(plan)}: no record of an engine; {REBUILD}") from error
    pairs: dict[str, tuple[object, object]] = {
        "bundle": (record.bundle_sha256, bundle.bundle_sha256),
        "GPU": (record.gpu, gpu),
        "TensorRT": (record.tensorrt, tensorrt),
        "precision": (record.precision, precision),
        "content": (record.plan_sha256, hashlib.sha256(content).hexdigest()),
    }
    for what, (recorded, found) in pairs.items():
        if recorded != found:
            raise BundleCorrupt(
                f"{plan}: another {what} than recorded ({recorded}, not {found}); {REBUILD}"
            )
    return content, record
