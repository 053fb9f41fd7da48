from __future__ import annotations

import os
from pathlib import Path

import pytest

from pain.errors import DataError
from train.data import pictures
from train.track import hashes
from train.track.hashes import FileHashes


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Files that were read."""
    read: list[Path] = []

    def content_hash(path: Path) -> str:
        read.append(path)
        return pictures.content_hash(path)

    monkeypatch.setattr(hashes, "content_hash", content_hash)
    return read


def settled(path: Path, content: str, *, age_s: float = 60.0) -> Path:
    """A file that was last changed a while ago."""
    path.write_text(content)
    changed_s = path.stat().st_mtime - age_s
    os.utime(path, (changed_s, changed_s))
    return path


def test_a_file_that_did_not_change_is_read_once(tmp_path: Path, reads: list[Path]):
    file = settled(tmp_path / "a", "one")
    first = FileHashes(tmp_path)
    known = first.of([file, file])
    first.save()
    assert FileHashes(tmp_path).of([file]) == known
    assert reads == [file]


def test_a_changed_file_is_read_again(tmp_path: Path, reads: list[Path]):
    file = settled(tmp_path / "a", "one")
    memory = FileHashes(tmp_path)
    before = memory.of([file])
    settled(file, "two", age_s=30.0)
    assert memory.of([file]) != before
    assert len(reads) == 2


def test_a_file_that_has_just_changed_is_not_trusted(tmp_path: Path, reads: list[Path]):
    file = settled(tmp_path / "a", "one", age_s=0.0)
    memory = FileHashes(tmp_path)
    memory.of([file])
    memory.of([file])
    assert len(reads) == 2


@pytest.mark.parametrize("content", ["", "[]", "{broken", '{"a": 1}'])
def test_a_damaged_memory_is_forgotten(tmp_path: Path, content: str):
    file = settled(tmp_path / "a", "one")
    (tmp_path / "hashes.json").write_text(content)
    assert FileHashes(tmp_path).of([file])[file] == pictures.content_hash(file)


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(DataError, match="gone cannot be read"):
        FileHashes(tmp_path).of([tmp_path / "gone"])
