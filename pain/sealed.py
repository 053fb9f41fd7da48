"""A sealed folder: a manifest and the files that it names, each with its SHA-256.

``bundle.json`` holds the SHA-256 of every artefact and one over itself, so one hash identifies
everything that runs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pain.errors import BundleCorrupt, BundleError, BundleTampered

SCHEMA_VERSION: Final = 1
MANIFEST_NAME: Final = "bundle.json"

Precision = Literal["fp32", "fp16", "int8"]
Role = Literal["pain", "embedding"]

ROLE_WORDS: Final[Mapping[Role, str]] = MappingProxyType(
    {"pain": "a pain model", "embedding": "a face embedding (docs/identity.md)"}
)
"""What a bundle of each role is, for people."""


class Part(BaseModel):
    """Part of a manifest: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Artefact(Part):
    """One file of the bundle."""

    file: str = Field(pattern=r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size_bytes: int = Field(ge=1)
    precision: Precision | None = Field(
        default=None, description="Precision of a model artefact; absent for other files."
    )

    @model_validator(mode="after")
    def _stays_inside(self) -> Artefact:
        if ".." in Path(self.file).parts:
            raise ValueError("an artefact lies inside the bundle; '..' is not allowed")
        return self


class Training(Part):
    """Where the weights come from."""

    data: str = Field(description="Data set, size, and whether it is real or synthetic.")
    data_licence: str
    split_protocol: str = Field(description="How subjects were kept apart.")
    task: str
    loss: str
    backbone: str
    command: str = Field(description="The command that makes this bundle again.")


class Metric(Part):
    """A measured figure with its interval."""

    name: str
    value: float
    low: float | None = Field(default=None, description="Lower end of the 95 % interval.")
    high: float | None = Field(default=None, description="Upper end of the 95 % interval.")
    on: str = Field(description="Data on which it was measured.")


class Sealed(Part):
    """What every manifest says, whatever the bundle is for."""

    schema_version: Literal[1] = SCHEMA_VERSION
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: str
    created: str = Field(description="UTC date and time, ISO 8601.")
    artefacts: dict[str, Artefact] = Field(
        description="By role: 'model' is required, 'model.int8', 'model.fp16', 'golden' optional."
    )
    training: Training
    metrics: tuple[Metric, ...]
    intended_use: str
    limits: str
    library_versions: dict[str, str]
    bundle_sha256: str = Field(
        pattern=r"^[0-9a-f]{64}$", description="Over this file with this field left out."
    )

    @model_validator(mode="after")
    def _has_a_graph(self) -> Self:
        if "model" not in self.artefacts:
            raise ValueError("artefacts must name the role 'model'")
        return self


SealedType = TypeVar("SealedType", bound=Sealed)


def manifest_sha256(document: Mapping[str, object]) -> str:
    """SHA-256 over a manifest without its own hash, in canonical JSON.

    Args:
        document: the manifest as plain JSON values.

    Returns:
        64 hexadecimal digits.
    """
    bare = {key: value for key, value in document.items() if key != "bundle_sha256"}
    canonical = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def load_sealed(
    directory: Path, manifest: type[SealedType], *, role: Role, absent: str
) -> SealedType:
    """Read a bundle of one role; see ``load_bundle``.

    Args:
        directory: folder that holds ``bundle.json``.
        manifest: form of the manifest.
        role: what the bundle must be for; manifests without a role are for pain.
        absent: what to do where there is no bundle, for people.

    Raises:
        BundleError: it is a bundle for something else.
        BundleCorrupt: absent, unreadable, or not of a known schema.
        BundleTampered: a hash or a size does not match.
    """
    path = directory / MANIFEST_NAME
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BundleCorrupt(
            f"{path}: no readable model bundle here ({error.strerror}); {absent}"
        ) from error
    except (ValueError, RecursionError) as error:  # Python's parser gives up on a deep nest
        raise BundleCorrupt(f"{path}: not valid JSON ({error}); export the bundle again") from error
    _require_role(document, role, path)
    try:
        bundle = manifest.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "bundle"
        raise BundleCorrupt(
            f"{path}: {where}: {first['msg']}; the bundle was written by another version or is "
            "damaged, export it again"
        ) from error
    if manifest_sha256(document) != bundle.bundle_sha256:
        raise BundleTampered(f"{path}: the manifest was changed after export; do not use it")
    for artefact in bundle.artefacts.values():
        _verify(directory, artefact)
    return bundle


def _require_role(document: object, role: Role, path: Path) -> None:
    found = document.get("role", "pain") if isinstance(document, dict) else None
    other = next((name for name in ROLE_WORDS if name == found and name != role), None)
    if other is not None:
        raise BundleError(
            f"{path}: this bundle is {ROLE_WORDS[other]}, but here {ROLE_WORDS[role]} is needed; "
            "name another folder"
        )


def _verify(directory: Path, artefact: Artefact) -> None:
    path = directory / artefact.file
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BundleCorrupt(f"{path}: cannot be read ({error.strerror})") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != artefact.sha256:
        raise BundleTampered(
            f"{path}: SHA-256 is {digest}, the bundle says {artefact.sha256}; "
            "the file is damaged or was exchanged, install the bundle again"
        )
    if len(content) != artefact.size_bytes:
        raise BundleTampered(
            f"{path}: has {len(content)} bytes, the bundle says {artefact.size_bytes}; "
            "the manifest is wrong, export the bundle again"
        )


def seal(
    directory: Path,
    manifest: type[Sealed],
    *,
    files: Mapping[str, tuple[str, Precision | None]],
    fields: Mapping[str, Any],
) -> None:
    """Hash the artefacts that lie in a folder and write the manifest of some role beside them.

    Args:
        directory: folder with the artefacts.
        manifest: form of the manifest.
        files: role to (file name, precision).
        fields: the other fields, except artefacts and bundle_sha256.

    Raises:
        BundleCorrupt: a file is absent, or a field is wrong.
    """
    artefacts: dict[str, object] = {}
    for role, (name, precision) in files.items():
        try:
            content = (directory / name).read_bytes()
        except OSError as error:
            raise BundleCorrupt(f"{directory / name}: cannot be read ({error.strerror})") from error
        artefacts[role] = {
            "file": name,
            "sha256": hashlib.sha256(content).hexdigest(),
            "size_bytes": len(content),
            "precision": precision,
        }
    draft = {**fields, "artefacts": artefacts, "bundle_sha256": "0" * 64}
    try:
        document = manifest.model_validate(draft).model_dump(mode="json")
    except ValidationError as error:
        raise BundleCorrupt(f"{directory}: {error}") from error
    document["bundle_sha256"] = manifest_sha256(document)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    (directory / MANIFEST_NAME).write_text(text, encoding="utf-8")
