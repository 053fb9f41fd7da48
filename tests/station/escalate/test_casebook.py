"""Who is told when, and when it is over; decided without disk or network."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain.wire import EscalationEnding, EscalationKind
from station.config.escalation import EscalationStep
from station.escalate.casebook import SETTLE_S, Casebook, Decision
from station.escalate.values import Case, Matter, Notice, Sight
from tests.station.messages import ROOM, START, moment

STEPS = (
    EscalationStep(after_s=60.0, to=("pager",)),
    EscalationStep(after_s=180.0, to=("night-lead", "on-call")),
)
PAIN = Matter(key=ROOM, subject="pain_severe")
SEEN = Sight(
    matter=PAIN, name="Room 12", onset_at=START, changed_at=START, level=5.4, event_id=uuid4()
)


def look(book: Casebook, seconds: float, *sights: Sight, judgeable: bool = True) -> Decision:
    return book.look(sights, moment(seconds), judgeable=lambda _: judgeable)


def told(decision: Decision) -> list[tuple[EscalationKind, int, str]]:
    return [
        (notice.kind, notice.step, notice.recipient)
        for notice in decision.notices
        if notice.waiting
    ]


def deliver(book: Casebook, decision: Decision) -> list[Notice]:
    done = [replace(notice, delivered_at=START, attempts=1) for notice in decision.notices]
    for notice in done:
        book.delivered(notice)
    return done


def test_each_step_is_told_once_at_its_time():
    book = Casebook(STEPS)
    assert told(look(book, 59, SEEN)) == []
    assert told(look(book, 60, SEEN)) == [(EscalationKind.ALARM, 1, "pager")]
    assert told(look(book, 179, SEEN)) == []
    assert told(look(book, 180, SEEN)) == [
        (EscalationKind.ALARM, 2, "night-lead"),
        (EscalationKind.ALARM, 2, "on-call"),
    ]
    assert told(look(book, 9999, SEEN)) == []


def test_an_acknowledgement_ends_it_and_tells_those_who_were_told():
    book = Casebook(STEPS)
    deliver(book, look(book, 60, SEEN))
    decision = look(book, 61, replace(SEEN, acknowledged=True))
    assert told(decision) == [(EscalationKind.ALL_CLEAR, 0, "pager")]
    assert [case.ending for case in decision.cases] == [EscalationEnding.ACKNOWLEDGED]
    assert told(look(book, 500, replace(SEEN, acknowledged=True))) == []


def test_who_was_never_reached_gets_no_all_clear_and_no_late_alarm():
    book = Casebook(STEPS)
    look(book, 60, SEEN)
    decision = look(book, 61, replace(SEEN, acknowledged=True))
    assert told(decision) == []
    assert [notice.dropped_at is not None for notice in decision.notices] == [True]


def test_an_alarm_that_is_off_ends_it_only_after_a_while():
    book = Casebook(STEPS)
    deliver(book, look(book, 60, SEEN))
    assert look(book, 61).cases == ()
    decision = look(book, 61 + SETTLE_S)
    assert [case.ending for case in decision.cases] == [EscalationEnding.OVER]
    assert told(decision) == [(EscalationKind.ALL_CLEAR, 0, "pager")]


def test_a_room_that_is_not_heard_goes_on_being_escalated():
    book = Casebook(STEPS)
    look(book, 1, SEEN)
    look(book, 2, judgeable=False)
    assert told(look(book, 60, judgeable=False)) == [(EscalationKind.ALARM, 1, "pager")]


def test_a_pause_holds_steps_back_and_its_end_tells_at_once():
    book = Casebook(STEPS)
    assert told(look(book, 100, replace(SEEN, paused=True))) == []
    assert told(look(book, 101, SEEN)) == [(EscalationKind.ALARM, 1, "pager")]


def test_pain_that_comes_and_goes_unacknowledged_does_not_begin_anew():
    book = Casebook(STEPS)
    look(book, 60, SEEN)
    again = replace(SEEN, onset_at=START + timedelta(seconds=100), event_id=uuid4())
    assert told(look(book, 110, again)) == []
    assert len(told(look(book, 180, again))) == 2


def test_the_highest_level_is_kept_and_outlives_a_restart():
    book = Casebook(STEPS)
    levels = (4.0, 5.9, None, 4.2)
    changed = [look(book, at, replace(SEEN, level=level)).cases for at, level in enumerate(levels)]
    assert [[case.level for case in cases] for cases in changed] == [[4.0], [5.9], [], []]


def test_a_restart_repeats_no_step_and_forgets_none():
    book = Casebook(STEPS)
    first = look(book, 60, SEEN)
    later = Casebook(STEPS, cases=book.cases, notices=deliver(book, first))
    assert told(look(later, 100, SEEN)) == []
    assert len(told(look(later, 180, SEEN))) == 2


AGAIN = replace(
    SEEN, onset_at=START + timedelta(seconds=1000), changed_at=START + timedelta(seconds=1002)
)


def restarted(book: Casebook, first: Decision) -> Casebook:
    return Casebook(STEPS, cases=book.cases, notices=deliver(book, first))


def test_another_onset_after_a_gap_is_no_all_clear():
    book = Casebook(STEPS)
    later = restarted(book, look(book, 180, SEEN))
    decision = look(later, 1060, AGAIN)
    assert told(decision) == []
    assert all(case.ending is None for case in decision.cases)


def test_an_acknowledgement_that_was_missed_ends_the_case_and_newer_pain_is_told_anew():
    book = Casebook(STEPS)
    later = restarted(book, look(book, 60, SEEN))
    look(later, 1010, AGAIN)
    later.acknowledged(PAIN, START + timedelta(seconds=500))
    decision = look(later, 1060, AGAIN)
    assert told(decision) == [
        (EscalationKind.ALL_CLEAR, 0, "pager"),
        (EscalationKind.ALARM, 1, "pager"),
    ]
    assert [case.ending for case in decision.cases] == [EscalationEnding.ACKNOWLEDGED, None]


def test_an_acknowledgement_of_an_earlier_alarm_ends_nothing():
    book = Casebook(STEPS)
    look(book, 1010, AGAIN)
    book.acknowledged(PAIN, START + timedelta(seconds=500))
    assert look(book, 1011, AGAIN).cases == ()


def test_an_acknowledgement_that_comes_before_its_state_opens_no_second_case():
    book = Casebook(STEPS)
    deliver(book, look(book, 60, SEEN))
    book.acknowledged(PAIN, START + timedelta(seconds=61))
    assert [case.ending for case in look(book, 62, SEEN).cases] == [EscalationEnding.ACKNOWLEDGED]
    assert look(book, 300, SEEN).cases == ()


@pytest.mark.parametrize("ahead_s", [0, 3600])
def test_a_clock_of_the_room_that_is_ahead_delays_nothing(ahead_s: int):
    book = Casebook(STEPS)
    sight = replace(SEEN, onset_at=START + timedelta(seconds=ahead_s))
    look(book, 0, sight)
    assert told(look(book, 60, sight)) == [(EscalationKind.ALARM, 1, "pager")]


def test_a_station_clock_that_is_set_back_delays_nothing():
    book = Casebook(STEPS)
    look(book, 0, SEEN)
    set_back = replace(moment(60), wall=START - timedelta(hours=1))
    assert told(book.look([SEEN], set_back, judgeable=lambda _: True)) == [
        (EscalationKind.ALARM, 1, "pager")
    ]


@given(
    st.lists(
        st.tuples(
            st.floats(0.1, 100),
            st.sampled_from(["open", "paused", "acknowledged", "gone", "unheard"]),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_no_step_twice_none_early_and_all_clears_for_the_told_alone(
    looks: list[tuple[float, str, bool]],
):
    book = Casebook(STEPS)
    seconds = 0.0
    seen: set[tuple[object, ...]] = set()
    cases: dict[object, Case] = {}
    reached: set[tuple[object, str]] = set()
    for pause_s, state, restart in looks:
        seconds += pause_s
        sight = replace(SEEN, paused=state == "paused", acknowledged=state == "acknowledged")
        sights = () if state in ("gone", "unheard") else (sight,)
        decision = look(book, seconds, *sights, judgeable=state != "unheard")
        cases.update({case.id: case for case in decision.cases})
        for notice in decision.notices:
            name = (notice.case_id, notice.kind, notice.step, notice.recipient)
            assert name not in seen
            seen.add(name)
            if notice.kind is EscalationKind.ALL_CLEAR:
                assert (notice.case_id, notice.recipient) in reached
                assert cases[notice.case_id].ending is not None
            else:
                assert seconds >= STEPS[notice.step - 1].after_s
                reached.add((notice.case_id, notice.recipient))
        deliver(book, decision)
        if restart:
            kept = [n for notices in book._notices.values() for n in notices]
            book = Casebook(STEPS, cases=book.cases, notices=kept)
