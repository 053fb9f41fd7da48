"""A record on a real disk: what is written, cut, changed and found out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.record.chain import Chain, RecordBusy
from edge.record.entry import Kind, Link, Note
from edge.record.segments import HEAD_FILE, read_head, segments
from edge.record.verify import verify

START = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[3]


def note(number: int, *, at: datetime = START, room: str | None = "room-1") -> Note:
    body = {"number": number, "word": "Müller \N{PILL}"}
    return Note(kind=Kind.ALARM, room=room, at=at, monotonic_s=float(number), body=body)


def chain(folder: Path, *, file_bytes: int = 1_000_000, keep_days: int = 400) -> Chain:
    return Chain(
        folder, boot="b", file_bytes=file_bytes, keep_days=keep_days, now=note(0, room=None)
    )


def written(folder: Path, count: int, *, file_bytes: int = 1_000_000) -> Link:
    with chain(folder, file_bytes=file_bytes) as record:
        for number in range(count):
            record.append([note(number)])
        return record.end


def entries(folder: Path) -> list[dict[str, object]]:
    return [
        json.loads(line) for part in segments(folder) for line in part.path.read_text().splitlines()
    ]


def flaws(folder: Path) -> Sequence[str]:
    return [f"{flaw.file}:{flaw.line}: {flaw.what}" for flaw in verify(folder).flaws]


def test_a_record_goes_on_over_restarts_and_files(tmp_path: Path):
    for _ in range(3):
        end = written(tmp_path, 5, file_bytes=700)
    found = verify(tmp_path)
    assert found.flaws == []
    assert found.entries == 15
    assert found.end == end == read_head(tmp_path)
    assert [entry["seq"] for entry in entries(tmp_path)] == list(range(1, 16))
    assert len(segments(tmp_path)) > 3
    assert {entry["body"]["word"] for entry in entries(tmp_path)} == {"Müller \N{PILL}"}  # type: ignore[index]


def test_an_empty_record_is_whole(tmp_path: Path):
    assert verify(tmp_path).flaws == []
    assert verify(tmp_path / "absent").flaws == []


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("record")
    written(folder, 9, file_bytes=900)
    assert len(segments(folder)) == 3
    assert flaws(folder) == []
    return folder


def copied(folder: Path, to: Path) -> Path:
    to.mkdir(exist_ok=True)
    for old in to.iterdir():
        old.unlink()
    for path in folder.iterdir():
        (to / path.name).write_bytes(path.read_bytes())
    return to


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_is_found(whole: Path, tmp_path: Path, data: st.DataObject):
    folder = copied(whole, tmp_path / "copy")
    path = data.draw(st.sampled_from([part.path for part in segments(folder)]))
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[at]))
    path.write_bytes(content)
    assert flaws(folder)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_lines_taken_out_or_swapped_are_found(whole: Path, tmp_path: Path, data: st.DataObject):
    folder = copied(whole, tmp_path / "copy")
    all_lines = [line for part in segments(folder) for line in part.path.read_bytes().splitlines()]
    one = data.draw(st.integers(0, len(all_lines) - 1))
    other = data.draw(st.integers(0, len(all_lines) - 1))
    if one == other:
        del all_lines[one]
    else:
        all_lines[one], all_lines[other] = all_lines[other], all_lines[one]
    first, *rest = segments(folder)
    for part in rest:
        part.path.unlink()
    first.path.write_bytes(b"\n".join(all_lines) + b"\n")
    assert flaws(folder)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_file_that_is_gone_is_found(whole: Path, tmp_path: Path, number: int):
    folder = copied(whole, tmp_path / "copy")
    segments(folder)[number].path.unlink()
    assert flaws(folder)


def test_lines_cut_off_at_the_end_are_found(whole: Path, tmp_path: Path):
    folder = copied(whole, tmp_path / "copy")
    last = segments(folder)[-1].path
    last.write_bytes(b"".join(last.read_bytes().splitlines(keepends=True)[:-1]))
    assert flaws(folder) == [f"{HEAD_FILE}:None: 1 lines are missing at the end of the record"]


def test_a_head_that_is_gone_is_found(whole: Path, tmp_path: Path):
    folder = copied(whole, tmp_path / "copy")
    (folder / HEAD_FILE).unlink()
    assert flaws(folder) == [f"{HEAD_FILE}:None: is absent or cannot be read"]


def test_an_unfinished_line_is_set_aside_and_told_of(tmp_path: Path):
    written(tmp_path, 2)
    path = segments(tmp_path)[-1].path
    with path.open("ab") as file:
        file.write(b'{"seq":3,"at":"2026')
    assert "unfinished" in flaws(tmp_path)[0]
    written(tmp_path, 1)
    assert flaws(tmp_path) == []
    torn = entries(tmp_path)[2]
    assert torn["kind"] == "torn"
    assert torn["body"]["text"] == '{"seq":3,"at":"2026'  # type: ignore[index]


def test_old_files_go_and_a_line_says_so(tmp_path: Path):
    with chain(tmp_path, keep_days=183) as record:
        for day in (0, 1, 2, 150, 184, 185, 186):
            record.append([note(day, at=START + timedelta(days=day))])
    found = verify(tmp_path)
    assert found.flaws == []
    assert found.first == 4  # days 0, 1 and 2 are gone
    gone = [entry["body"] for entry in entries(tmp_path) if entry["kind"] == "forgotten"]
    assert [body["upto_seq"] for body in gone] == [2, 3]  # type: ignore[index]


def test_a_clock_that_leaps_ahead_for_a_day_deletes_nothing(tmp_path: Path):
    with chain(tmp_path, keep_days=183) as record:
        for day in (0, 1, 2, 4000, 3, 4):
            record.append([note(day, at=START + timedelta(days=day))])
    assert verify(tmp_path).flaws == []
    assert [entry["seq"] for entry in entries(tmp_path)] == [1, 2, 3, 4, 5, 6]


def test_two_processes_do_not_write_one_record(tmp_path: Path):
    with chain(tmp_path), pytest.raises(RecordBusy):
        chain(tmp_path)


@pytest.mark.slow
def test_a_killed_writer_leaves_a_chain_that_goes_on(tmp_path: Path):
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from tests.edge.record.test_chain import chain, note\n"
        "with chain(Path(sys.argv[1]), file_bytes=20_000) as record:\n"
        "    number = 0\n"
        "    while True:\n"
        "        record.append([note(number + step) for step in range(7)])\n"
        "        number += 7\n"
        "        print(number, flush=True)\n"
    )
    told = 0
    for kill in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        with process.stdout:
            for _ in range(3 + 2 * kill):
                told += 7
                assert process.stdout.readline()
            process.send_signal(signal.SIGKILL)
            process.wait()
    with chain(tmp_path):
        pass
    found = verify(tmp_path)
    assert found.flaws == []
    assert found.entries >= told
