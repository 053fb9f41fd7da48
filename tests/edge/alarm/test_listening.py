"""When nobody listens."""

from __future__ import annotations

import pytest

from edge.alarm.listening import ListeningWatch
from edge.config import AlarmsConfig

CONFIG = AlarmsConfig(nobody_listening_after_s=60)
NEVER = float("-inf")


@pytest.fixture
def watch() -> ListeningWatch:
    return ListeningWatch(CONFIG, expected=True, start_s=0.0)


def present(watch: ListeningWatch, at_s: float, *, connected: bool = True, until_s: float) -> bool:
    return watch.judge(at_s, connected=connected, until_s=until_s).present


def test_a_station_that_never_spoke_is_missed_after_the_limit(watch):
    assert not present(watch, 0, until_s=NEVER)
    assert not present(watch, 59.9, until_s=NEVER)
    assert present(watch, 60, until_s=NEVER)


def test_the_limit_begins_when_the_last_heartbeat_expired(watch):
    assert not present(watch, 10, until_s=40)
    assert not present(watch, 99, until_s=40)
    assert present(watch, 100, until_s=40)
    assert watch.judge(100, connected=True, until_s=40).onset_s == 40


def test_a_heartbeat_ends_it_at_once(watch):
    present(watch, 0, until_s=NEVER)
    assert present(watch, 70, until_s=NEVER)
    assert not present(watch, 71, until_s=101)


def test_without_a_connection_nothing_changes_and_the_limit_begins_with_the_next(watch):
    present(watch, 0, until_s=NEVER)
    assert not present(watch, 500, connected=False, until_s=NEVER)
    assert not present(watch, 510, until_s=NEVER)
    assert not present(watch, 569, until_s=NEVER)
    assert present(watch, 570, until_s=NEVER)
    assert present(watch, 600, connected=False, until_s=NEVER)


def test_no_station_is_missed_where_none_is_expected():
    watch = ListeningWatch(CONFIG, expected=False, start_s=0.0, standing=True)
    assert not present(watch, 1000, until_s=NEVER)


def test_after_a_restart_it_stands_until_a_heartbeat():
    watch = ListeningWatch(CONFIG, expected=True, start_s=0.0, standing=True)
    assert present(watch, 1, connected=False, until_s=NEVER)
    assert present(watch, 2, until_s=NEVER)
    assert not present(watch, 3, until_s=33)
