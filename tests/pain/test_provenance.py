import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

import pain.provenance
from pain.provenance import commit, processor_name, provenance


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of one file, in which the module seems to lie."""
    git(tmp_path, "init", "--quiet")
    module = tmp_path / "module.py"
    module.write_text("one")
    git(tmp_path, "add", "module.py")
    git(tmp_path, "commit", "--quiet", "-m", "one")
    monkeypatch.setattr(pain.provenance, "__file__", str(module))
    return tmp_path


def test_a_figure_is_measured_at_a_commit(checkout: Path) -> None:
    assert commit() == git(checkout, "rev-parse", "--short", "HEAD")


def test_changed_files_are_told_and_new_ones_are_not(checkout: Path) -> None:
    (checkout / "new.py").write_text("new")
    assert not commit().endswith("+")
    (checkout / "module.py").write_text("two")
    assert commit() == git(checkout, "rev-parse", "--short", "HEAD") + "+"


def test_outside_a_checkout_the_commit_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pain.provenance, "__file__", str(tmp_path / "module.py"))
    assert commit() == "unknown"


def test_the_device_is_the_processor_unless_another_is_named() -> None:
    assert provenance()["device"] == processor_name()
    assert processor_name().endswith(" cores")
    found = provenance("NVIDIA T4")
    assert found["device"] == "NVIDIA T4"
    assert found["date"] == datetime.now(UTC).strftime("%Y-%m-%d")
