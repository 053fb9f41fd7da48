from hypothesis import given
from hypothesis import strategies as st

from edge.gateway.restart import (
    FIRST_DELAY_S,
    HEALTHY_AFTER_S,
    LONGEST_DELAY_S,
    RestartPolicy,
)


def crash_at_once(policy: RestartPolicy, at_s: float) -> float:
    policy.started(at_s)
    return policy.lost(at_s)


def test_delays_double_up_to_a_limit_and_never_give_up():
    policy = RestartPolicy()
    delays = [crash_at_once(policy, float(at)) for at in range(10)]
    assert delays[:4] == [0.25, 0.5, 1.0, 2.0]
    assert delays[-1] == LONGEST_DELAY_S
    assert policy.restarts == 10


def test_a_worker_that_ran_long_enough_is_started_again_quickly():
    policy = RestartPolicy()
    for at in range(5):
        crash_at_once(policy, float(at))
    policy.started(100.0)
    assert policy.lost(100.0 + HEALTHY_AFTER_S) == FIRST_DELAY_S


def test_nothing_is_due_while_a_worker_runs():
    policy = RestartPolicy()
    policy.started(0.0)
    assert not policy.due(1e9)
    policy.lost(1.0)
    policy.started(5.0)
    assert not policy.due(1e9)


@given(st.lists(st.floats(0.0, 300.0), min_size=1, max_size=30))
def test_a_restart_is_due_exactly_when_its_delay_is_over(lifetimes_s: list[float]):
    policy, now_s = RestartPolicy(), 0.0
    for lifetime_s in lifetimes_s:
        policy.started(now_s)
        now_s += lifetime_s
        delay_s = policy.lost(now_s)
        assert FIRST_DELAY_S <= delay_s <= LONGEST_DELAY_S
        assert not policy.due(now_s + delay_s * 0.99)
        assert policy.due(now_s + delay_s)
        now_s += delay_s
