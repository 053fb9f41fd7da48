"""The bill of materials, made as `make sbom` makes it, of an environment with the edge's needs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
from importlib.metadata import distribution, version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def options() -> list[str]:
    found = re.search(r"^SBOM := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert found is not None
    return found[1].split()


@pytest.fixture
def edge_environment(tmp_path: Path) -> Path:
    """A Python beside which lies what pip records of each package that the edge asks for.

    Of all that the tests need, training included, the bill is ten times as long, and most of a
    minute goes into the addresses in it, which are checked one by one.
    """
    folder = tmp_path / "edge"
    venv.create(folder)
    place = {"base": str(folder), "platbase": str(folder)}
    packages = Path(sysconfig.get_path("purelib", "venv", vars=place))
    for requirement in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "dependencies"
    ]:
        package = distribution(re.split("[^a-zA-Z0-9_.-]", requirement)[0])
        record = packages / f"{package.name}-{package.version}.dist-info" / "METADATA"
        record.parent.mkdir()
        record.write_text(package.read_text("METADATA") or "", encoding="utf-8")
    return folder


@pytest.mark.slow
def test_the_bill_of_materials_names_what_looks_at_pictures(tmp_path: Path, edge_environment: Path):
    out = tmp_path / "sbom.json"
    command = ["cyclonedx_py", "environment", *options(), "--output-file", str(out)]
    subprocess.run(
        [sys.executable, "-m", *command, str(edge_environment)],
        check=True,
        cwd=ROOT,
        capture_output=True,
    )
    bill = json.loads(out.read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "painwatch"
    assert "timestamp" not in bill["metadata"]
    found = {part["name"].lower(): part["version"] for part in bill["components"]}
    for name in ("mediapipe", "onnxruntime", "av", "paho-mqtt"):
        assert found[name] == version(name)
