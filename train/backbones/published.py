"""The official weights: fetched once from their publisher, known by their SHA-256."""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from rich.console import Console
from rich.progress import wrap_file

from pain.errors import AssetError
from train.backbones.names import BackboneName

TIMEOUT_S: Final = 10.0
"""Longest silence of a publisher before fetching is given up."""

_TIMM: Final = "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/"
_DINOV2: Final = "https://dl.fbaipublicfiles.com/dinov2/"
_FACENET: Final = "https://github.com/timesler/facenet-pytorch/releases/download/v2.2.9/"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFile:
    """A file of weights.

    Attributes:
        url: address at its publisher.
        sha256: lower-case hex; timm puts only the first eight digits into the file's name.
        licence: of the weights and what they were trained on, in one sentence.
    """

    url: str
    sha256: str
    licence: str

    @property
    def name(self) -> str:
        """File name, the last part of the address."""
        return self.url.rsplit("/", 1)[-1]


_VGGFACE2: Final = PublishedFile(
    url=f"{_FACENET}20180402-114759-vggface2.pt",
    sha256="281cebca8662831adb987a874bdcb36e73f5b1c6dc5ee5878f305e985625d99b",
    licence="MIT code; VGGFace2 (real people from the web) was released for research only",
)

PUBLISHED: Final[Mapping[BackboneName, PublishedFile]] = {
    BackboneName.MOBILENETV3_SMALL: PublishedFile(
        url=f"{_TIMM}mobilenetv3_small_100_lamb-266a294c.pth",
        sha256="266a294c",
        licence="Apache-2.0; trained on ImageNet-1k, which is for non-commercial research",
    ),
    BackboneName.MOBILENETV3_LARGE: PublishedFile(
        url=f"{_TIMM}mobilenetv3_large_100_ra-f55367f5.pth",
        sha256="f55367f5",
        licence="Apache-2.0; trained on ImageNet-1k, which is for non-commercial research",
    ),
    BackboneName.FACENET: _VGGFACE2,
    BackboneName.FACENET_128: _VGGFACE2,
    BackboneName.DINOV2_S14: PublishedFile(
        url=f"{_DINOV2}dinov2_vits14/dinov2_vits14_pretrain.pth",
        sha256="b938bf1bc15cd2ec0feacfe3a1bb553fe8ea9ca46a7e1d8d00217f29aef60cd9",
        licence="Apache-2.0; trained on LVD-142M, curated from the web",
    ),
    BackboneName.DINOV2_L14: PublishedFile(
        url=f"{_DINOV2}dinov2_vitl14/dinov2_vitl14_pretrain.pth",
        sha256="d5383ea8f4877b2472eb973e0fd72d557c7da5d3611bd527ceeb1d7162cbf428",
        licence="Apache-2.0; trained on LVD-142M, curated from the web",
    ),
}


def obtain(published: PublishedFile, *, folder: Path, timeout_s: float = TIMEOUT_S) -> Path:
    """Find the official weights in the cache, else fetch them.

    The file appears under its name only after its hash was found right.

    Args:
        published: which file.
        folder: the cache.
        timeout_s: longest silence of the publisher, s.

    Raises:
        AssetError: cannot be fetched, or is another file; says what to do.
    """
    target = folder / published.name
    if target.is_file():
        _require(target, published, f"Delete {target} and try again")
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder) as scratch:
            part = Path(scratch) / published.name
            _download(published.url, part, timeout_s=timeout_s)
            _require(part, published, "Try again, or take the file from elsewhere")
            part.replace(target)
    except (OSError, http.client.HTTPException) as error:
        raise AssetError(
            f"The official weights {published.name} are not in {folder} and could not be fetched "
            f"from {published.url} ({_reason(error)}). Put the file there, name a file with "
            "`--weights PATH`, or choose `weights: random` to try the plumbing without them."
        ) from error
    return target


def _require(path: Path, published: PublishedFile, otherwise: str) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if not found.startswith(published.sha256):
        raise AssetError(
            f"{path.name} from {published.url} has SHA-256 {found}, but {published.sha256} is the "
            f"published file's. {otherwise}, or name a file you trust with `--weights PATH`."
        )


def _download(url: str, part: Path, *, timeout_s: float) -> None:
    request = urllib.request.Request(url, headers={"User-Agent": "painwatch"})  # noqa: S310 - https in PUBLISHED; tests serve http on loopback
    with (
        urllib.request.urlopen(request, timeout=timeout_s) as answer,  # noqa: S310
        _shown(answer, part.name) as content,
        part.open("wb") as file,
    ):
        shutil.copyfileobj(content, file, 1 << 20)


def _shown(answer: http.client.HTTPResponse, name: str) -> AbstractContextManager[BinaryIO]:
    """``answer`` with a progress bar for whoever sits at a terminal."""
    size = answer.headers.get("Content-Length")
    if size is None or not sys.stderr.isatty():
        return nullcontext(answer)
    return wrap_file(answer, int(size), description=name, console=Console(stderr=True))


def _reason(error: OSError | http.client.HTTPException) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP status {error.code}"
    if isinstance(error, urllib.error.URLError):
        return f"no answer: {error.reason}"
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    return str(error) or type(error).__name__
