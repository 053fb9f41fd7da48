"""Scanned facial expressions: ICT Face Model Light, found or fetched by hash, read as differences.

The shapes are those of ICT-FaceKit (University of Southern California, Institute for Creative
Technologies; MIT licence). Only the base mesh and the
expressions that residents use are obtained; identities stay those of the heads they move to.
"""

from __future__ import annotations

import hashlib
import http.client
import io
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from pain.errors import AssetError
from train.residents.assets import cache_dir
from train.residents.scan_files import BASE, FACE_VERTICES, SCAN_FILES

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]

COMMIT: Final = "da5f95a607f5e6b37755b38d3385d7f2853732e5"
"""Of the repository ICT-VGL/ICT-FaceKit, 2023."""

ADDRESS: Final = f"https://raw.githubusercontent.com/ICT-VGL/ICT-FaceKit/{COMMIT}"
FOLDER: Final = "FaceXModel"
PACKED_NAME: Final = "ict-face-model-light.npz"
PACKED_SHA256: Final = "fd1a3d84a53aca4ede29d88072beeed7a38911de7615478c970ffc8c080eadd3"
"""All vectors of the same commit as arrays ``base``, ``faces``, ``expr_names`` and ``expr``."""

_TIMEOUT_S: Final = 60.0
_OBTAIN: Final = (
    "run `painwatch train residents assets --scanned`, or with `--scans DIR` and a folder that "
    f"holds {FOLDER}/ of ICT-FaceKit at commit {COMMIT[:8]} or the packed file {PACKED_NAME}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scans:
    """A scanned face at rest and how expressions move it; centimetres, y up, z front.

    Attributes:
        base: float32 (V, 3), the neutral face's skin.
        faces: int32 (F, 3), triangles.
        names: names of the expressions, e.g. ``browDown_L``.
        shapes: float16 (E, V, 3), differences to ``base`` at full strength.
    """

    base: FloatArray
    faces: IntArray
    names: tuple[str, ...]
    shapes: npt.NDArray[np.float16]


def cached_scans_path() -> Path:
    """Where the arrays are kept once they were obtained."""
    return cache_dir() / f"scans-{COMMIT[:8]}.npz"


def load_scans() -> Scans:
    """Read the scans from the cache.

    Raises:
        AssetError: they were never obtained, or the file is damaged.
    """
    path = cached_scans_path()
    if not path.exists():
        raise AssetError(f"the scanned expressions are not in {path.parent}: {_OBTAIN}")
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            return Scans(
                base=file["base"],
                faces=file["faces"],
                names=tuple(str(name) for name in file["names"]),
                shapes=file["shapes"],
            )
    except (OSError, EOFError, BadZipFile, ValueError, KeyError) as error:
        raise AssetError(f"{path} cannot be read ({error}). Delete it and {_OBTAIN}") from error


def obtain_scans(
    directory: Path | None = None,
    *,
    address: str = ADDRESS,
    tell: Callable[[str], None] = lambda _sentence: None,
) -> Path:
    """Make the scans available in the cache, from their publisher or from a folder.

    Args:
        directory: holds ``FaceXModel/`` of the pinned commit (or is it), or the packed file.
        address: of the repository's files, when nothing is given.
        tell: told one sentence per file.

    Returns:
        Path of the arrays in the cache.

    Raises:
        AssetError: a file is absent, cannot be had or is not the approved one; names it.
    """
    path = cached_scans_path()
    if directory is None and path.exists():
        load_scans()
        return path
    packed = None if directory is None else directory / PACKED_NAME
    if packed is not None and packed.is_file():
        scans = _unpacked(packed)
    else:
        scans = _read(_from_folder(directory) if directory else _from_web(address), tell)
    _keep(scans, path)
    return path


def _read(get: Callable[[str], bytes], tell: Callable[[str], None]) -> Scans:
    """Every wanted file, checked by hash, as differences to the base."""
    tell(f"reading {BASE}")
    base, faces = read_obj(_approved(get, BASE))
    skin = faces[(faces < FACE_VERTICES).all(axis=1)]
    names, shapes = [], []
    for name in SCAN_FILES:
        if name == BASE:
            continue
        tell(f"reading {name}")
        moved, _ = read_obj(_approved(get, name))
        if len(moved) != len(base):
            raise AssetError(f"{name} has {len(moved)} vertices, {BASE} {len(base)}")
        names.append(name.removesuffix(".obj"))
        shapes.append((moved - base)[:FACE_VERTICES].astype(np.float16))
    return Scans(
        base=base[:FACE_VERTICES].astype(np.float32),
        faces=skin,
        names=tuple(names),
        shapes=np.stack(shapes),
    )


def read_obj(data: bytes) -> tuple[npt.NDArray[np.float64], IntArray]:
    """Vertices (V, 3) and triangles (F, 3) of a Wavefront OBJ; a quad becomes two.

    Raises:
        AssetError: a line is none of that format.
    """
    vertices: list[list[float]] = []
    triangles: list[tuple[int, int, int]] = []
    for number, line in enumerate(io.TextIOWrapper(io.BytesIO(data), "ascii", "replace"), start=1):
        words = line.split()
        try:
            if words and words[0] == "v":
                vertices.append([float(word) for word in words[1:4]])
            elif words and words[0] == "f":
                corners = [int(word.split("/", 1)[0]) - 1 for word in words[1:]]
                triangles += [
                    (corners[0], one, other)
                    for one, other in pairwise(corners[1:])
                    if corners[0] != one != other != corners[0]
                ]
        except (ValueError, IndexError) as error:
            raise AssetError(f"line {number} is no line of an OBJ file: {line!r}") from error
    shape = np.asarray(vertices, dtype=np.float64).reshape(-1, 3)
    return shape, np.asarray(triangles, dtype=np.int32).reshape(-1, 3)


def _approved(get: Callable[[str], bytes], name: str) -> bytes:
    data = get(name)
    found = hashlib.sha256(data).hexdigest()
    if found != SCAN_FILES[name]:
        raise AssetError(
            f"{FOLDER}/{name} has SHA-256 {found}, expected {SCAN_FILES[name]}: it is not the "
            f"approved file of commit {COMMIT[:8]}"
        )
    return data


def _from_folder(directory: Path) -> Callable[[str], bytes]:
    inner = directory / FOLDER if (directory / FOLDER).is_dir() else directory

    def get(name: str) -> bytes:
        try:
            return (inner / name).read_bytes()
        except OSError as error:
            raise AssetError(f"{inner / name} cannot be read: {error}; {_OBTAIN}") from error

    return get


def _from_web(address: str) -> Callable[[str], bytes]:
    def get(name: str) -> bytes:
        url = f"{address}/{FOLDER}/{name}"
        try:
            with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:  # noqa: S310
                return bytes(answer.read())
        except (OSError, urllib.error.URLError, http.client.HTTPException) as error:
            raise AssetError(
                f"{url} cannot be fetched ({error}). Without a network: {_OBTAIN}"
            ) from error

    return get


def _unpacked(path: Path) -> Scans:
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != PACKED_SHA256:
        raise AssetError(f"{path} has SHA-256 {found}, expected {PACKED_SHA256}")
    with np.load(path, allow_pickle=False) as file:
        rows = {str(name): row for row, name in enumerate(file["expr_names"])}
        names = tuple(name.removesuffix(".obj") for name in SCAN_FILES if name != BASE)
        quads = file["faces"].astype(np.int32)
        shapes = file["expr"][[rows[name] for name in names], :FACE_VERTICES]
        base = file["base"][:FACE_VERTICES]
    halves = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    a, b, c = halves.T
    skin = halves[(a != b) & (b != c) & (a != c) & (halves < FACE_VERTICES).all(axis=1)]
    return Scans(base=base.astype(np.float32), faces=skin, names=names, shapes=shapes)


def _keep(scans: Scans, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    staging = path.with_suffix(".tmp.npz")
    np.savez_compressed(
        staging,
        base=scans.base,
        faces=scans.faces,
        names=np.array(scans.names),
        shapes=scans.shapes,
    )
    staging.replace(path)
