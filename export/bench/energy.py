"""Energy, where the device reports it; nothing where it does not."""

from __future__ import annotations

import ctypes
import time
from pathlib import Path
from typing import Final, Protocol

from pain.provenance import processor_name

NOT_REPORTED: Final = "not reported"

_HWMON: Final = Path("/sys/class/hwmon")
_WHOLE_BOARD: Final = "VDD_IN"
_SAMPLE_EVERY_S: Final = 0.05


class Meter(Protocol):
    """Energy since it was made."""

    source: str

    def sample(self) -> None:
        """Look at the sensor, if it is one that has to be looked at."""

    def joules(self) -> float | None:
        """So far; None when it cannot be told."""


class NvmlMeter:
    """The energy counter of an NVIDIA GPU, by the driver's own library (Volta and newer)."""

    source = "NVML total energy, whole GPU"

    def __init__(self, nvml: Nvml) -> None:
        self._nvml = nvml
        self._start_mj = nvml.energy_mj()

    def sample(self) -> None:
        """The counter runs by itself."""

    def joules(self) -> float | None:
        """Of the whole GPU, whoever uses it."""
        now_mj = self._nvml.energy_mj()
        if now_mj is None or self._start_mj is None:
            return None
        return (now_mj - self._start_mj) / 1e3


class RailMeter:
    """Power rails of a board with an INA3221, as on Jetson: millivolts times milliamperes.

    The whole board's rail where one is labelled so, else the sum of all rails.

    Args:
        rails: voltage and current file of each rail.
        label: names of the rails.
    """

    def __init__(self, rails: list[tuple[Path, Path]], *, label: str) -> None:
        self.source = f"INA3221 {label}"
        self._rails = rails
        self._started_s = self._last_s = time.monotonic()
        self._watts = [self._now_w()]

    def sample(self) -> None:
        """Read the rails, at most every 50 ms."""
        if time.monotonic() - self._last_s >= _SAMPLE_EVERY_S:
            self._last_s = time.monotonic()
            self._watts.append(self._now_w())

    def joules(self) -> float | None:
        """Mean power times time."""
        elapsed_s = time.monotonic() - self._started_s
        return sum(self._watts) / len(self._watts) * elapsed_s

    def _now_w(self) -> float:
        return (
            sum(
                int(volts.read_text(encoding="ascii")) * int(amperes.read_text(encoding="ascii"))
                for volts, amperes in self._rails
            )
            / 1e6
        )


def open_meter(nvml: Nvml | None, *, hwmon: Path = _HWMON) -> Meter | None:
    """A meter that starts now; None when this device reports no energy."""
    if nvml is not None and nvml.energy_mj() is not None:
        return NvmlMeter(nvml)
    rails = _rails(hwmon)
    if not rails:
        return None
    chosen = {_WHOLE_BOARD: rails[_WHOLE_BOARD]} if _WHOLE_BOARD in rails else rails
    return RailMeter(list(chosen.values()), label=" + ".join(chosen))


class Nvml:
    """The part of NVIDIA's management library that is needed here; GPU 0.

    Raises:
        OSError: there is no driver, or no GPU.
    """

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libnvidia-ml.so.1")
        self._device = ctypes.c_void_p()
        if self._library.nvmlInit_v2() or self._library.nvmlDeviceGetHandleByIndex_v2(
            0, ctypes.byref(self._device)
        ):
            raise OSError("NVML finds no GPU")

    def name(self) -> str:
        """What the GPU is called; empty when it does not say."""
        text = ctypes.create_string_buffer(96)
        failed = self._library.nvmlDeviceGetName(self._device, text, len(text))
        return "" if failed else text.value.decode()

    def energy_mj(self) -> int | None:
        """Energy since the driver was loaded; None before Volta."""
        value = ctypes.c_ulonglong()
        failed = self._library.nvmlDeviceGetTotalEnergyConsumption(
            self._device, ctypes.byref(value)
        )
        return None if failed else value.value

    def used_bytes(self) -> int | None:
        """Memory in use on the GPU, by all processes."""
        memory = (ctypes.c_ulonglong * 3)()  # total, free, used
        failed = self._library.nvmlDeviceGetMemoryInfo(self._device, ctypes.byref(memory))
        return None if failed else int(memory[2])


def open_nvml() -> Nvml | None:
    """NVML, or None without an NVIDIA driver or GPU."""
    try:
        return Nvml()
    except OSError:
        return None


def device_name() -> str:
    """Processor, and the GPU where there is one."""
    nvml = open_nvml()
    gpu = nvml.name() if nvml else ""
    return f"{processor_name()}, {gpu}" if gpu else processor_name()


def _rails(hwmon: Path) -> dict[str, tuple[Path, Path]]:
    found: dict[str, tuple[Path, Path]] = {}
    for chip in sorted(hwmon.glob("hwmon*")):
        name = chip / "name"
        if not name.is_file() or name.read_text(encoding="ascii").strip() != "ina3221":
            continue
        for channel in (1, 2, 3):
            label = chip / f"in{channel}_label"
            pair = (chip / f"in{channel}_input", chip / f"curr{channel}_input")
            if label.is_file() and all(path.is_file() for path in pair):
                found[label.read_text(encoding="ascii").strip()] = pair
    return found
