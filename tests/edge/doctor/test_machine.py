from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from edge.doctor import machine
from edge.doctor.finding import Verdict
from edge.doctor.machine import ClockState

ROOT = Path(__file__).parents[3]


def installed(versions: dict[str, str]) -> Callable[[str], str]:
    def version(name: str) -> str:
        if name not in versions:
            raise PackageNotFoundError(name)
        return versions[name]

    return version


def test_absent_system_libraries_are_named_with_their_packages() -> None:
    def load(name: str) -> object:
        if name in ("libEGL.so.1", "libGL.so.1"):
            raise OSError(name)
        return object()

    finding = machine.system_libraries(load)
    assert finding.verdict is Verdict.FAIL
    assert finding.found == "absent: libGL.so.1, libEGL.so.1"
    assert "apt-get install libgl1 libegl1" in finding.remedy


def test_this_machine_has_its_system_libraries() -> None:
    assert machine.system_libraries().verdict is Verdict.OK


@pytest.mark.parametrize(
    ("mediapipe", "onnxruntime", "verdicts"),
    [
        ("0.10.18", "1.20.0", (Verdict.OK, Verdict.OK)),
        ("0.10.33", "1.28.0", (Verdict.OK, Verdict.OK)),
        ("0.10.35", "1.29.0", (Verdict.FAIL, Verdict.FAIL)),
        ("1.2.2", "2.0", (Verdict.FAIL, Verdict.FAIL)),
        ("0.10.9", "1.19.2", (Verdict.FAIL, Verdict.FAIL)),
        (None, "1.28.0", (Verdict.FAIL, Verdict.OK)),
    ],
)
def test_versions_that_phone_home_fail(
    mediapipe: str | None, onnxruntime: str, verdicts: tuple[Verdict, Verdict]
) -> None:
    versions = {"onnxruntime": onnxruntime}
    if mediapipe is not None:
        versions["mediapipe"] = mediapipe
    findings = machine.installed_libraries(installed(versions))
    assert tuple(finding.verdict for finding in findings) == verdicts
    assert all(f.remedy.startswith("pip install") for f in findings if f.verdict is Verdict.FAIL)


def test_a_second_opencv_in_the_same_folder_fails() -> None:
    versions = {"mediapipe": "0.10.33", "onnxruntime": "1.28.0", "opencv-python": "4.11"}
    *_, opencv = machine.installed_libraries(installed(versions))
    assert opencv.verdict is Verdict.FAIL
    assert "pip uninstall opencv-python;" in opencv.remedy


def test_quiet_ranges_are_those_of_the_package() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pins = {f"{name}>={first},<{end}" for name, (first, end) in machine.QUIET_RANGES.items()}
    assert pins <= set(pyproject["project"]["dependencies"])


@pytest.mark.parametrize(
    ("state", "verdict", "words"),
    [
        (ClockState(synchronised=True, max_error_s=0.012), Verdict.OK, "12 ms"),
        (ClockState(synchronised=False, max_error_s=16.0), Verdict.WARN, "no time service"),
        (OSError("forbidden"), Verdict.WARN, "unknown: the system does not tell (forbidden)"),
    ],
)
def test_clock(state: ClockState | OSError, verdict: Verdict, words: str) -> None:
    def ask() -> ClockState:
        if isinstance(state, OSError):
            raise state
        return state

    finding = machine.clock(ask)
    assert finding.verdict is verdict
    assert words in finding.found


def test_the_kernel_answers_with_a_plausible_error() -> None:
    assert 0 <= machine.kernel_clock().max_error_s < 1000
