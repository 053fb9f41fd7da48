from __future__ import annotations

import io

import pytest

from edge.worker.chatter import LINES_AT_ONCE, LONGEST_LINE, Chatter

CANARY = "c4n4ry"


def passed_on(text: bytes, capsys: pytest.CaptureFixture[str]) -> str:
    chatter = Chatter(io.BytesIO(text), room="room-1", secrets=(CANARY,))
    chatter.start()
    chatter.join(10.0)
    return capsys.readouterr().err


def test_lines_of_native_libraries_come_without_secrets(capsys: pytest.CaptureFixture[str]):
    said = passed_on(f"[rtsp] rtsp://u:{CANARY}@h: 401\nnext\nlast".encode(), capsys)
    assert said == "[rtsp] rtsp://u:***@h: 401\nnext\nlast\n"


def test_bytes_that_are_no_text_do_not_end_it(capsys: pytest.CaptureFixture[str]):
    assert passed_on(b"\xff\xfe\nafter\n", capsys).endswith("after\n")


def test_a_flood_is_cut(capsys: pytest.CaptureFixture[str]):
    said = passed_on(b"noise\n" * 50_000, capsys)
    assert LINES_AT_ONCE <= said.count("noise") < 1_000


def test_an_endless_line_is_passed_on_in_pieces(capsys: pytest.CaptureFixture[str]):
    said = passed_on(b"x" * (3 * LONGEST_LINE), capsys)
    assert max(map(len, said.splitlines())) == LONGEST_LINE
