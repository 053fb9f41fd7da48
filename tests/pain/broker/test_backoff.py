from __future__ import annotations

from pain.broker.backoff import Backoff


def test_delays_double_up_to_the_cap_with_jitter_below() -> None:
    backoff = Backoff(first_s=0.5, longest_s=30.0)
    ceilings = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    for ceiling in ceilings:
        assert ceiling / 2 <= backoff.next_s() <= ceiling


def test_two_boxes_do_not_wait_alike() -> None:
    assert len({Backoff().next_s() for _ in range(10)}) > 1


def test_reset_begins_anew() -> None:
    backoff = Backoff(first_s=0.5, longest_s=30.0)
    for _ in range(6):
        backoff.next_s()
    backoff.reset()
    assert backoff.next_s() <= 0.5
