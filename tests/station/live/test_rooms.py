"""What a room is shown as, after any messages and any time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pain.alarms import AlarmState, Condition, Signal
from pain.values import Reason
from pain.wire import Availability
from station.live.bands import Bands
from station.live.messages import Cleared, Heard, Leaf, Refusal, Refused
from station.live.rooms import MOST_ROOMS, Changes, Rooms, Rules
from station.live.values import Absence, Band, RoomKey, RoomSnapshot
from tests.station.messages import OTHER, ROOM, START, alarm, alarm_event, moment, reading, status

RULES = Rules(bands=Bands(moderate=3.0, severe=5.0), silent_after_s=10.0)


class Board:
    """Rooms whose clock is turned by hand."""

    def __init__(self, *, expected=None, connected=True, stopped_until=None):
        self.at = 0.0
        self.rooms = Rooms(
            expected=expected or {},
            rules=RULES,
            now=moment(0),
            stopped_until=stopped_until or {},
        )
        if connected:
            self.rooms.link(moment(0), connected=True)

    def hear(self, body, *, key: RoomKey = ROOM) -> Changes:
        return self.rooms.hear(Heard(key=key, body=body), moment(self.at))

    def wait(self, seconds: float) -> Changes:
        self.at += seconds
        return self.rooms.tick(moment(self.at))

    def link(self, *, connected: bool) -> Changes:
        return self.rooms.link(moment(self.at), connected=connected)

    def read(self, level: float | None = 2.0, **changes) -> Changes:
        return self.hear(reading(level, at=moment(self.at).wall, **changes))

    @property
    def shown(self) -> RoomSnapshot:
        found = self.rooms.snapshot(ROOM)
        assert found is not None
        return found


@pytest.mark.parametrize(
    ("level", "band"),
    [
        (0.0, Band.CALM),
        (1.49, Band.CALM),
        (1.5, Band.MILD),
        (2.99, Band.MILD),
        (3.0, Band.MODERATE),
        (4.99, Band.MODERATE),
        (5.0, Band.SEVERE),
        (6.0, Band.SEVERE),
    ],
)
def test_a_level_is_shown_in_its_band(level, band):
    board = Board()
    board.read(level)
    assert (board.shown.level, board.shown.band, board.shown.absence) == (level, band, None)


def test_an_alarm_lasts_since_its_first_onset_until_somebody_acknowledges():
    board = Board()
    since = []
    for state, onset_s in [
        (AlarmState.ON, 0),
        (AlarmState.LATCHED, 0),
        (AlarmState.ON, 50),
        (AlarmState.ACKNOWLEDGED, 50),
        (AlarmState.ACKNOWLEDGED, 50),
        (AlarmState.OFF, 50),
        (AlarmState.ON, 90),
    ]:
        onset = {"onset_at": moment(onset_s).wall}
        board.hear(alarm(Condition.PAIN_SEVERE, state).model_copy(update=onset))
        since.append(board.shown.since.get(Condition.PAIN_SEVERE))
    first, later = moment(0).wall, moment(90).wall
    assert since == [first] * 5 + [None, later]


@pytest.mark.parametrize("reason", Reason)
def test_a_room_without_a_level_is_unavailable_for_its_own_reason(reason):
    board = Board()
    board.read(None, reason=reason)
    shown = board.shown
    assert (shown.level, shown.band, shown.absence) == (None, Band.UNAVAILABLE, None)
    assert shown.reading is not None
    assert shown.reading.reason is reason


def test_a_room_without_a_level_or_a_reason_has_too_few_scores():
    board = Board()
    board.read(None)
    assert board.shown.absence is Absence.FEW_SCORES
    assert board.shown.reading is not None


class TestAbsence:
    def test_a_room_that_only_said_it_is_there_has_no_reading(self):
        board = Board()
        board.hear(Availability.ONLINE)
        assert board.shown.absence is Absence.NO_READING

    @pytest.mark.parametrize(
        ("word", "absence"),
        [
            (Availability.STOPPED, Absence.STOPPED),
            (Availability.OFFLINE, Absence.OFFLINE),
        ],
    )
    def test_a_box_that_went_away_takes_its_level_along_for_good(self, word, absence):
        board = Board()
        board.read(4.0)
        board.hear(word)
        assert (board.shown.absence, board.shown.level) == (absence, None)
        board.hear(Availability.ONLINE)
        assert (board.shown.absence, board.shown.level) == (Absence.NO_READING, None)

    def test_a_level_ends_when_its_reading_runs_out(self):
        board = Board()
        board.read(4.0, life_s=5)
        assert board.wait(4.9) == Changes()
        changes = board.wait(0.1)
        assert changes.rooms == {ROOM}
        assert (board.shown.level, board.shown.reading) == (None, None)
        assert board.shown.absence is Absence.SILENT
        assert board.shown.silent_since is None, "it is announced later"

    def test_a_reading_that_had_expired_on_arrival_is_too_old(self):
        board = Board()
        board.hear(reading(4.0, at=START - timedelta(seconds=60)))
        assert (board.shown.absence, board.shown.level) == (Absence.TOO_OLD, None)

    def test_a_box_whose_clock_is_ahead_cannot_keep_an_old_level_up(self):
        board = Board()
        board.hear(reading(4.0, at=START + timedelta(hours=1), life_s=5))
        assert board.shown.level == 4.0
        board.wait(5.0)
        assert board.shown.level is None

    def test_a_reading_with_a_life_of_a_year_ends_with_the_silence(self):
        board = Board()
        board.hear(reading(4.0, life_s=365 * 86400))
        board.wait(10.0)
        assert (board.shown.absence, board.shown.level) == (Absence.SILENT, None)

    def test_without_the_broker_every_room_is_unknown(self):
        board = Board(expected={OTHER: None})
        board.read(4.0)
        changes = board.link(connected=False)
        assert changes.rooms == {ROOM, OTHER}
        for shown in board.rooms.snapshots():
            assert shown.absence is Absence.STATION_OFFLINE
            assert (shown.level, shown.reading, shown.band) == (None, None, Band.UNAVAILABLE)

    def test_a_level_from_before_a_lost_connection_never_comes_back(self):
        board = Board()
        board.read(4.0, life_s=60)
        board.link(connected=False)
        board.link(connected=True)
        assert (board.shown.absence, board.shown.level) == (Absence.NO_READING, None)


class TestSilence:
    def test_a_room_is_silent_once_after_its_time(self):
        board = Board()
        board.read()
        assert board.wait(9.9).silent == ()
        changes = board.wait(0.2)
        assert changes.silent == ((ROOM, moment(10).wall),)
        assert board.shown.silent_since == moment(10).wall
        assert board.wait(60).silent == ()

    def test_a_room_that_never_spoke_is_silent_too(self):
        board = Board(expected={ROOM: "Room 12"})
        assert board.wait(10).silent == ((ROOM, moment(10).wall),)
        assert board.shown.name == "Room 12"

    def test_a_reading_ends_it(self):
        board = Board()
        board.read()
        board.wait(20)
        changes = board.read(1.0)
        assert changes.speaking == (ROOM,)
        assert (board.shown.silent_since, board.shown.level) == (None, 1.0)
        assert board.read(1.0).speaking == ()

    def test_health_alone_does_not_count_as_being_watched(self):
        board = Board()
        board.read()
        board.wait(9)
        board.hear(status())
        assert board.wait(1).silent

    def test_the_same_word_again_is_no_sign_of_life(self):
        board = Board()
        board.hear(Availability.ONLINE)
        board.wait(9)
        board.hear(Availability.ONLINE)
        assert board.wait(1).silent

    def test_a_box_that_died_is_announced(self):
        board = Board()
        board.read()
        board.hear(Availability.OFFLINE)
        assert board.wait(10).silent
        assert board.shown.absence is Absence.OFFLINE

    def test_the_last_will_of_a_silent_box_does_not_end_the_silence(self):
        board = Board()
        board.read()
        board.wait(10)
        board.wait(60)
        board.hear(Availability.OFFLINE)
        assert board.shown.silent_since == moment(10).wall
        assert board.shown.absence is Absence.OFFLINE
        assert board.wait(10).silent == ()
        board.hear(Availability.ONLINE)
        assert board.shown.silent_since is None

    def test_a_box_of_no_listed_room_that_was_stopped_on_purpose_is_not(self):
        board = Board()
        board.read()
        board.hear(Availability.STOPPED)
        assert board.wait(3600).silent == ()
        assert board.shown.absence is Absence.STOPPED

    @pytest.mark.parametrize(
        ("known_until_s", "silent_from_s"), [(None, 900), (600, 900), (5000, 5000)]
    )
    def test_a_listed_room_that_was_stopped_and_does_not_come_back_is(
        self, known_until_s, silent_from_s
    ):
        until = {} if known_until_s is None else {ROOM: moment(known_until_s).wall}
        board = Board(expected={ROOM: None}, stopped_until=until)
        board.hear(Availability.STOPPED)
        assert board.wait(silent_from_s - 1).silent == ()
        assert board.shown.absence is Absence.STOPPED
        assert board.wait(1).silent == ((ROOM, moment(900).wall),)
        assert board.shown.absence is Absence.SILENT
        board.hear(Availability.ONLINE)
        assert board.shown.silent_since is None

    def test_nobody_is_silent_while_nobody_can_be_heard(self):
        board = Board(expected={ROOM: None}, connected=False)
        assert board.wait(3600).silent == ()
        board.link(connected=True)
        assert board.wait(9.9).silent == ()
        assert board.wait(0.1).silent

    def test_a_silent_room_comes_before_one_in_moderate_pain_without_alarm(self):
        board = Board(expected={OTHER: None})
        board.at = 9.0
        board.read(4.0)
        board.wait(1.0)
        assert [shown.key for shown in board.rooms.snapshots()] == [OTHER, ROOM]


class TestAlarms:
    def test_the_retained_topic_says_how_an_alarm_stands(self):
        board = Board()
        board.hear(alarm(state=AlarmState.ON))
        assert board.shown.alarms[Condition.PAIN_SEVERE].state is AlarmState.ON
        board.hear(alarm(state=AlarmState.OFF, signal=Signal.SILENT))
        assert board.shown.alarms == {}

    def test_an_event_alone_moves_no_alarm(self):
        board = Board()
        board.hear(alarm_event())
        assert board.shown.alarms == {}

    def test_one_that_was_taken_back_is_gone(self):
        board = Board()
        board.hear(alarm())
        board.hear(Cleared(leaf=Leaf.ALARM, condition=Condition.PAIN_SEVERE))
        assert board.shown.alarms == {}

    def test_one_that_stood_outlives_the_connection(self):
        board = Board()
        board.hear(alarm())
        board.link(connected=False)
        assert Condition.PAIN_SEVERE in board.shown.alarms


def test_a_room_is_called_what_its_box_says():
    board = Board(expected={ROOM: "Expected"})
    assert board.shown.name == "Expected"
    board.hear(status("Told"))
    assert board.shown.name == "Told"
    board.hear(Cleared(leaf=Leaf.STATUS))
    assert board.shown.name == "Expected"


def test_what_is_refused_is_counted_where_the_room_is_known():
    board = Board()
    refused = Refused(why=Refusal.NOT_READABLE, key=ROOM, leaf=Leaf.READING)
    board.rooms.hear(refused, moment(0))
    assert board.rooms.snapshot(ROOM) is None
    board.read()
    board.rooms.hear(refused, moment(0))
    assert board.shown.unreadable == 1


def test_invented_rooms_are_limited_in_number():
    board = Board()
    for number in range(MOST_ROOMS + 5):
        board.hear(Availability.ONLINE, key=RoomKey(site="elm-court", room=f"r{number}"))
    assert len(board.rooms.snapshots()) == MOST_ROOMS


steps = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.floats(0, 30)),
        st.tuples(
            st.just("read"),
            st.tuples(st.none() | st.floats(0, 6), st.floats(-100, 100), st.floats(-5, 60)),
        ),
        st.tuples(st.just("say"), st.sampled_from(Availability)),
        st.tuples(st.just("link"), st.booleans()),
        st.tuples(
            st.just("clear"), st.sampled_from([Leaf.AVAILABILITY, Leaf.STATUS, Leaf.READING])
        ),
        st.tuples(st.just("status"), st.none()),
    ),
    max_size=25,
)


@given(steps)
@example([("read", (0.0, 0.0, 12.0)), ("wait", 11.0), ("say", Availability.ONLINE)])
@example([("link", False), ("read", (0.0, 0.0, 12.0)), ("wait", 11.0), ("link", True)])
def test_no_sequence_shows_a_level_that_has_run_out(sequence):
    board = Board()
    last: tuple[float, float] | None = None
    connected = True
    for what, value in sequence:
        if what == "wait":
            board.wait(value)
        elif what == "read":
            level, skew_s, life_s = value
            at = moment(board.at + skew_s).wall
            board.hear(reading(level, at=at, life_s=life_s))
            runs_out = min(skew_s + life_s, life_s, RULES.silent_after_s)
            last = (board.at + runs_out, level if level is not None else -1.0)
        elif what == "say":
            board.hear(value)
            if value is not Availability.ONLINE:
                last = None
        elif what == "link":
            connected = value
            board.link(connected=value)
            if not value:
                last = None
        elif what == "clear":
            board.hear(Cleared(leaf=value))
        else:
            board.hear(status())
        shown = board.rooms.snapshot(ROOM)
        if shown is None or shown.level is None:
            continue
        assert connected
        assert last is not None
        until, level = last
        # Floating-point sums of the test and of the station differ in the last digits.
        assert board.at < until + 1e-5
        assert shown.level == level
        assert shown.availability in (None, Availability.ONLINE)
        assert shown.absence is None
        assert shown.reading is not None


@pytest.mark.parametrize(
    ("ahead_s", "told_s"), [(0, 0), (-1, 0), (9, 0), (7200, 7200), (-7200, -7200)]
)
def test_how_far_the_clock_of_a_box_is_from_ours_is_known_by_its_readings(ahead_s, told_s):
    board = Board()
    board.hear(reading(2.0, at=moment(ahead_s).wall))
    assert board.shown.clock_ahead_s == told_s


@pytest.mark.parametrize("silent", [False, True])
def test_a_room_that_was_taken_back_is_shown_no_longer_unless_it_is_expected(silent):
    for expected in ({}, {ROOM: "Room 12"}):
        board = Board(expected=expected)
        board.read(2.0)
        board.hear(alarm())
        if silent:
            board.wait(11)
        for leaf, condition in ((Leaf.ALARM, Condition.PAIN_SEVERE), (Leaf.STATUS, None)):
            board.hear(Cleared(leaf=leaf, condition=condition))
        changes = board.hear(Cleared(leaf=Leaf.AVAILABILITY, condition=None))
        assert (board.rooms.snapshot(ROOM) is None) is (not expected)
        if not expected:
            assert changes.rooms == {ROOM}
            assert changes.speaking == ((ROOM,) if silent else ()), "its silence is over"
        board.hear(Cleared(leaf=Leaf.STATUS, condition=None))
        assert (board.rooms.snapshot(ROOM) is None) is (not expected)
