import hashlib
import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from pain.errors import AssetError
from train.residents import scans
from train.residents.assets import CACHE_VARIABLE
from train.residents.scan_files import BASE, SCAN_FILES

OBJ = b"""mtllib face.mtl
v 0 0 0
v 1 0 0
v 1 1 0.5
v 0 1 0
vt 0 0
f 1/1/1 2/1/1 3/1/1 4/1/1
f 1 2 2 3
"""
MOVED = OBJ.replace(b"v 1 1 0.5", b"v 1 1 0.75")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A publisher's folder of two files that are all that is wanted, and an empty cache."""
    files = {BASE: OBJ, "smile_L.obj": MOVED}
    approved = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    monkeypatch.setattr(scans, "SCAN_FILES", approved)
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    inner = tmp_path / "kit" / scans.FOLDER
    inner.mkdir(parents=True)
    for name, data in files.items():
        (inner / name).write_bytes(data)
    return tmp_path / "kit"


@pytest.fixture
def publisher(folder: Path) -> Iterator[str]:
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_quad_becomes_two_triangles_and_a_line_none() -> None:
    vertices, triangles = scans.read_obj(OBJ)
    assert vertices.shape == (4, 3)
    assert triangles.tolist() == [[0, 1, 2], [0, 2, 3], [0, 1, 2]]


def test_a_damaged_line_is_named() -> None:
    with pytest.raises(AssetError, match="line 2 is no line of an OBJ file"):
        scans.read_obj(b"v 0 0 0\nv 0 x 0\n")


@pytest.mark.parametrize("inner", ["", scans.FOLDER])
def test_a_folder_and_the_kit_around_it_are_both_taken(folder: Path, inner: str) -> None:
    scans.obtain_scans(folder / inner)
    found = scans.load_scans()
    assert found.names == ("smile_L",)
    assert found.shapes[0].tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 0.25], [0, 0, 0]]


def test_what_the_publisher_gives_is_checked_and_kept(publisher: str, folder: Path) -> None:
    told: list[str] = []
    path = scans.obtain_scans(address=publisher, tell=told.append)
    assert told == [f"reading {BASE}", "reading smile_L.obj"]
    (folder / scans.FOLDER / BASE).unlink()
    assert scans.obtain_scans(address=publisher) == path


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda file: file.write_bytes(MOVED + b"v 1 1 1\n"), "not the approved file"),
        (lambda file: file.unlink(), "cannot be"),
    ],
)
@pytest.mark.parametrize("way", ["folder", "web"])
def test_an_absent_or_other_file_is_refused_and_nothing_kept(
    folder: Path, publisher: str, spoil: object, told: str, way: str
) -> None:
    assert callable(spoil)
    spoil(folder / scans.FOLDER / "smile_L.obj")
    with pytest.raises(AssetError, match=f"smile_L.obj .*{told}"):
        scans.obtain_scans(folder if way == "folder" else None, address=publisher)
    with pytest.raises(AssetError, match="assets --scanned"):
        scans.load_scans()


@pytest.mark.usefixtures("folder")
def test_another_packed_file_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / scans.PACKED_NAME, base=np.zeros((3, 3)))
    with pytest.raises(AssetError, match=r"SHA-256 .* expected"):
        scans.obtain_scans(tmp_path)


@pytest.mark.usefixtures("folder")
def test_a_damaged_cache_says_what_to_do() -> None:
    scans.cached_scans_path().parent.mkdir(parents=True)
    scans.cached_scans_path().write_bytes(b"PK cut sho")
    with pytest.raises(AssetError, match="Delete it and run"):
        scans.load_scans()


def test_every_expression_is_wanted_from_both_sides() -> None:
    names = {name.removesuffix(".obj") for name in SCAN_FILES if name != BASE}
    assert {name[:-2] for name in names if name.endswith("_L")} == {
        name[:-2] for name in names if name.endswith("_R")
    }
