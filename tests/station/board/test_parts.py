"""The board's reckoning: episodes, curves, maps of hours, PAINAD, what sounds, what comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from pain.alarms import AlarmState, Condition, Priority, Signal, Trigger
from pain.wire import BaselineState, BaselineStatus, IdentityState, IdentityStatus
from station.board.course import chart, day_table, heat_table, steps
from station.board.episodes import episodes, most_telling, with_peaks
from station.board.heat import LEAST_MINUTES, heat
from station.board.painad import Item, Painad
from station.board.pressing import Sound, paused_until, place_of, sound_of
from station.board.resident import face_line, neutral_line
from station.board.templates import render
from station.board.tiles import reason_of, tile
from station.board.trends import STEP_S, TEN_MINUTES_S, Trends, path
from station.live.bands import Bands
from station.live.values import Absence, Band, RoomSnapshot
from station.ports import Minute, StoredEvent, Told, Verdict
from station.words import Language, words_of
from tests.station.messages import ROOM, START, alarm, alarm_event, moment, reading

ENGLISH = words_of(Language.EN)


def snapshot(**changes: object) -> RoomSnapshot:
    room = RoomSnapshot(
        key=ROOM,
        name="Room 12",
        availability=None,
        reading=None,
        reading_at=None,
        status=None,
        alarms={},
        silent_since=None,
        heard_at=START,
        band=Band.CALM,
        level=0.5,
        absence=None,
        unreadable=0,
    )
    return replace(room, **changes)  # type: ignore[arg-type]


def minute(at_min: float, mean: float | None, *, coverage: float = 0.9) -> Minute:
    return Minute(
        at=START + timedelta(minutes=at_min),
        mean=mean,
        highest=None if mean is None else mean + 0.5,
        coverage=coverage,
        readings=60,
    )


def stored(
    trigger: Trigger, seconds: float, *, present: bool = True, **more: object
) -> StoredEvent:
    event = alarm_event(trigger=trigger).model_copy(
        update={
            "decided_at": START + timedelta(seconds=seconds),
            "present": present,
            "onset_at": START,
            **more,
        }
    )
    return StoredEvent(key=ROOM, event=event, received_at=START)


def drawn(room: RoomSnapshot) -> Markup:
    return tile(
        room,
        words=ENGLISH,
        trends=Trends(),
        moderate_from=3.0,
        now=moment(30),
        told=[Told(recipient="on-call", at=START)],
        linked=True,
    )


@pytest.mark.parametrize(
    ("ahead_s", "words"),
    [
        (0.0, None),
        (
            7200.0,
            "clock is 2\N{NO-BREAK SPACE}h 00\N{NO-BREAK SPACE}min ahead of the station",
        ),
        (
            -7200.0,
            "clock is 2\N{NO-BREAK SPACE}h 00\N{NO-BREAK SPACE}min behind the station",
        ),
    ],
)
def test_a_clock_that_is_not_ours_is_told_and_its_times_are_set_right(ahead_s, words):
    there = timedelta(seconds=ahead_s)
    paused = snapshot(
        clock_ahead_s=ahead_s,
        alarms={
            Condition.NO_FACE: alarm(Condition.NO_FACE).model_copy(
                update={
                    "onset_at": moment(0).wall + there,
                    "paused_until": moment(630).wall + there,
                }
            )
        },
    )
    html = drawn(paused)
    assert "10\N{NO-BREAK SPACE}min left" in html
    assert "for 30\N{NO-BREAK SPACE}s" in html
    assert ("clock is" not in html) if words is None else (words in html)


def test_an_episode_goes_from_onset_to_end_with_who_knew_and_what_it_was():
    onset = replace(stored(Trigger.ONSET, 0), verdict=Verdict.PAIN, verdict_by="nurse-8")
    told = [
        onset,
        stored(Trigger.ACKNOWLEDGED, 40, person="nurse-7", level=5.8),
        stored(Trigger.CLEARED, 90, present=False, level=1.0),
    ]
    [episode] = episodes(told[::-1])
    assert episode.onset_id == onset.event.id
    assert episode.over_at == START + timedelta(seconds=90)
    assert (episode.highest, episode.acknowledged_by) == (5.8, "nurse-7")
    assert (episode.verdict, episode.verdict_by) == (Verdict.PAIN, "nurse-8")
    assert episode.may_be_judged


class PeakArchive:
    def highest(self, key, *, since, until):
        return 5.9 if (since, until) == (START, START + timedelta(seconds=90)) else None


def test_the_highest_level_is_that_of_the_readings_between_its_events():
    told = [stored(Trigger.ONSET, 0), stored(Trigger.CLEARED, 90, present=False, level=1.0)]
    [episode] = with_peaks(episodes(told[::-1]), PeakArchive(), ROOM, now=START)
    assert episode.highest == 5.9
    [early] = with_peaks(episodes(told[:1]), PeakArchive(), ROOM, now=START)
    assert early.highest == 5.2


def test_an_alarm_that_goes_on_has_no_end():
    [episode] = episodes([stored(Trigger.REMINDER, 60), stored(Trigger.ONSET, 0)])
    assert episode.over_at is None


def test_an_alarm_that_came_back_while_latched_goes_on():
    told = [
        stored(Trigger.ONSET, 0),
        stored(Trigger.CLEARED, 30, present=False),
        stored(Trigger.REMINDER, 50, present=True),
    ]
    [episode] = episodes(told[::-1])
    assert episode.over_at is None


def test_without_its_onset_or_of_a_camera_nobody_is_asked_if_it_was_pain():
    [late] = episodes([stored(Trigger.CLEARED, 90, present=False)])
    camera = stored(Trigger.ONSET, 0, condition=Condition.CAMERA_LOST)
    assert not late.may_be_judged
    assert not episodes([camera])[0].may_be_judged


def test_who_often_leaves_the_room_pushes_no_alarm_of_pain_out():
    events = [stored(Trigger.ONSET, 0), stored(Trigger.CLEARED, 30, present=False)] + [
        stored(
            Trigger.ONSET,
            60 * number,
            condition=Condition.NO_FACE,
            onset_at=START + timedelta(minutes=number),
        )
        for number in range(1, 30)
    ]
    chosen = most_telling(episodes(events[::-1]), most=10)
    assert [episode.condition for episode in chosen] == [
        *[Condition.NO_FACE] * 9,
        Condition.PAIN_SEVERE,
    ]
    onsets = [episode.onset_at for episode in chosen]
    assert onsets == sorted(onsets, reverse=True)
    assert onsets[0] == START + timedelta(minutes=29)


def test_heat_gathers_local_hours_and_leaves_thin_ones_empty():
    told = [minute(at, 2.0) for at in range(LEAST_MINUTES)] + [minute(120, 6.0)]
    found = heat(told, ZoneInfo("Europe/Berlin"))
    cell = found[START.weekday()][START.hour + 1]
    assert (cell.mean, cell.minutes) == (2.0, LEAST_MINUTES)
    assert found[START.weekday()][START.hour + 3].mean is None
    assert (len(found), {len(row) for row in found}) == (7, {24})


def test_heat_never_takes_an_unwatched_minute_for_calm():
    found = heat([minute(n, None) for n in range(60)])
    assert all(cell.mean is None for row in found for cell in row)


def test_the_course_has_gaps_where_nothing_is_known():
    until = START + timedelta(minutes=15)
    found = steps([minute(0, 2.0), minute(1, 4.0), minute(6, None)], since=START, until=until)
    assert [step.mean for step in found] == [3.0, None, None]
    assert [step.highest for step in found] == [4.5, None, None]
    assert found[0].coverage == pytest.approx(0.36), "three of its minutes were not watched"
    options = chart(found, ENGLISH, moderate=3.0, night=False)
    assert options["series"][1]["data"] == [3.0, None, None]
    assert options["series"][1]["connectNulls"] is False


def test_the_tables_say_the_same_as_the_pictures():
    told = [minute(n, 2.0) for n in range(10)]
    table = day_table(told, ENGLISH, until=START + timedelta(hours=1))
    assert table.count("<tr>") == 25
    assert "2.0" in table
    assert "2.5" in table
    assert "band-mild" in heat_table(told, ENGLISH, Bands(moderate=3.0, severe=5.0))


def test_painad_has_no_total_before_every_item_is_judged():
    scores = dict.fromkeys(Item, 1)
    assert Painad(scores=scores).total == 5
    for item in Item:
        assert Painad(scores={i: 1 for i in Item if i is not item}).total is None


@given(st.lists(st.one_of(st.none(), st.floats(0, 6)), max_size=150))
def test_a_curve_draws_every_known_level_and_no_other(levels):
    drawn = path(levels)
    assert drawn.count("M") + drawn.count("L") == sum(level is not None for level in levels)
    runs = "".join(" " if level is None else "x" for level in levels).split()
    assert drawn.count("M") == len(runs)
    assert "nan" not in drawn


def test_trends_keep_ten_minutes_and_a_gap_is_a_gap():
    trends = Trends()
    for step in range(int(TEN_MINUTES_S / STEP_S) + 10):
        level = None if step % 10 == 0 else 2.0
        trends.take([snapshot(level=level)], moment(step * STEP_S))
    recent = trends.recent(ROOM, moment((step) * STEP_S))
    assert len(recent) == TEN_MINUTES_S / STEP_S
    assert recent.count(None) == pytest.approx(len(recent) / 10, abs=1)


def test_the_day_keeps_the_highest_of_a_quarter_of_an_hour():
    trends = Trends()
    trends.put_day(ROOM, [minute(-20, 1.0), minute(-18, 4.0), minute(-2000, 6.0)], moment(0))
    day = trends.day(ROOM)
    assert [level for level in day if level is not None] == [4.5]
    assert day[-2] == 4.5


@pytest.mark.parametrize(
    ("alarms", "silent", "sound"),
    [
        ([], False, Sound(priority=None, low=0)),
        ([alarm()], False, Sound(priority=Priority.HIGH, low=0)),
        ([alarm(Condition.PAIN_MODERATE)], False, Sound(priority=Priority.MEDIUM, low=0)),
        ([alarm(state=AlarmState.ACKNOWLEDGED)], False, Sound(priority=None, low=0)),
        ([alarm(signal=Signal.PAUSED)], False, Sound(priority=None, low=0)),
        ([alarm(state=AlarmState.LATCHED)], False, Sound(priority=Priority.HIGH, low=0)),
        ([alarm(Condition.CLOCK_UNSYNCED)], False, Sound(priority=None, low=1)),
        ([], True, Sound(priority=None, low=1)),
    ],
)
def test_what_the_board_sounds_like(alarms, silent, sound):
    room = snapshot(
        alarms={told.condition: told for told in alarms}, silent_since=START if silent else None
    )
    assert sound_of([room]) == sound


def test_need_comes_first_and_names_settle_the_rest():
    moderate = alarm(Condition.PAIN_MODERATE)
    rooms = [
        snapshot(name="Calm 12"),
        snapshot(name="severe alarm", alarms={Condition.PAIN_SEVERE: alarm()}),
        snapshot(name="silent", silent_since=START, band=Band.UNAVAILABLE, level=None),
        snapshot(name="moderate alarm", alarms={Condition.PAIN_MODERATE: moderate}),
        snapshot(name="Calm 2"),
    ]
    names = [room.name for room in sorted(rooms, key=place_of)]
    assert names == ["severe alarm", "moderate alarm", "silent", "Calm 2", "Calm 12"]


def test_a_pause_is_shown_until_its_end_and_no_longer():
    until = START + timedelta(minutes=5)
    paused = alarm(signal=Signal.PAUSED).model_copy(update={"paused_until": until})
    room = snapshot(alarms={Condition.PAIN_SEVERE: paused})
    assert paused_until(room, START) == until
    assert paused_until(room, until) is None


@pytest.mark.parametrize("absence", list(Absence))
def test_every_absence_is_said_in_words_and_shows_no_number(absence):
    room = snapshot(band=Band.UNAVAILABLE, level=None, absence=absence, silent_since=START)
    html = drawn(room)
    assert ENGLISH.absences[absence] in html.unescape()
    assert 'class="number"' not in html
    assert "Also told: on-call" in html
    assert reason_of(room, ENGLISH, START) is not None


def test_what_rooms_say_is_escaped():
    hostile = '"><script>alert(1)</script>'
    told = alarm(Condition.CAMERA_LOST).model_copy(update={"detail": hostile})
    room = snapshot(name=hostile, alarms={Condition.CAMERA_LOST: told}, reading=reading(0.5))
    html = drawn(room)
    assert "<script" not in html
    assert html.unescape().count(hostile) == 2


def test_a_template_that_misses_a_value_is_an_error():
    with pytest.raises(Exception, match="undefined"):
        render("tile.html")


AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "parts"),
    [
        (None, ["No neutral face"]),
        (BaselineStatus(state=BaselineState.NONE), ["No neutral face"]),
        (BaselineStatus(state=BaselineState.MEASURING, until=AT), ["being measured until"]),
        (BaselineStatus(state=BaselineState.FAILED, failure="she talked"), ["failed: she talked"]),
        (
            BaselineStatus(
                state=BaselineState.SET, level=0.8, measured_at=AT, person="admin", drift=0.4
            ),
            ["Neutral level 0.8", "by admin", "+0.4"],
        ),
        (
            # The older one stays in force, and both are told.
            BaselineStatus(
                state=BaselineState.FAILED, failure="she talked", level=0.8, measured_at=AT
            ),
            ["failed: she talked", "Neutral level 0.8"],
        ),
    ],
)
def test_the_neutral_is_said_in_words(status, parts):
    said = neutral_line(status, ENGLISH)
    assert all(part in said for part in parts)


@pytest.mark.parametrize(
    ("status", "parts"),
    [
        (None, ["Everybody's face"]),
        (IdentityStatus(state=IdentityState.ENROLLING, until=AT), ["until", "Everybody's face"]),
        (
            IdentityStatus(state=IdentityState.ENROLLED, enrolled_at=AT, person="admin"),
            ["Only the enrolled face", "by admin"],
        ),
        (
            IdentityStatus(state=IdentityState.FAILED, failure="two faces", kept=True),
            ["failed: two faces", "Everybody's face"],
        ),
    ],
)
def test_whose_face_is_scored_is_said_in_words(status, parts):
    said = face_line(status, ENGLISH)
    assert all(part in said for part in parts)
