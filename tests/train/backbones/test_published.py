from __future__ import annotations

import hashlib
import re
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch

from pain.errors import AssetError
from train.backbones import BackboneName, WeightSource, make_backbone
from train.backbones.published import PUBLISHED, PublishedFile, obtain

CONTENT = b"weights" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Publisher(ThreadingHTTPServer):
    """Serves CONTENT at every address but /absent, and counts."""

    asked = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked += 1
        self.send_response(404 if self.path == "/absent" else 200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[:100] if self.path == "/cut" else CONTENT)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def published(url: str, sha256: str = SHA256) -> PublishedFile:
    return PublishedFile(url=url, sha256=sha256, licence="")


@pytest.mark.parametrize("digits", [8, 64])
def test_a_file_is_fetched_once(publisher: Publisher, tmp_path: Path, digits: int):
    file = published(f"{publisher.url}/a.pth", SHA256[:digits])

    for _ in range(2):
        path = obtain(file, folder=tmp_path / "cache")
        assert path.read_bytes() == CONTENT

    assert path == tmp_path / "cache" / "a.pth"
    assert publisher.asked == 1


def test_another_file_under_the_name_is_not_kept(publisher: Publisher, tmp_path: Path):
    file = published(f"{publisher.url}/a.pth", "0" * 64)

    with pytest.raises(AssetError, match=f"has SHA-256 {SHA256}, but {'0' * 64}"):
        obtain(file, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_in_the_cache_is_told_and_not_used(tmp_path: Path):
    (tmp_path / "a.pth").write_bytes(b"half of it")

    with pytest.raises(AssetError, match=rf"Delete {re.escape(str(tmp_path / 'a.pth'))}"):
        obtain(published("http://127.0.0.1:9/a.pth"), folder=tmp_path)


def advice(error: AssetError, url: str) -> bool:
    text = str(error)
    return all(part in text for part in (url, "--weights PATH", "weights: random"))


@pytest.mark.parametrize(("page", "why"), [("absent", "HTTP status 404"), ("cut", "has SHA-256")])
def test_a_publisher_that_has_it_no_more_is_told(
    publisher: Publisher, tmp_path: Path, page: str, why: str
):
    url = f"{publisher.url}/{page}"

    with pytest.raises(AssetError, match=why):
        obtain(published(url), folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_publisher_that_says_nothing_is_not_waited_for(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/a.pth"
        with pytest.raises(AssetError, match="timed out") as caught:
            obtain(published(url), folder=tmp_path, timeout_s=0.1)
    assert advice(caught.value, url)


def test_offline_official_weights_give_one_error_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"http://127.0.0.1:{port}/vits14.pth"
    monkeypatch.setitem(PUBLISHED, BackboneName.DINOV2_S14, published(url))
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))

    with pytest.raises(AssetError, match="Connection refused") as caught:
        make_backbone(BackboneName.DINOV2_S14, weights=WeightSource.OFFICIAL)
    assert advice(caught.value, url)
    assert str(tmp_path / "checkpoints") in str(caught.value)


def test_official_weights_are_taken_from_pytorchs_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    original = make_backbone(BackboneName.MOBILENETV3_SMALL, weights=WeightSource.RANDOM, seed=9)
    cached = tmp_path / "checkpoints" / "small.pth"
    cached.parent.mkdir()
    torch.save(original.body.state_dict(), cached)
    sha256 = hashlib.sha256(cached.read_bytes()).hexdigest()
    file = published("http://127.0.0.1:9/small.pth", sha256)
    monkeypatch.setitem(PUBLISHED, BackboneName.MOBILENETV3_SMALL, file)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))

    network = make_backbone(BackboneName.MOBILENETV3_SMALL, weights=WeightSource.OFFICIAL)

    assert torch.equal(network.body.conv_stem.weight, original.body.conv_stem.weight)


def test_every_picture_backbone_has_an_official_file_known_by_hash():
    # The face mesh network's file is the tracker's, which edge.track.model_file knows by its hash.
    assert set(PUBLISHED) == {
        name for name in BackboneName if not name.sees_landmarks and not name.is_face_mesh
    }
    for file in PUBLISHED.values():
        assert file.url.startswith("https://")
        assert re.fullmatch("[0-9a-f]{8}|[0-9a-f]{64}", file.sha256)
        assert len(file.sha256) == 64 or f"-{file.sha256}.pth" in file.name
