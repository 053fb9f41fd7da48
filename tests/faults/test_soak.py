"""A day in the life of a room, and of a daemon: memory and open files do not grow."""

from __future__ import annotations

import csv
import gc
import logging
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli import bench_app
from pain.values import Reason, Unavailable
from tests.edge.gateway.test_room import Room, score

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]

HOURS = 24
FPS = 1.0
"""A reading a second of virtual time: a day of 25 a second would take an hour of CPU. What is kept
for each reading, event or silence shows all the same."""

GROWTH_BLOCKS = 1_000
"""One object kept for every reading of twenty hours would be 60,000 blocks of memory."""


def hour(room: Room) -> None:
    """An hour of a resident: calm, pain, turned away, nobody there, a dead camera."""
    room.live(score(0.5), for_s=1500, fps=FPS)
    room.live(score(5.5), for_s=60, fps=FPS)
    room.live(score(1.0), for_s=600, fps=FPS)
    room.live(Unavailable(reason=Reason.TURNED_AWAY), for_s=600, fps=FPS)
    room.live(score(3.5), for_s=40, fps=FPS)
    room.live(Unavailable(reason=Reason.NO_FACE), for_s=500, fps=FPS)
    room.silent(for_s=100)
    room.live(score(0.2), for_s=200, fps=FPS)


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_a_day_leaves_nothing_behind_in_a_room() -> None:
    room = Room()
    gc.collect()  # what tests before this one left to the collector
    descriptors = open_files()
    kept: list[int] = []
    events = 0
    logging.disable()  # pytest keeps every line
    try:
        for _ in range(HOURS):
            hour(room)
            events += len(room.wire.events())
            room.wire.said.clear()
            gc.collect()
            kept.append(sys.getallocatedblocks())
    finally:
        logging.disable(logging.NOTSET)
    growth = kept[-1] - kept[3]
    assert events >= 4 * HOURS, "a day of pain and faults made hardly any event"
    assert growth < GROWTH_BLOCKS, kept
    assert open_files() <= descriptors


def test_the_soak_bench_watches_the_real_daemon(tmp_path: Path) -> None:
    out = tmp_path / "soak.csv"
    arguments = ["soak", "--minutes", "0.1", "--every-s", "2", "--out", str(out)]
    result = CliRunner().invoke(bench_app, arguments)
    assert result.exit_code == 0, result.output
    with out.open() as file:
        rows = list(csv.DictReader(file))
    for process in ("gateway", "worker"):
        of_it = [row for row in rows if row["process"] == process]
        assert len(of_it) >= 4
        assert {int(row["fds"]) for row in of_it[1:]} == {int(of_it[-1]["fds"])}
        assert all(float(row["rss_mib"]) > 10 for row in of_it)
    assert out.with_suffix(".png").exists()
