"""A service's log, written by a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain.errors import UsageError
from pain.log import set_up_logging, without_secrets

CANARY = "c4n4ry-77"
ROOT = Path(__file__).parents[2]

SCRIPT = """
import logging, sys, threading
from pain.log import hide, set_up_logging
set_up_logging("info", sys.argv[1])
hide(["c4n4ry-77"])
log = logging.getLogger("room")
log.info("begin c4n4ry-77 end")
log.debug("not shown")
try:
    raise ValueError("rtsp://user:c4n4ry-77@host")
except ValueError:
    log.exception("it failed")
def fail():
    raise RuntimeError("thread c4n4ry-77")
thread = threading.Thread(target=fail, name="worker-c4n4ry-77")
thread.start()
thread.join()
raise OSError("last c4n4ry-77")
"""


def said(form: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, form], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 1
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize("form", ["human", "json"])
def test_no_line_and_no_traceback_shows_a_secret(form: str):
    text = said(form)
    assert CANARY not in text
    for words in ("begin *** end", "rtsp://user:***@host", "thread ***", "last ***", "Traceback"):
        assert words in text
    assert "not shown" not in text


def test_json_lines_are_objects_with_a_moment_and_the_trace():
    lines = [json.loads(line) for line in said("json").splitlines()]
    assert [line["level"] for line in lines] == ["info", "error", "critical", "critical"]
    assert lines[0]["message"] == "begin *** end"
    assert lines[0]["at"].endswith("+00:00")
    assert "ValueError" in lines[1]["trace"]


@pytest.mark.parametrize(
    ("level", "form", "says"), [("loud", "human", "--log-level"), ("info", "xml", "--log-format")]
)
def test_another_word_is_refused(level: str, form: str, says: str):
    with pytest.raises(UsageError, match=says):
        set_up_logging(level, form)


@given(st.text(max_size=300))
def test_without_secrets_nothing_changes(text: str):
    assert without_secrets(text) == text


QUOTED = 'c4n"ry\\77'
QUOTED_SCRIPT = """
import logging, sys
from pain.log import hide, set_up_logging
set_up_logging("info", sys.argv[1])
hide([sys.argv[2]])
log = logging.getLogger("room")
try:
    raise ValueError("rtsp://user:" + sys.argv[2] + "@host")
except ValueError:
    log.exception("begin %s end", sys.argv[2])
"""


@pytest.mark.parametrize("form", ["human", "json"])
def test_a_secret_with_quotes_is_hidden_however_the_line_is_written(form: str):
    text = subprocess.run(
        [sys.executable, "-c", QUOTED_SCRIPT, form, QUOTED],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stderr
    assert "begin *** end" in text
    assert "rtsp://user:***@host" in text
    assert QUOTED not in text
    assert json.dumps(QUOTED)[1:-1] not in text
