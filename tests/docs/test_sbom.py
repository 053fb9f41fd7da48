"""The bill of materials, made as `make sbom` makes it, of the environment that runs the tests."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def options() -> list[str]:
    found = re.search(r"^SBOM := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert found is not None
    return found[1].split()


@pytest.mark.slow
def test_the_bill_of_materials_names_what_looks_at_pictures(tmp_path: Path):
    out = tmp_path / "sbom.json"
    command = ["cyclonedx_py", "environment", *options(), "--output-file", str(out)]
    subprocess.run(
        [sys.executable, "-m", *command, sys.executable], check=True, cwd=ROOT, capture_output=True
    )
    bill = json.loads(out.read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "painwatch"
    assert "timestamp" not in bill["metadata"]
    found = {part["name"].lower(): part["version"] for part in bill["components"]}
    for name in ("mediapipe", "onnxruntime", "av", "paho-mqtt"):
        assert found[name] == version(name)
