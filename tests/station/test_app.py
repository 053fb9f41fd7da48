"""The station whole, without its board: real mosquitto, real database."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import create_engine, select

from pain.alarms import AlarmState, Condition, Signal
from pain.clock import SystemClock
from pain.topics import station_heartbeat
from pain.wire import Availability, HeartbeatPayload
from station import app as app_module
from station.app import StationApp
from station.config import StationConfig
from station.live import rooms as rooms_module
from station.live.values import Absence
from station.ports import OrderState, Station, Trouble
from station.run import running, storage_url
from station.store import open_engine
from station.store import writer as writer_module
from station.store.tables import AuditRow
from tests.brokers import PATIENCE_S
from tests.station.conftest import level_of, listening, now, say, until
from tests.station.faulty import Faulty
from tests.station.messages import OTHER, ROOM, alarm, alarm_event, answer, reading, status

HEARTBEAT = station_heartbeat(ROOM.site, "ward-2")


def kept(app: Station) -> list[UUID]:
    since = now() - timedelta(hours=1)
    return [stored.event.id for stored in app.archive.events(None, since=since, limit=10_000)]


@pytest.mark.parametrize("protocol", ["auto", "3.1.1"])
async def test_what_a_room_says_is_shown_and_its_event_is_kept(make_config, box, protocol):
    event = alarm_event()
    async with listening(make_config(mqtt={"protocol": protocol})) as app:
        heard: list[object] = []
        end = app.on_change(heard.append)
        say(box, "status", status("Room 12", at=now()), retain=True)
        say(box, "alarm/pain_severe", alarm(), retain=True)
        say(box, "reading", reading(5.5, at=now(), life_s=60))
        say(box, "event", event)
        await until(lambda: level_of(app) == 5.5)
        shown = app.room(ROOM)
        assert shown.name == "Room 12"
        assert shown.alarms[Condition.PAIN_SEVERE].state is AlarmState.ON
        assert ROOM in heard
        end()
        await until(lambda: kept(app) == [event.id])
        assert app.troubles == frozenset()


async def test_an_event_that_comes_three_times_is_kept_once(make_config, box):
    event, last = alarm_event(), alarm_event()
    async with listening(make_config()) as app:
        for _ in range(3):
            say(box, "event", event)
        say(box, "event", last)
        await until(lambda: last.id in kept(app))
        assert sorted(kept(app)) == sorted([event.id, last.id])


async def test_events_of_the_time_in_which_the_station_was_away_are_fetched(make_config, box):
    config = make_config()
    events = [alarm_event() for _ in range(60)]
    async with listening(config):
        pass
    for event in events:
        say(box, "event", event)
    async with listening(config) as app:
        await until(lambda: len(kept(app)) == 60)
        assert kept(app) == [event.id for event in reversed(events)]


async def test_a_large_site_keeps_its_events_in_postgresql(make_config, box, postgres):
    config = make_config(storage={"url": postgres.new_database()})
    events = [alarm_event() for _ in range(60)]
    async with listening(config):
        pass
    for event in events:
        say(box, "event", event)
    async with listening(config) as app:
        await until(lambda: len(kept(app)) == 60)
        assert kept(app) == [event.id for event in reversed(events)]


BAD = [
    ("reading", "<script>alert(1)</script>"),
    ("reading", '{"level": "high"}'),
    ("reading", "x" * 70_000),
    ("status", status("<img src=x onerror=alert(1)>").model_dump_json()),
    ("event", "x" * 70_000),
    ("event", '{"kind":"alarm","id":1}'),
    ("alarm/nonsense", "{}"),
]


async def test_bad_messages_are_refused_counted_and_audited_and_harm_nothing(
    make_config, box, caplog
):
    event = alarm_event()
    async with listening(make_config()) as app:
        say(box, "reading", reading(2.0, at=now(), life_s=60))
        for leaf, payload in BAD:
            say(box, leaf, payload)
        box.publish("painwatch/elm-court/<script>/reading", "{}")
        say(box, "event", event)
        await until(lambda: kept(app) == [event.id])
        await until(lambda: app.refused == len(BAD) + 1)
        await until(lambda: level_of(app) == 2.0)
        await until(lambda: app.room(ROOM).unreadable == len(BAD))
        assert [shown.key for shown in app.rooms()] == [ROOM]
        assert app.room(ROOM).name == ROOM.room
    assert "alert(1)" not in caplog.text
    assert "xxxx" not in caplog.text


async def test_rooms_beyond_all_reason_are_refused_and_known_ones_go_on(
    make_config, box, monkeypatch
):
    monkeypatch.setattr(rooms_module, "MOST_ROOMS", 1)
    async with listening(make_config()) as app:
        say(box, "reading", reading(2.0, at=now(), life_s=60))
        await until(lambda: level_of(app) == 2.0)
        invented = reading(6.0, at=now(), life_s=60).model_dump_json()
        box.publish("painwatch/elm-court/invented/reading", invented)
        await until(lambda: app.refused == 1)
        say(box, "reading", reading(3.0, at=now(), life_s=60))
        await until(lambda: level_of(app) == 3.0)
        assert [shown.key for shown in app.rooms()] == [ROOM]


class TestOrders:
    """Commands go out signed and come back answered."""

    async def give(self, app, box, accepted, **changes):
        """Give an order and answer it as the room's box would."""
        order = asyncio.create_task(app.orders.acknowledge(ROOM, None, person="nurse-7"))
        command = await asyncio.to_thread(box.wait_for, _command("acknowledge"))
        say(box, "event", answer(command, accepted=accepted, **changes))
        return await order

    async def test_an_accepted_one(self, make_config, box):
        async with listening(make_config(mqtt={"command_timeout_s": 20})) as app:
            outcome = await self.give(app, box, accepted=True)
        assert outcome.state is OrderState.ACCEPTED
        (heard,) = box.on("painwatch/elm-court/room-12/command/acknowledge")
        assert '"person":"nurse-7"' in heard.text
        assert (heard.qos, heard.retain) == (1, False)
        assert heard.expiry_s <= 30

    async def test_a_refused_one_brings_the_rooms_words(self, make_config, box):
        async with listening(make_config(mqtt={"command_timeout_s": 20})) as app:
            outcome = await self.give(app, box, accepted=False, reason="nothing is signalled")
        assert (outcome.state, outcome.reason) == (OrderState.REFUSED, "nothing is signalled")

    async def test_one_that_nobody_answers_times_out_and_a_late_answer_is_kept(
        self, make_config, box
    ):
        async with listening(make_config()) as app:
            outcome = await app.orders.pause(
                ROOM, until=now() + timedelta(minutes=5), person="nurse-7"
            )
            assert outcome.state is OrderState.TIMED_OUT
            late = answer(box.wait_for(_command("pause")), command="pause")
            say(box, "event", late)
            await until(lambda: kept(app) == [late.id])

    async def test_another_rooms_answer_does_not_count(self, make_config, box):
        async with listening(make_config()) as app:
            order = asyncio.create_task(app.orders.resume(OTHER, person="nurse-7"))
            command = await asyncio.to_thread(
                box.wait_for, partial(_any, "painwatch/elm-court/room-14/command/resume")
            )
            say(box, "event", answer(command, command="resume"))
            assert (await order).state is OrderState.TIMED_OUT

    async def test_without_the_broker_nothing_is_sent_and_nothing_comes_later(
        self, make_config, broker, box
    ):
        async with listening(make_config(mqtt={"command_timeout_s": 20})) as app:
            broker.stop()
            await until(lambda: not app.connected)
            outcome = await app.orders.set_baseline(ROOM, person="nurse-7")
            assert outcome.state is OrderState.NOT_SENT
            broker.start()
            await until(lambda: app.connected)
            assert (await self.give(app, box, accepted=True)).state is OrderState.ACCEPTED
            assert box.on("painwatch/elm-court/room-12/command/set_baseline") == []

    async def test_a_person_without_an_id_cannot_give_one(self, make_config, box):
        async with listening(make_config()) as app:
            with pytest.raises(ValueError, match="person"):
                await app.orders.resume(ROOM, person="")


def _command(name: str):
    return partial(_any, f"painwatch/elm-court/room-12/command/{name}")


def _any(topic, messages) -> UUID | None:
    for heard in messages:
        if heard.topic == topic:
            return UUID(json.loads(heard.text)["id"])
    return None


class TestBroker:
    async def test_one_that_is_lost_makes_every_room_unknown_until_it_is_back(
        self, make_config, broker, box
    ):
        event = alarm_event()
        async with listening(make_config()) as app:
            heard: list[object] = []
            app.on_change(heard.append)
            say(box, "alarm/pain_severe", alarm(), retain=True)
            say(box, "reading", reading(5.0, at=now(), life_s=600))
            await until(lambda: level_of(app) == 5.0)
            broker.stop()
            await until(lambda: Trouble.BROKER_LOST in app.troubles)
            shown = app.room(ROOM)
            assert (shown.level, shown.reading) == (None, None)
            assert shown.absence is Absence.STATION_OFFLINE
            assert None in heard
            broker.start()
            await until(lambda: app.connected)
            assert level_of(app) is None
            say(box, "alarm/pain_severe", alarm(state=AlarmState.OFF, signal=Signal.SILENT))
            say(box, "event", event)
            await until(lambda: kept(app) == [event.id])
            await until(lambda: app.room(ROOM).alarms == {})
            await until(lambda: app.troubles == frozenset())

    async def test_one_that_is_absent_at_the_start_is_waited_for(self, make_config, broker):
        broker.kill()  # a mosquitto that has just started can miss a SIGTERM
        async with running(make_config()) as app:
            await until(lambda: app.failure)
            assert Trouble.BROKER_LOST in app.troubles
            broker.start()
            await until(lambda: app.connected)
            await until(lambda: app.troubles == frozenset())


async def test_events_that_are_not_fetched_are_trouble_though_rooms_are_shown(
    make_config, monkeypatch
):
    monkeypatch.setattr(app_module, "GRACE_S", 0.1)
    async with listening(make_config()) as app:
        await asyncio.to_thread(app._archive_link.stop)
        await until(lambda: app.troubles == {Trouble.EVENTS_NOT_HEARD})
        assert app.connected


async def test_each_start_is_kept_with_the_last_sign_of_life_before_it(make_config):
    config = make_config()
    for _ in range(2):
        async with listening(config):
            pass
    engine = open_engine(storage_url(config.storage))
    with engine.connect() as connection:
        starts = connection.scalars(
            select(AuditRow.detail).where(AuditRow.action == "station_started")
        ).all()
    engine.dispose()
    first, second = (json.loads(detail) for detail in starts)
    assert first == {"station": "ward-2", "last_alive": None}
    assert second["last_alive"] is not None


class TestHeartbeat:
    async def test_says_that_the_station_listens_and_is_taken_back_at_the_end(
        self, make_config, box
    ):
        async with listening(make_config()):
            heard = await asyncio.to_thread(
                box.wait_for, lambda messages: [m for m in messages if m.topic == HEARTBEAT]
            )
            beat = HeartbeatPayload.model_validate_json(heard[0].payload)
            assert beat.expires_at - beat.at == timedelta(seconds=4)
            assert heard[0].retain
            assert heard[0].expiry_s == 4
        await asyncio.to_thread(box.wait_for_text, HEARTBEAT, "")

    async def test_stops_while_nothing_can_be_kept(self, make_config, box, monkeypatch):
        monkeypatch.setattr(writer_module, "AGAIN_S", 0.05)
        event = alarm_event()
        async with listening(make_config()) as app:
            await asyncio.to_thread(
                box.wait_for, lambda messages: any(m.topic == HEARTBEAT for m in messages)
            )
            faulty = Faulty(app.engine)
            say(box, "event", event)
            await until(lambda: Trouble.STORAGE_FAILS in app.troubles)
            box.clear()
            say(box, "alarm/pain_severe", alarm())
            say(box, "reading", reading(4.0, at=now(), life_s=60))
            await until(lambda: level_of(app) == 4.0)
            assert Condition.PAIN_SEVERE in app.room(ROOM).alarms
            # Two beats would have come in this time.
            await asyncio.to_thread(_hear_for, box, 2.2)
            assert box.on(HEARTBEAT) == []
            faulty.mend()
            await until(lambda: app.troubles == frozenset())
            await until(lambda: kept(app) == [event.id])
            await asyncio.to_thread(
                box.wait_for, lambda messages: any(m.topic == HEARTBEAT for m in messages)
            )

    async def test_stops_when_time_stands_still_for_the_board(self, make_config, box, monkeypatch):
        monkeypatch.setattr(app_module, "STALLED_S", 1.0)
        async with listening(make_config()) as app:
            await asyncio.to_thread(
                box.wait_for, lambda messages: any(m.topic == HEARTBEAT for m in messages)
            )
            # The event loop hangs, as it would in a page that never returns.
            deadline_s = time.monotonic() + PATIENCE_S
            while app._listening():
                assert time.monotonic() < deadline_s
                time.sleep(0.05)  # noqa: ASYNC251  the point of the test
            box.clear()
            _hear_for(box, 2.2)
            assert box.on(HEARTBEAT) == []


async def test_housekeeping_that_fails_is_told_and_ends_no_watching(
    make_config, box, monkeypatch, caplog
):
    async with listening(make_config()) as app:
        with monkeypatch.context() as broken:
            broken.setattr(app._rooms, "tick", lambda _now: 1 / 0)
            await until(lambda: "housekeeping failed" in caplog.text)
        say(box, "reading", reading(2.0, at=now(), life_s=60))
        await until(lambda: level_of(app) == 2.0)


async def test_rooms_are_judged_while_old_records_are_deleted(make_config, box, monkeypatch):
    began, go_on = threading.Event(), threading.Event()

    def forget(*_: object, **__: object) -> int:
        began.set()
        go_on.wait(PATIENCE_S)
        return 0

    monkeypatch.setattr(app_module, "forget_old", forget)
    try:
        async with listening(make_config(board={"silent_after_s": 2.0})) as app:
            await until(began.is_set)
            say(box, "reading", reading(2.0, at=now(), life_s=60))
            await until(lambda: level_of(app) == 2.0)
            await until(lambda: app.room(ROOM).silent_since)
            assert level_of(app) is None
            assert not go_on.is_set()
            go_on.set()
    finally:
        go_on.set()


def _hear_for(box, seconds: float) -> None:
    with box._changed:
        box._changed.wait_for(lambda: any(m.topic == HEARTBEAT for m in box.messages), seconds)


async def test_a_room_that_falls_silent_is_announced_and_kept(make_config, box):
    config = make_config(board={"silent_after_s": 2.0}, rooms=[{"id": OTHER.room}])
    async with listening(config) as app:
        say(box, "availability", Availability.ONLINE.value, retain=True)
        say(box, "reading", reading(2.0, at=now(), life_s=60))
        await until(lambda: level_of(app) == 2.0)
        await until(lambda: app.room(ROOM).silent_since)
        assert app.room(ROOM).absence is Absence.SILENT
        assert app.room(OTHER).silent_since
        say(box, "reading", reading(2.0, at=now(), life_s=60))
        await until(lambda: level_of(app) == 2.0)

        def ended():
            silences = app.archive.silences(None, since=now() - timedelta(minutes=1))
            return {silence.key: silence.until is not None for silence in silences} == {
                ROOM: True,
                OTHER: False,
            }

        await until(ended)


async def test_a_page_that_fails_blinds_no_other(make_config, box, caplog):
    async with listening(make_config()) as app:
        heard: list[object] = []

        def fail(_key: object) -> None:
            raise RuntimeError("a page of a browser that has gone")

        app.on_change(fail)
        app.on_change(heard.append)
        say(box, "reading", reading(2.0, at=now(), life_s=60))
        await until(lambda: ROOM in heard)
    assert "a listener failed" in caplog.text


def test_the_app_is_a_station():
    config = StationConfig.model_validate(
        {"site": ROOM.site, "station": "ward-2", "mqtt": {"host": "localhost"}}
    )
    station: Station = StationApp(config, create_engine("sqlite://"), clock=SystemClock())
    assert station.rooms() == []
    assert station.room(ROOM) is None
