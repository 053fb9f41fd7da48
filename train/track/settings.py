"""What decides the tracker's answer for a picture, and the version name made of all of it."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata, resources
from typing import Any, Final

from edge.config.quality import QualityConfig
from edge.config.tracking import TrackingConfig
from edge.track.model_file import LANDMARKER_SHA256

CACHE_FORMAT: Final = 1
"""Raise it when the files of the cache change their meaning."""

_CODE: Final = (
    ("edge.track", ("acquire", "follow", "landmarker", "places", "privacy", "quality")),
    ("edge.track", ("claim", "covered", "mesh_result", "rivals", "tiles", "tracker", "turn")),
    ("pain", ("align", "crop", "gather", "values")),
    ("train.track", ("look",)),
)
"""Modules whose code the answer depends on."""

_LIBRARIES: Final = ("mediapipe", "opencv-contrib-python", "numpy", "pillow")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerSettings:
    """Settings of the daemon's tracker for a run over a data set.

    Attributes:
        tracking: as the daemon's; the time budget per frame does not count, since every picture is
            swept to the end, and neither does the path of the model file.
        quality: when a face may be scored.
        crops: store aligned crops too.
    """

    tracking: TrackingConfig = field(default_factory=TrackingConfig)
    quality: QualityConfig = field(default_factory=QualityConfig)
    crops: bool = True

    def description(self) -> dict[str, Any]:
        """Everything that decides an answer, as plain JSON values."""
        return {
            "cache_format": CACHE_FORMAT,
            "landmarker_sha256": LANDMARKER_SHA256,
            "code_sha256": code_digest(),
            "libraries": {name: metadata.version(name) for name in _LIBRARIES},
            "tracking": self.tracking.model_dump(
                mode="json", exclude={"landmarker", "acquire_budget_ms"}
            ),
            "quality": self.quality.model_dump(mode="json"),
            "crops": self.crops,
        }

    @property
    def version(self) -> str:
        """Name of the answers that these settings give: 16 hex digits."""
        written = json.dumps(self.description(), sort_keys=True).encode()
        return hashlib.sha256(written).hexdigest()[:16]


@cache
def code_digest() -> str:
    """SHA-256 over the tracker's code; comments, docstrings and layout do not count.

    A version number that somebody must remember to raise would one day mix the answers of two
    trackers in one training set.
    """
    digest = hashlib.sha256()
    for package, modules in _CODE:
        for module in modules:
            source = (resources.files(package) / f"{module}.py").read_text(encoding="utf-8")
            digest.update(f"{package}.{module}\n{essence(source)}\n".encode())
    return digest.hexdigest()


def essence(source: str) -> str:
    """Python code without comments, docstrings and layout."""
    tree = ast.parse(source)
    for node in _documented(tree):
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def _documented(
    tree: ast.Module,
) -> Iterator[ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
