"""Which alarms are whose."""

from __future__ import annotations

import pytest

from edge.simulate.judge import GRACE_S, Standing, judge
from edge.simulate.stream import Stream
from pain.values import Reason
from tests.edge.simulate.streams import episode, stream

PAIN = episode(100.0, 130.0, 4.0)
MILD = episode(300.0, 330.0, 2.0)


def seen(now_s: float) -> float | Reason:
    return Reason.NO_FACE if 200 <= now_s < 220 else 1.0


DAY = stream(seen, length_s=400.0, episodes=(PAIN, MILD))


def alarm(decided_s: float, *, ended_s: float | None = None) -> Standing:
    return Standing(onset_s=decided_s - 2, decided_s=decided_s, ended_s=ended_s or decided_s + 10)


@pytest.mark.parametrize(
    ("alarms", "found", "standing", "false", "mild"),
    [
        ([], False, False, 0, 0),
        ([alarm(103.0)], True, False, 0, 0),
        ([alarm(103.0), alarm(125.0)], True, False, 0, 0),
        ([alarm(130.0 + GRACE_S)], True, False, 0, 0),
        ([alarm(131.0 + GRACE_S)], False, False, 1, 0),
        ([alarm(50.0)], False, False, 1, 0),
        ([alarm(50.0, ended_s=120.0)], False, True, 1, 0),
        ([alarm(305.0)], False, False, 0, 1),
    ],
    ids=["none", "hit", "repeated", "just after", "late", "before", "stood", "mild"],
)
def test_an_alarm_belongs_to_the_episode_in_which_it_is_decided(
    alarms: list[Standing], *, found: bool, standing: bool, false: int, mild: int
):
    verdict = judge(DAY, alarms, limit=3.0)
    (outcome,) = verdict.outcomes
    assert (outcome.found, outcome.standing) == (found, standing)
    assert outcome.delay_s == (alarms[0].decided_s - 100.0 if found else None)
    assert verdict.false.total() == false
    assert verdict.mild == mild
    assert verdict.alarms == len(alarms)


def test_a_false_alarm_is_put_down_to_what_was_seen():
    assert judge(DAY, [alarm(50.0)], limit=3.0).false == {"neutral": 1}


def test_where_the_truth_is_not_known_no_alarm_is_called_found():
    recorded = Stream(
        at_s=DAY.at_s,
        outcomes=DAY.outcomes,
        scenes=DAY.scenes,
        episodes=None,
        since_s=DAY.since_s,
        until_s=DAY.until_s,
    )
    verdict = judge(recorded, [alarm(103.0)], limit=3.0)
    assert verdict.outcomes == ()
    assert verdict.alarms == 1


def test_an_episode_out_of_sight_says_so():
    hidden = stream(seen, length_s=400.0, episodes=(episode(200.0, 219.0, 5.0),))
    (outcome,) = judge(hidden, [], limit=3.0).outcomes
    assert outcome.seen_share < 0.1
