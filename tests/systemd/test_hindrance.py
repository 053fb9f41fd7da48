"""Where the units cannot be booted, the skipped test says why."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.systemd import machine


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return monkeypatch


def test_who_is_not_root_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "only root" in str(machine.hindrance())


def test_missing_programs_are_named(root: pytest.MonkeyPatch, tmp_path: Path):
    root.setenv("PATH", str(tmp_path))
    root.setattr(machine, "SYSTEMD", tmp_path / "systemd")
    said = str(machine.hindrance())
    for name in ("unshare", "nsenter", "mosquitto", str(tmp_path / "systemd")):
        assert name in said


def test_a_missing_cgroup_hierarchy_is_told(root: pytest.MonkeyPatch, tmp_path: Path):
    for name in machine.TOOLS:
        (tmp_path / name).touch(mode=0o755)
    root.setenv("PATH", str(tmp_path))
    root.setattr(machine, "SYSTEMD", tmp_path)
    root.setattr(machine, "cgroup2", lambda: None)
    assert "cgroup2" in str(machine.hindrance())


def test_forbidden_namespaces_are_told(root: pytest.MonkeyPatch, tmp_path: Path):
    for name in machine.TOOLS:
        (tmp_path / name).touch(mode=0o755)
    refusing = tmp_path / "unshare"
    refusing.write_text("#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2; exit 1\n")
    root.setenv("PATH", str(tmp_path))
    root.setattr(machine, "SYSTEMD", tmp_path)
    root.setattr(machine, "cgroup2", lambda: tmp_path)
    assert "Operation not permitted" in str(machine.hindrance())
