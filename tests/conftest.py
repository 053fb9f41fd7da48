"""Settings and real files for every test."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from edge.track import Landmarker

# Each process of the suite has a core, and no more: threads of one operation would wait for one
# another, and burn what they wait. Read when numpy and torch are loaded; the children inherit it.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

# A deadline would be an assertion on wall-clock speed, and fails on a busy machine.
settings.register_profile("painwatch", deadline=None)
settings.load_profile("painwatch")

# A shell's background job ignores Ctrl-C and hands that on; the tests of Ctrl-C need it back.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for garbage after the collection of tests, and never again in what it has brought.

    A million objects of libraries and tests stay to the end; to walk them again and again is a
    fifth of the time of the collection, and half a second whenever a test calls the collector.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def landmarker_path() -> Path:
    """The real face landmark model: from the cache, fetched into it where it is not there yet."""
    from edge.track.model_file import fetch_landmarker, locate_landmarker
    from pain.errors import ModelFileError

    try:
        return locate_landmarker(None)
    except ModelFileError:
        return fetch_landmarker()


@pytest.fixture(scope="session")
def landmarker(landmarker_path: Path) -> Iterator[Landmarker]:
    """The real model, loaded once."""
    from edge.track import Landmarker

    with Landmarker(model=landmarker_path) as loaded:
        yield loaded


@pytest.fixture(scope="session", autouse=True)
def _own_state_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whatever a test forgets to place elsewhere is not kept with the developer's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STATE_DIRECTORY", str(tmp_path_factory.mktemp("state")))
        patch.setenv("RUNTIME_DIRECTORY", str(tmp_path_factory.mktemp("runtime")))
        yield
